"""The figures of `platestream evaluate`, by hand, with networks that are plain functions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.detections import slanted

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import SourceError
from platestream.core.types import Detection, Quad, Reading, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.evaluate import evaluate_crops, evaluate_tracks
from platestream.lab.evaluate_frames import corner_error, evaluate_frames
from platestream.lab.failures import write_failures
from platestream.lab.ranking import rank_tracks, tracks_of
from platestream.lab.reading_metrics import reading_metrics
from platestream.lab.replay import record_samples
from platestream.video.pictures import write_picture

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


def read(rgb: Rgb) -> Reading:
    """Red says what the plate reads: A10 for 10."""
    return Reading(f"A{int(rgb[..., 0].max())}", PROBS, 0.9)


def score(rgb: Rgb) -> float:
    """Green is the quality."""
    return float(rgb[..., 1].max()) / 255


class RedBox:
    """Finds every picture's red rectangle, and a plate in the corner that is not there."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        ys, xs = np.nonzero(rgb[..., 0])
        box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
        return [slanted(box), slanted((0.0, 0.0, 8.0, 8.0), 0.4)]


def picture(red: int, green: int = 0) -> Rgb:
    rgb = np.zeros((20, 60, 3), np.uint8)
    rgb[...] = (red, green, 0)
    return rgb


def write_labels(folder: Path, rows: Sequence[str], pictures: dict[str, Rgb]) -> Path:
    for name, rgb in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_picture(folder / name, rgb)
    header = "file,split,text,x,y,w,h,quad,track,frame_index"
    labels = folder / "labels.csv"
    labels.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return labels


def test_reading_metrics_by_hand() -> None:
    metrics = reading_metrics(["AB0", "XY1", ""], ["ABO", "XY1", "12"])
    assert metrics == {
        "num": 3,
        "plate_accuracy": pytest.approx(1 / 3, abs=1e-4),
        "plate_accuracy_folded": pytest.approx(2 / 3, abs=1e-4),
        "char_error_rate": pytest.approx((1 + 0 + 2) / 8),
    }


def test_crops(tmp_path: Path) -> None:
    rows = ["a.png,dev,A10,,,,,,,", "b.png,dev,A99,,,,,,,"]
    labels = write_labels(tmp_path, rows, {"a.png": picture(10), "b.png": picture(20)})
    calls = []
    metrics = evaluate_crops(read_labels(labels), read, lambda: calls.append(1))
    assert (metrics["num"], metrics["plate_accuracy"]) == (2, 0.5)
    # A20 for A99: two of three characters.
    assert metrics["char_error_rate"] == pytest.approx(2 / 6, abs=1e-4)
    assert len(calls) == 2


