"""Photos, crops of one plate, crops of many: told from the pictures."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.types import Detection, Reading, Rgb
from platestream.video.kinds import Kind
from platestream.video.looks import is_photo, kind_of
from platestream.video.pictures import write_picture

PROBS = np.zeros((0, 0), np.float32)


def blank(width: int, height: int) -> Rgb:
    return np.zeros((height, width, 3), np.uint8)


def finding(share: float | None) -> list[Detection]:
    return [] if share is None else [Detection((0.0, 0.0, share, 1.0), 0.9)]


@pytest.mark.parametrize(
    ("width", "height", "share", "photo"),
    [
        (1280, 720, 0.1, True),
        (1280, 720, None, True),
        (1280, 720, 0.8, False),  # a plate, cut out of a very large picture
        (416, 416, 0.3, True),
        (320, 100, 0.5, False),
        (320, 100, None, False),
        (150, 40, 0.1, False),  # too small for a photo, whatever is found
    ],
)
def test_a_photo_is_told_by_its_size_and_its_plate(
    width: int, height: int, share: float | None, photo: bool
) -> None:
    found = finding(None if share is None else share * width)
    assert is_photo(blank(width, height), lambda _: found) is photo


def crops(folder: Path, num: int) -> list[Path]:
    files = [folder / f"{index}.png" for index in range(num)]
    for index, file in enumerate(files):
        rgb = blank(100, 30)
        rgb[:] = index * 10
        write_picture(file, rgb)
    return files


def kind_if_read(files: list[Path], texts: list[str], score: float = 0.95) -> Kind:
    return kind_of(
        files, lambda _: [], lambda rgb: Reading(texts[int(rgb[0, 0, 0]) // 10], PROBS, score)
    )


def test_crops_of_one_plate_are_a_stream_and_of_many_are_not(tmp_path: Path) -> None:
    files = crops(tmp_path, 6)
    assert kind_if_read(files, ["AB1234"] * 4 + ["AB1284", "XX"]) is Kind.STREAMS
    assert kind_if_read(files, ["AB1234", "CD987", "EF55", "W1", "QQ77", "AB1234"]) is Kind.CROPS
    unsure = ["AB1234", "CD987", "EF55", "W1", "QQ77", "AB1234"]
    assert kind_if_read(files, unsure, score=0.3) is Kind.STREAMS


def test_a_broken_picture_has_no_say(tmp_path: Path) -> None:
    files = crops(tmp_path, 3)
    files[1].write_bytes(b"broken")
    assert kind_if_read(files, ["AB1234"] * 3) is Kind.STREAMS
