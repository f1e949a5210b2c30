"""What a run leaves on disk."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import av
import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.errors import StoreError
from platestream.core.types import Frame, Plate, PlateCrop, PlateDecision, Reading, Stacked
from platestream.stream.life import PlateUpdate
from platestream.video.annotate import MAX_GAP_S, AnnotatedVideo
from platestream.video.pictures import read_picture
from platestream.video.pipeline import Step
from platestream.video.recording import Recording

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)
BOX = (40.0, 60.0, 100.0, 80.0)


class Clip:
    name, fps, num_frames, num_corrupt = "street.mp4", 10.0, 3, 0

    def frames(self) -> Iterator[Frame]:
        for index in range(3):
            yield Frame(index, [0.0, 0.1, 0.5][index], np.full((121, 160, 3), 90, np.uint8))


def make_plate(text: str = "皖A12345", confidence: float = 0.8) -> Plate:
    """A plate whose second character is half as likely something else."""
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (20, 60, 3), np.uint8)
    quad = ((41.04, 60.0), (100.0, 61.0), (99.0, 80.0), (40.0, 79.0))
    crop = PlateCrop(3, 1, 0.1, BOX, rgb, quad)
    probs = np.zeros((NUM_STEPS, NUM_CLASSES), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = 1
    probs[1] = probs[1] * 0.5
    probs[1, encode("B")[0]] += 0.3
    probs[1, encode("C")[0]] += 0.2
    reading = Reading.from_probs(probs)
    return Plate(3, reading, confidence, 0.75, crop, 0.0, 0.5, 0, 2, 3, 1)


def make_decision(*, was_read: bool) -> PlateDecision:
    reading = Reading("AB12", PROBS, 0.9)
    own = reading if was_read else None
    return PlateDecision(make_plate().best_crop, 0.5, reading, 0.9, own, 0.5)


def end_of(plate: Plate, state: Literal["final", "withdrawn"] = "final") -> Step:
    """The step in which a passage is over."""
    update = PlateUpdate(
        "the-id", state, plate.last_pts_s, 0.0, 3, plate.reading, plate.confidence,
        plate.best_crop, plate,
    )  # fmt: skip
    return Step(None, [], [plate], [update])


def test_an_event_and_the_very_crop_that_was_read(tmp_path: Path) -> None:
    with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
        record.add(end_of(make_plate()))
    (event,) = recording.events
    (line,) = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "plate": "皖A12345",
        "plate_masked": "皖?12345",
        "confidence": 0.8,
        "candidates": [["皖A12345", 0.5], ["皖B12345", 0.3], ["皖C12345", 0.2]],
        "regions": [["CN-AH", 1.0]],
        "quality": 0.75,
        "track_id": 3,
        "continued": [],
        "source": "street.mp4",
        "first_pts_s": 0.0,
        "last_pts_s": 0.5,
        "best_pts_s": 0.1,
        "first_frame": 0,
        "last_frame": 2,
        "best_frame": 1,
        "box_xyxy": list(BOX),
        "num_frames": 3,
        "num_scored": 3,
        "num_read": 1,
        "crop": "crops/000001.png",
        "quad": [[41.0, 60.0], [100.0, 61.0], [99.0, 80.0], [40.0, 79.0]],
        "id": "the-id",
        "is_cut": False,
        "num_stacked": 0,
        "stack": "",
    }
    saved = read_picture(tmp_path / event.crop)
    np.testing.assert_array_equal(saved, make_plate().best_crop.rgb)


def test_the_average_of_several_crops_lies_beside_the_best_one(tmp_path: Path) -> None:
    average = np.full((64, 256, 3), 77, np.uint8)
    plate = replace(make_plate(), stacked=Stacked(average, 9))
    for _ in range(2):  # a second run replaces what the first one left
        with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
            record.add(end_of(plate))
            record.add(end_of(make_plate()))
    with_stack, without = recording.events
    assert (with_stack.stack, with_stack.num_stacked) == ("crops/000001-stack.png", 9)
    assert (without.stack, without.num_stacked) == ("", 0)
    np.testing.assert_array_equal(read_picture(tmp_path / with_stack.stack), average)
    with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
        record.add(Step(next(iter(Clip().frames())), [], []))
        assert not list((tmp_path / "crops").iterdir())


def test_the_life_of_a_plate_is_told_as_it_goes(tmp_path: Path) -> None:
    decision = make_decision(was_read=True)
    first = PlateUpdate("the-id", "provisional", 0.1, 0.0, 3, decision.reading, 0.9, decision.crop)
    with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
        record.add(Step(None, [decision], [], [first]))
        record.add(end_of(make_plate()))
    lines = (tmp_path / "updates.jsonl").read_text(encoding="utf-8").splitlines()
    told, final = (json.loads(line) for line in lines)
    assert told == {
        "state": "provisional",
        "track_id": 3,
        "source": "street.mp4",
        "plate": "AB12",
        "plate_masked": "????",
        "confidence": 0.9,
        "pts_s": 0.1,
        "frame": 1,
        "id": "the-id",
    }
    assert (final["state"], final["track_id"], final["plate"]) == ("final", 3, "皖A12345")
    assert (final["pts_s"], final["frame"], final["continued"]) == (0.5, 2, [])
    assert final["id"] == recording.events[0].id == "the-id"


def test_what_is_withdrawn_makes_no_event(tmp_path: Path) -> None:
    with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
        record.add(end_of(make_plate("AB12", 0.1), "withdrawn"))
        record.add(Step(None, [], [make_plate("AB12", 0.1)]))  # never told of
    lines = (tmp_path / "updates.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["withdrawn"]
    assert recording.events == []
    assert list((tmp_path / "crops").iterdir()) == []


def test_a_new_run_replaces_the_old_one(tmp_path: Path) -> None:
    for num_plates in (2, 1):
        with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
            for _ in range(num_plates):
                record.add(end_of(make_plate()))
    assert [path.name for path in (tmp_path / "crops").iterdir()] == ["000001.png"]
    assert len((tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_what_no_run_made_stays(tmp_path: Path) -> None:
    mine = [tmp_path / "crops" / "mine" / "labels.csv", tmp_path / "annotated" / "notes.txt"]
    for path in mine:
        path.parent.mkdir(parents=True)
        path.write_text("mine")
    for _ in range(2):
        with Recording(tmp_path, annotate=True) as recording, recording.of(Clip()) as record:
            record.add(end_of(make_plate()))
    assert [path.read_text() for path in mine] == ["mine", "mine"]


def test_what_cannot_be_written_is_still_known(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "events.jsonl").symlink_to(full)
    with Recording(tmp_path, annotate=False) as recording, recording.of(Clip()) as record:
        ends = [*end_of(make_plate()).updates, *end_of(make_plate("AB12")).updates]
        with pytest.raises(StoreError):
            record.add(Step(None, [], [], ends))
        assert [event.plate for event in recording.events] == ["皖A12345", "AB12"]


def test_the_annotated_video_keeps_every_frame_and_its_time(tmp_path: Path) -> None:
    clip = Clip()
    with Recording(tmp_path, annotate=True) as recording, recording.of(clip) as record:
        for frame in clip.frames():
            record.add(Step(frame, [make_decision(was_read=frame.index == 0)], []))
    with av.open(str(tmp_path / "annotated" / "street.mp4")) as container:
        pictures = list(container.decode(video=0))
    assert [round(p.time or 0, 3) for p in pictures] == [0.0, 0.1, 0.5]
    # 4:2:0 video has even sides: the odd last row is left out.
    assert {(p.width, p.height) for p in pictures} == {(160, 120)}


@pytest.mark.parametrize("gap_s", [86_400.0, 31_536_000.0, 1e15, 1e300])
def test_frames_that_are_far_apart_are_drawn_an_hour_apart(tmp_path: Path, gap_s: float) -> None:
    path, rgb = tmp_path / "a.mp4", np.zeros((64, 64, 3), np.uint8)
    with AnnotatedVideo(path) as video:
        for index, at_s in enumerate((0.0, 0.1, gap_s, gap_s + 0.5, 3.0)):
            video.write(Frame(index, at_s, rgb), [])
    with av.open(str(path)) as container:
        times_s = [frame.time or 0.0 for frame in container.decode(video=0)]
    assert len(times_s) == 5
    assert times_s[:3] == pytest.approx([0.0, 0.1, 0.1 + MAX_GAP_S], abs=0.001)
    assert times_s == sorted(times_s)
    if gap_s < 1e9:  # above, half a second is no longer to be told
        assert times_s[3] == pytest.approx(0.6 + MAX_GAP_S, abs=0.001)


def test_what_a_run_writes_is_its_owners_alone(tmp_path: Path) -> None:
    before, folder = os.umask(0), tmp_path / "new" / "out"
    try:
        with Recording(folder, annotate=True) as recording, recording.of(Clip()) as record:
            for frame in Clip().frames():
                record.add(Step(frame, [make_decision(was_read=True)], []))
            record.add(end_of(make_plate()))
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "new").rglob("*")}
    files = {path.name for path, mode in modes.items() if mode == 0o600}
    lines = {"events.jsonl", "updates.jsonl", "events.csv"}
    assert files == lines | {"report.html", "000001.png", "street.mp4"}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}


def test_two_sources_of_one_name_are_drawn_into_two_files(tmp_path: Path) -> None:
    clip = Clip()
    with Recording(tmp_path, annotate=True) as recording:
        for _ in range(2):
            with recording.of(clip) as record:
                for frame in clip.frames():
                    record.add(Step(frame, [], []))
    names = sorted(path.name for path in (tmp_path / "annotated").iterdir())
    assert names == ["street-2.mp4", "street.mp4"]


def test_a_full_disk_is_a_store_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with (
        Recording(blocked) as recording,
        recording.of(Clip()) as record,
        pytest.raises(StoreError, match="cannot make the output folder"),
    ):
        record.add(end_of(make_plate()))
    with pytest.raises(StoreError, match="cannot write the annotated video"):
        AnnotatedVideo(blocked / "street.mp4")
