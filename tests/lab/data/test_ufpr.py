from pathlib import Path

import cv2
import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.data.sample import Sample
from platestream.lab.data.ufpr import read_ufpr

TEXT = """camera: GoPro Hero4 Silver
position_vehicle: 11 4 18 14
\ttype: car
\tmake: Citro\u00ebn
\tmodel: C3
\tyear: 2012
plate: AZJ-6991
{where}
\tchar 1: 12 12 2 4
\tchar 2: 14 12 2 4
"""
CORNERS = "corners: 12,11 26,10 26,15 12,16"


def write_frame(folder: Path, track: str, number: int, where: str = CORNERS) -> Path:
    """One frame as published, but tiny; returns the text file."""
    picture = folder / track / f"{track}[{number:02d}].png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(picture), np.zeros((20, 36, 3), np.uint8))
    labels = picture.with_suffix(".txt")
    labels.write_text(TEXT.format(where=where), encoding="latin-1")
    return labels


def test_a_frame_with_corners(tmp_path: Path) -> None:
    labels = write_frame(tmp_path / "training", "track0001", 3)
    assert read_ufpr(tmp_path) == [
        Sample(
            file=labels.with_suffix(".png"),
            split="train",
            text="AZJ6991",
            box_xyxy=(12, 10, 26, 16),
            quad=((12, 11), (26, 10), (26, 15), (12, 16)),
            track="track0001",
            frame_index=2,
        )
    ]


def test_a_frame_of_an_older_release(tmp_path: Path) -> None:
    write_frame(tmp_path, "track0001", 1, "position_plate: 12 10 14 6")
    (sample,) = read_ufpr(tmp_path)
    assert (sample.box_xyxy, sample.quad) == ((12, 10, 26, 16), None)


def test_splits_follow_the_folders_and_frames_their_order(tmp_path: Path) -> None:
    for split, track in [("testing", "track0091"), ("training", "track0002")]:
        for number in (2, 10, 1):
            write_frame(tmp_path / "UFPR-ALPR dataset" / split, track, number)
    write_frame(tmp_path / "UFPR-ALPR dataset" / "validation", "track0061", 1)
    frames = [(s.split, s.track, s.frame_index) for s in read_ufpr(tmp_path)]
    assert frames == [
        ("test", "track0091", 0),
        ("test", "track0091", 1),
        ("test", "track0091", 9),
        ("train", "track0002", 0),
        ("train", "track0002", 1),
        ("train", "track0002", 9),
        ("dev", "track0061", 0),
    ]
    assert {s.track for s in read_ufpr(tmp_path, "train")} == {"track0002"}


def test_one_split_folder_may_be_given_by_itself(tmp_path: Path) -> None:
    write_frame(tmp_path / "training", "track0001", 1)
    assert read_ufpr(tmp_path / "training")[0].split == "train"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("plate: AZJ-6991", "plate: AZJ-6991000000", "line 7: .*13 characters"),
        ("plate: AZJ-6991", "", "no line 'plate: ...'"),
        (CORNERS, "", "no line 'corners: ...' or 'position_plate: ...'"),
        (CORNERS, "corners: 12,11 26,10 26,15", "line 8: .*6 numbers; it needs 8"),
        (CORNERS, "corners: 1,1 1,1 1,1 1,1", "line 8: .*no convex shape"),
        (CORNERS, "position_plate: 12 10 0 6", "line 8: .*no area"),
        (CORNERS, "position_plate: 12 10 6", "line 8: .*3 numbers; it needs 4"),
    ],
)
def test_a_wrong_label_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    labels = write_frame(tmp_path, "track0001", 1)
    text = labels.read_text(encoding="latin-1").replace(old, new)
    labels.write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=says) as caught:
        read_ufpr(tmp_path)
    assert str(labels) in str(caught.value)


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_a_frame_without_its_partner_is_named(tmp_path: Path, suffix: str) -> None:
    lost = write_frame(tmp_path, "track0001", 1).with_suffix(suffix)
    lost.unlink()
    with pytest.raises(DataError, match="is missing") as caught:
        read_ufpr(tmp_path)
    assert str(lost) in str(caught.value)


def test_a_name_without_a_number_is_refused(tmp_path: Path) -> None:
    labels = write_frame(tmp_path, "track0001", 1)
    for file in (labels, labels.with_suffix(".png")):
        file.rename(file.with_name(f"track0001{file.suffix}"))
    with pytest.raises(DataError, match="no frame number"):
        read_ufpr(tmp_path)


def test_a_folder_without_tracks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no track0001/track0001\[01\]\.png"):
        read_ufpr(tmp_path)
