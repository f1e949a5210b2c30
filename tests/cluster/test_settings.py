"""What a run's readings depend on, and what only its speed does."""

import pytest

from platestream.cluster.settings import ReadSettings, make_reader
from platestream.core.errors import ConfigError


def test_what_only_makes_a_run_faster_is_no_part_of_its_fingerprint() -> None:
    faster = ReadSettings(threads=4, device="cuda", decoder="auto")
    assert faster.fingerprint() == ReadSettings().fingerprint()
    assert ReadSettings(detector_size=320).fingerprint() != faster.fingerprint()


def test_a_decoder_that_is_none_is_named_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match="no decoder 'cud'; did you mean cuda"):
        make_reader(ReadSettings(decoder="cud", models="nowhere"))