def test_tracks(tmp_path: Path) -> None:
    # Quality 50, 90, 70: frames 0 and 1 are read, frame 2 keeps the reading of frame 1.
    frames = {"t/0.png": picture(11, 50), "t/1.png": picture(10, 90), "t/2.png": picture(12, 70)}
    rows = [f"t/{i}.png,dev,A10,,,,,,t,{i}" for i in (2, 0, 1)]
    labels = write_labels(tmp_path, rows, frames)
    metrics = evaluate_tracks(read_labels(labels), score, read, lambda: None)
    assert metrics["tracks"] == 1
    assert metrics["plate_accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    assert metrics["frame_accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["track_accuracy"] == 1.0
    assert metrics["reads_per_track"] == 2.0


def test_tracks_without_a_text_are_nothing_and_no_traceback(tmp_path: Path) -> None:
    labels = write_labels(tmp_path, ["0.png,dev,,,,,,,t,0"], {"0.png": picture(11, 50)})
    metrics = evaluate_tracks(read_labels(labels), score, read, lambda: None)
    assert (metrics["num"], metrics["tracks"], metrics["track_accuracy"]) == (0, 0, 0.0)


def test_frames(tmp_path: Path) -> None:
    def scene(red: int) -> Rgb:
        rgb = np.zeros((60, 100, 3), np.uint8)
        rgb[20:30, 40:80, 0] = red
        return rgb

    rows = [
        "a.png,dev,A10,40,20,40,10,,,",
        "b.png,dev,A99,40,20,40,10,,,",  # found, and misread as A20
        "c.png,dev,A30,0,40,30,10,,,",  # labelled where nothing is
        "d.png,dev,A40,,,,,,,",  # no box: left out
    ]
    names = {"a.png": 10, "b.png": 20, "c.png": 30, "d.png": 40}
    labels = write_labels(tmp_path, rows, {name: scene(red) for name, red in names.items()})
    metrics = evaluate_frames(read_labels(labels), read, RedBox(), lambda: None)
    assert (metrics["frames"], metrics["num"]) == (3, 3)
    assert metrics["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["precision"] == pytest.approx(2 / 6, abs=1e-4)
    assert metrics["end_to_end"] == pytest.approx(1 / 3, abs=1e-4)
    # On the labelled boxes: A10 is right, A20 for A99 and A0 for A30 are not.
    assert metrics["plate_accuracy"] == pytest.approx(1 / 3, abs=1e-4)


def test_corners_are_measured_on_the_frame(tmp_path: Path) -> None:
    class Quads:
        """Finds every plate two pixels too far to the right."""

        def detect(self, rgb: Rgb) -> Sequence[Detection]:
            quad = ((42.0, 20.0), (82.0, 20.0), (82.0, 50.0), (42.0, 50.0))
            return [Detection((42.0, 20.0, 82.0, 50.0), 0.9, quad)]

    rgb = np.zeros((70, 100, 3), np.uint8)
    labels = write_labels(tmp_path, ["a.png,dev,A10,,,,,40 20 80 20 80 50 40 50,,"], {"a.png": rgb})

    def find(crop: Rgb) -> Quad:
        """The same, one pixel too far down; the crop begins at (38, 18)."""
        assert crop.shape == (34, 44, 3)
        return ((2.0, 3.0), (42.0, 3.0), (42.0, 33.0), (2.0, 33.0))

    metrics = evaluate_frames(read_labels(labels), read, Quads(), lambda: None, find)
    assert metrics["corner_error"] == pytest.approx(2 / 50)
    assert metrics["corner_error_crop"] == pytest.approx(1 / 50)
    lost = evaluate_frames(read_labels(labels), read, Quads(), lambda: None, lambda _: None)
    # The crop's own corners are 2 px off each way; on the left 1.6 with a blue band of 3.6 px.
    wanted = (np.hypot(1.6, 2) + np.hypot(2, 2)) / 2 / np.hypot(43.6, 30)
    assert lost["corner_error_crop"] == pytest.approx(wanted, abs=1e-4)


def test_corner_error_by_hand() -> None:
    plate = ((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0))
    assert corner_error(plate, plate) == 0
    one_off = ((5.0, 0.0), *plate[1:])
    assert corner_error(one_off, plate) == pytest.approx(5 / 4 / 50)
    # With the blue band it reaches 3.6 further to the left, which is right as well.
    with_band = ((-3.6, 0.0), plate[1], plate[2], (-3.6, 30.0))
    assert corner_error(with_band, plate) == pytest.approx(0, abs=1e-9)


def test_tracks_and_frames_name_what_cannot_be_read_and_go_on(tmp_path: Path) -> None:
    rows = ["0.png,dev,A10,0,0,60,20,,t,0", "1.png,dev,A30,0,0,60,20,,u,0"]
    rows += ["2.png,dev,A30,0,0,60,20,,u,1", "3.png,dev,A40,0,0,60,20,,w,0"]
    pictures = {f"{n}.png": picture(10 * n + 10, 100) for n in range(4)}
    samples = read_labels(write_labels(tmp_path, rows, pictures))
    (tmp_path / "1.png").write_bytes(b"no picture")  # one of two frames of its track
    (tmp_path / "3.png").unlink()  # all of its track
    tracks = evaluate_tracks(samples, score, read, lambda: None)
    assert (tracks["tracks"], tracks["num"], tracks["track_accuracy"]) == (2, 2, 1.0)
    frames = evaluate_frames(samples, read, RedBox(), lambda: None)
    assert (frames["frames"], frames["recall"]) == (2, 1.0)
    for metrics in (tracks, frames):
        assert "1.png" in str(metrics["unread"])
        assert "3.png" in str(metrics["unread"])
    for name in ("0.png", "2.png"):
        (tmp_path / name).unlink()
    with pytest.raises(SourceError):
        evaluate_tracks(samples, score, read, lambda: None)
    with pytest.raises(SourceError):
        evaluate_frames(samples, read, RedBox(), lambda: None)


def test_no_loop_over_pictures_is_ended_by_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [f"{n}.png,dev,A{n}0,0,0,60,20,,t{n},0" for n in range(3)]
    pictures = {f"{n}.png": picture(20, 100) for n in range(3)}
    samples = read_labels(write_labels(tmp_path, rows, pictures))
    (tmp_path / "1.png").write_bytes(b"no picture")
    tracks = record_samples(samples, score, read, lambda: None)
    assert [(track.text, len(track.crops)) for track in tracks] == [("A00", 1), ("A20", 1)]
    ranking = rank_tracks(tracks_of(samples), score, read, RedBox(), lambda: None)
    assert set(ranking) == {"quality", "reader", "sharpness", "height", "detector"}
    sheet = tmp_path / "sheet.png"
    assert write_failures(samples, read, sheet, RedBox()).misread == 1  # A20 for A00
    assert caplog.text.count("1.png: not a picture") == 4
    for file in ("0.png", "2.png"):
        (tmp_path / file).unlink()
    with pytest.raises(SourceError, match=r"2\.png"):
        record_samples(samples, score, read, lambda: None)


def test_a_file_that_cannot_be_read_is_named_and_ends_no_work_on_others(tmp_path: Path) -> None:
    rows = ["a.png,test,A10,,,,,,,", "gone.png,test,A20,,,,,,,", "b.png,test,A31,,,,,,,"]
    labels = write_labels(tmp_path, rows, {"a.png": picture(10), "b.png": picture(30)})
    (tmp_path / "gone.png").write_bytes(b"no picture")
    samples = read_labels(labels)
    num_done: list[int] = []
    metrics = evaluate_crops(samples, read, lambda: num_done.append(1))
    assert (metrics["num"], metrics["plate_accuracy"], len(num_done)) == (2, 0.5, 3)
    assert "gone.png" in str(metrics["unread"])
    (tmp_path / "a.png").unlink()
    (tmp_path / "b.png").unlink()
    with pytest.raises(SourceError, match=r"b\.png"):
        evaluate_crops(samples, read, lambda: None)
