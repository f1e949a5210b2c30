from pathlib import Path

import pytest

from platestream.core.errors import ConfigError, DataError
from platestream.lab.data.sample import (
    Sample,
    box_from_xywh,
    select,
    split_from_folders,
)


def test_a_box_of_no_area_is_refused() -> None:
    assert box_from_xywh(10, 20, 30, 40) == (10, 20, 40, 60)
    for width, height in [(0, 5), (5, 0), (-1, 5)]:
        with pytest.raises(DataError, match="has no area"):
            box_from_xywh(10, 20, width, height)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("data/training/track1/a.png", "train"),
        ("data/Validation/a.png", "dev"),
        ("data/train/test/a.png", "test"),
        ("data/a.png", "test"),
        ("data/other/train.png", "test"),
    ],
)
def test_folders_tell_the_split(path: str, split: str) -> None:
    assert split_from_folders(Path("/train/up/here") / path, Path("/train/up/here/data")) == split


def test_the_root_itself_may_tell_the_split() -> None:
    assert split_from_folders(Path("/data/training/t/a.png"), Path("/data/training")) == "train"


def test_select() -> None:
    samples = [Sample(Path("a"), "train", "A"), Sample(Path("b"), "dev", "B")]
    assert select(samples, None) == samples
    assert select(samples, "dev") == samples[1:]
    assert select(samples, "test") == []
    with pytest.raises(ConfigError, match="one of train, dev, test"):
        select(samples, "training")
