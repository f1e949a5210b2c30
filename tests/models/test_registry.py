"""Architectures and detectors by name."""

import hashlib
import subprocess
import sys

import pytest

from platestream.core.errors import ConfigError
from platestream.models.bundle import load_networks
from platestream.models.cards import WEIGHTS_DIR, list_models
from platestream.models.detector import OnnxDetector
from platestream.models.registry import (
    ARCHITECTURES,
    DEFAULT_DETECTOR,
    DETECTORS,
    check_detector,
    checksums,
    choose_detector,
)


def test_checksums_are_those_of_the_files_that_read() -> None:
    found = checksums("nano", DEFAULT_DETECTOR)
    assert set(found) == {"corners", "detector", "quality-nano", "reader-nano", "reader-p"}
    for name, checksum in found.items():
        assert hashlib.sha256((WEIGHTS_DIR / f"{name}.onnx").read_bytes()).hexdigest() == checksum
    assert set(checksums("s", "open-image-models:x")) == {"quality-s", "reader-s"}


def test_the_weights_of_every_architecture_ship() -> None:
    named = {
        name for of in ARCHITECTURES.values() for name in (of.reader, of.quality, of.second) if name
    }
    assert named <= set(list_models())


def test_an_unknown_architecture_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no architecture 'nao'; did you mean nano"):
        load_networks("nao")


def test_our_own_detector_is_one_of_them() -> None:
    assert isinstance(choose_detector("platestream", size_px=320), OnnxDetector)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("platstream", "no detector 'platstream'; did you mean platestream"),
        ("open-image-model:x", "no detector 'open-image-model'; did you mean open-image-models"),
        ("open-image-models", "write open-image-models:MODEL"),
        ("open-image-models:", "write open-image-models:MODEL"),
        ("platestream:small", "has no models to choose from; write platestream"),
        ("", "no detector ''; choose one of platestream, open-image-models"),
    ],
)
def test_a_name_that_makes_no_sense_says_what_would(name: str, says: str) -> None:
    for use in (check_detector, choose_detector):
        with pytest.raises(ConfigError, match=says):
            use(name)


def test_one_of_another_package_is_that_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_detector("open-image-models:any") == "open-image-models:any"
    monkeypatch.setitem(sys.modules, "open_image_models.detection.core.hub", None)
    with pytest.raises(ConfigError, match="pip install"):
        choose_detector("open-image-models:any")


def test_to_know_the_names_loads_nothing_heavy() -> None:
    code = """
import sys, platestream.models.registry, platestream.stream.registry
print([m for m in ("onnxruntime", "cv2", "av") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert set(DETECTORS) == {"platestream", "open-image-models"}
