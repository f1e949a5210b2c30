"""Algorithm 1 of EQ-LPR, and what must hold of any interleaving of streams."""

import gc
import weakref
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.errors import ConfigError
from platestream.core.types import PlateCrop, PlateDecision, Reading, Rgb, ScoredReading
from platestream.stream import recognizer as recognizer_module
from platestream.stream.fusion import ProductProbs, best_quality, by_trust
from platestream.stream.plate_stream import MAX_READINGS
from platestream.stream.policy import every_frame, first_frame
from platestream.stream.recognizer import PlateRecognizer

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)
qualities = st.lists(st.integers(0, 255), min_size=1, max_size=40)


def make_crop(track_id: int, frame_index: int, quality: int) -> PlateCrop:
    """A crop whose pixels tell its quality (first) and its frame (second)."""
    rgb = np.array([[[quality, frame_index, 0]]], np.uint8)
    return PlateCrop(track_id, frame_index, frame_index / 25, (0, 0, 1, 1), rgb)


def score(rgb: Rgb) -> float:
    return int(rgb[0, 0, 0]) / 255


def read(rgb: Rgb) -> Reading:
    return Reading(f"F{rgb[0, 0, 1]}", PROBS, 0.5)


def algorithm_1(stream: Sequence[int]) -> list[str]:
    """The paper's pseudo code, word for word, as a slow reference."""
    best = stream[0]
    reading = "F0"
    reported = [reading]
    for j in range(1, len(stream)):
        if stream[j] > best:
            best, reading = stream[j], f"F{j}"
        reported.append(reading)
    return reported


def push_all(
    recognizer: PlateRecognizer, track_id: int, stream: Sequence[int]
) -> list[PlateDecision]:
    return [recognizer.push(make_crop(track_id, j, q)) for j, q in enumerate(stream)]


@given(qualities)
def test_every_frame_gets_the_reading_of_algorithm_1(stream: list[int]) -> None:
    decisions = push_all(PlateRecognizer(score, read), 1, stream)
    assert [d.reading.text for d in decisions] == algorithm_1(stream)


@given(qualities)
def test_reads_are_exactly_the_record_breaking_frames(stream: list[int]) -> None:
    calls = []

    def counting_read(rgb: Rgb) -> Reading:
        calls.append(int(rgb[0, 0, 1]))
        return read(rgb)

    decisions = push_all(PlateRecognizer(score, counting_read), 1, stream)
    records = [j for j, q in enumerate(stream) if all(q > earlier for earlier in stream[:j])]
    assert calls == records == [d.crop.frame_index for d in decisions if d.was_read]


@given(qualities)
def test_the_reading_changes_only_when_the_score_rises(stream: list[int]) -> None:
    decisions = push_all(PlateRecognizer(score, read), 1, stream)
    for before, after in pairwise(decisions):
        assert after.best_quality >= before.best_quality
        changed = after.reading.text != before.reading.text
        assert changed == (after.best_quality > before.best_quality)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 255)), min_size=1, max_size=60))
def test_interleaving_changes_nothing(pushes: list[tuple[int, int]]) -> None:
    together = PlateRecognizer(score, read)
    streams: dict[int, list[int]] = {}
    mixed: dict[int, list[str]] = {}
    for track_id, quality in pushes:
        stream = streams.setdefault(track_id, [])
        decision = together.push(make_crop(track_id, len(stream), quality))
        mixed.setdefault(track_id, []).append(decision.reading.text)
        stream.append(quality)
    for track_id, stream in streams.items():
        alone = PlateRecognizer(score, read)
        assert mixed[track_id] == [d.reading.text for d in push_all(alone, track_id, stream)]
        one, other = together.end(track_id), alone.end(track_id)
        assert one.reading.text == other.reading.text
        assert one.quality == other.quality
        assert one.best_crop.frame_index == other.best_crop.frame_index
        assert (one.num_frames, one.num_read) == (other.num_frames, other.num_read)


def test_the_plate_of_a_finished_track() -> None:
    recognizer = PlateRecognizer(score, read)
    push_all(recognizer, 7, [51, 204, 102, 204])
    plate = recognizer.end(7)
    assert plate.reading.text == "F1"
    assert plate.quality == pytest.approx(0.8)
    assert plate.best_crop.frame_index == 1
    assert (plate.first_frame, plate.last_frame) == (0, 3)
    assert (plate.first_pts_s, plate.last_pts_s) == (0.0, 3 / 25)
    assert (plate.num_frames, plate.num_read) == (4, 2)


def test_a_track_id_can_be_used_again_after_its_end() -> None:
    recognizer = PlateRecognizer(score, read)
    push_all(recognizer, 1, [255])
    recognizer.end(1)
    (decision,) = push_all(recognizer, 1, [3])
    assert decision.was_read
    assert decision.best_quality == 3 / 255


def test_finished_tracks_leave_nothing_behind() -> None:
    recognizer = PlateRecognizer(score, read)
    pictures = []
    for track_id in range(50):
        for j in range(4):
            crop = make_crop(track_id, j, 60 * j)
            pictures.append(weakref.ref(crop.rgb))
            recognizer.push(crop)
        recognizer.end(track_id)
    del crop
    gc.collect()
    assert len(recognizer.live_tracks) == 0
    assert not any(picture() is not None for picture in pictures)


def test_a_live_track_keeps_few_pictures() -> None:
    recognizer = PlateRecognizer(score, read, every_frame)
    pictures = []
    for j, quality in enumerate([10, 90, 50, 20, 70]):
        crop = make_crop(1, j, quality)
        pictures.append(weakref.ref(crop.rgb))
        recognizer.push(crop)
    del crop
    gc.collect()
    assert [picture() is not None for picture in pictures] == [False, True, True, False, True]


def test_of_one_text_the_best_picture_is_shown() -> None:
    recognizer = PlateRecognizer(score, lambda _: Reading("AB1", PROBS, 0.5), every_frame)
    push_all(recognizer, 1, [10, 90, 50])
    plate = recognizer.end(1)
    assert plate.best_crop.frame_index == 1
    assert plate.quality == pytest.approx(90 / 255)


def test_the_best_unread_crops_are_read_at_the_end() -> None:
    calls: list[int] = []

    def counting_read(rgb: Rgb) -> Reading:
        calls.append(int(rgb[0, 0, 1]))
        return read(rgb)

    recognizer = PlateRecognizer(score, counting_read, first_frame, best_quality, read_at_end=2)
    push_all(recognizer, 1, [50, 90, 20, 200, 60])
    assert calls == [0]
    plate = recognizer.end(1)
    assert calls == [0, 3, 1]  # the best first
    assert (plate.reading.text, plate.num_read) == ("F3", 3)


def test_a_frame_that_is_passed_by_counts_and_is_no_witness() -> None:
    calls: list[int] = []

    def counting_read(rgb: Rgb) -> Reading:
        calls.append(int(rgb[0, 0, 1]))
        return read(rgb)

    recognizer = PlateRecognizer(score, counting_read, first_frame, best_quality, read_at_end=5)
    first, second = (make_crop(7, index, quality) for index, quality in ((0, 90), (1, 60)))
    pushed = recognizer.push(first)
    passed = recognizer.pass_by(second, pushed.quality)
    assert (passed.reading, passed.own_reading, passed.track_id) == (pushed.reading, None, 1)
    assert (passed.crop.frame_index, passed.quality) == (1, 90 / 255)
    plate = recognizer.end(7)
    assert (plate.num_frames, plate.num_read, plate.last_frame) == (2, 1, 1)
    assert calls == [0]


def test_a_sure_plate_is_read_once_more_at_its_end_and_no_further() -> None:
    sure = Reading("AB1", PROBS, 0.99)
    recognizer = PlateRecognizer(score, lambda _: sure, first_frame, read_at_end=3)
    push_all(recognizer, 1, [50, 90, 200])
    assert recognizer.end(1).num_read == 2


def test_half_a_plate_that_read_surely_does_not_stand() -> None:
    """It came out from behind a post: its first crop, and no other, shows the end of it alone."""

    def read_part(rgb: Rgb) -> Reading:
        text = "A23126" if rgb[0, 0, 1] == 0 else "34A23126"
        return Reading.from_probs(np.eye(NUM_CLASSES, dtype=np.float32)[encode(text)] * 0.98 + 1e-4)

    recognizer = PlateRecognizer(
        score, read_part, first_frame, ProductProbs(by_trust), read_at_end=3
    )
    push_all(recognizer, 1, [200, 210, 205, 90])
    assert recognizer.end(1).reading.text == "34A23126"


def test_other_policies_and_fusions_fit_the_seam() -> None:
    recognizer = PlateRecognizer(
        score,
        read,
        policy=lambda _, past: past.num_frames % 2 == 0,
        fuse=lambda readings: readings[-1].reading,
    )
    decisions = push_all(recognizer, 1, [200, 250, 100, 0])
    assert [d.was_read for d in decisions] == [True, False, True, False]
    assert [d.reading.text for d in decisions] == ["F0", "F0", "F2", "F2"]
    # The crop that the plate was read from, not the best of all.
    assert recognizer.end(1).best_crop.frame_index == 2


def test_a_crop_that_cannot_be_read_opens_no_track() -> None:
    def broken(_: Rgb) -> Reading:
        raise ValueError

    recognizer = PlateRecognizer(score, broken)
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own, passed on
        recognizer.push(make_crop(1, 0, 9))
    assert len(recognizer.live_tracks) == 0


def test_ending_an_unknown_track_says_so() -> None:
    with pytest.raises(ConfigError, match="track 3 is not live"):
        PlateRecognizer(score, read).end(3)


def test_a_reader_that_fails_at_the_end_loses_nothing() -> None:
    calls = 0

    def fails_later(rgb: Rgb) -> Reading:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise ValueError
        return read(rgb)

    recognizer = PlateRecognizer(score, fails_later, first_frame, read_at_end=2)
    push_all(recognizer, 1, [50, 90, 20])
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own, passed on
        recognizer.end(1)
    assert list(recognizer.live_tracks) == [1]
    assert recognizer.end(1, read_kept=False).reading.text == "F0"


def test_the_picture_of_the_plate_is_never_dropped() -> None:
    recognizer = PlateRecognizer(score, read, every_frame, lambda readings: readings[0].reading)
    push_all(recognizer, 1, [10, 90, 80, 70, 60])
    assert recognizer.end(1).best_crop.frame_index == 0


def test_a_car_that_stands_for_hours_holds_few_readings() -> None:
    seen = []

    def fuse(readings: Sequence[ScoredReading]) -> Reading:
        seen.append(len(readings))
        return best_quality(readings)

    recognizer = PlateRecognizer(score, read, every_frame, fuse)
    for j in range(300):
        recognizer.push(make_crop(1, j % 250, 200 if j == 3 else j % 200))
    plate = recognizer.end(1)
    assert max(seen) == MAX_READINGS
    assert (plate.num_read, plate.reading.text) == (300, "F3")


def test_equal_qualities_of_one_frame_can_be_kept() -> None:
    recognizer = PlateRecognizer(score, read, first_frame, read_at_end=2)
    for _ in range(5):
        recognizer.push(make_crop(1, 0, 0))
    assert recognizer.end(1).num_read == 3


@pytest.mark.parametrize(("certainty", "num_kept"), [(0.6, 3), (0.99, 1)])
def test_a_sure_plate_keeps_one_picture_for_a_second_reading(
    certainty: float, num_kept: int
) -> None:
    recognizer = PlateRecognizer(
        lambda _: 0.5,
        lambda _: Reading("AB1", np.empty((0, 0), np.float32), certainty),
        policy=first_frame,
        read_at_end=3,
    )
    pictures = []
    for index in range(6):
        crop = make_crop(1, index, 100)
        pictures.append(weakref.ref(crop.rgb))
        recognizer.push(crop)
        del crop
    # The one that was read, and those kept for the end.
    assert sum(picture() is not None for picture in pictures) == 1 + num_kept


def test_thousands_of_live_tracks_keep_few_pictures_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recognizer_module, "MAX_KEPT", 8)
    recognizer = PlateRecognizer(score, read, first_frame, read_at_end=3)
    pictures: list[weakref.ref[Rgb]] = []
    for frame in range(4):
        for track in range(10):
            crop = make_crop(track, frame, 50 + frame)
            pictures.append(weakref.ref(crop.rgb))
            recognizer.push(crop)
            del crop
    gc.collect()
    # Each has the one that was read; with ten alive none has room for another.
    assert sum(picture() is not None for picture in pictures) == 10
    for track in range(2, 10):
        recognizer.end(track)
    push_all(recognizer, 0, [60, 61, 62, 63])
    # Two alive: room for four each, and three are asked for.
    assert recognizer.end(0).num_read == 1 + 3


def at(track_id: int, frame_index: int, text: str, pts_s: float, x: float = 0.0) -> PlateCrop:
    """A crop of a plate that is 10 wide; what it reads is in its pixels."""
    rgb = np.array([[[100 + frame_index, ord(c), 0] for c in text]], np.uint8)
    return PlateCrop(track_id, frame_index, pts_s, (x, 0, x + 10, 4), rgb)


def read_pixels(rgb: Rgb) -> Reading:
    return Reading("".join(chr(c) for c in rgb[0, :, 1]), PROBS, 0.9)


def test_the_heart_says_which_crop_said_what() -> None:
    recognizer = PlateRecognizer(score, read, every_frame)
    decisions = push_all(recognizer, 1, [10, 90, 50])
    assert [d.own_reading.text for d in decisions if d.own_reading] == ["F0", "F1", "F2"]
    assert [d.reading.text for d in decisions] == ["F0", "F1", "F1"]
    plate = recognizer.end(1)
    made_of = [(r.frame_index, r.pts_s, r.quality, r.reading.text) for r in plate.readings]
    assert made_of == [
        (0, 0.0, 10 / 255, "F0"),
        (1, 1 / 25, 90 / 255, "F1"),
        (2, 2 / 25, 50 / 255, "F2"),
    ]


def test_readings_at_the_end_are_among_those_the_plate_is_made_of() -> None:
    recognizer = PlateRecognizer(score, read, first_frame, best_quality, read_at_end=1)
    push_all(recognizer, 1, [50, 90, 20])
    assert [r.frame_index for r in recognizer.end(1).readings] == [0, 1]


def test_a_plate_is_made_of_a_bounded_number_of_readings_the_best() -> None:
    recognizer = PlateRecognizer(score, read, every_frame)
    push_all(recognizer, 1, list(range(250)))
    frames = [r.frame_index for r in recognizer.end(1).readings]
    assert frames == list(range(250 - MAX_READINGS, 250))


@pytest.mark.parametrize(("pts_s", "x"), [(1.0, 0.0), (0.04, 60.0)])
def test_a_track_that_went_over_to_another_plate_is_parted(pts_s: float, x: float) -> None:
    seen: list[str] = []

    def reads(rgb: Rgb) -> Reading:
        seen.append(read_pixels(rgb).text)
        return read_pixels(rgb)

    recognizer = PlateRecognizer(score, reads, first_frame)
    before = recognizer.push(at(7, 0, "ABC123", 0.0), may_part=True)
    decision = recognizer.push(at(7, 1, "XYZ789", pts_s, x), may_part=True)
    assert before.parted is None
    assert decision.parted is not None
    assert (decision.parted.track_id, decision.parted.reading.text) == (1, "ABC123")
    assert (decision.parted.num_frames, decision.parted.num_read) == (1, 1)
    assert (decision.track_id, decision.reading.text) == (2, "XYZ789")
    assert recognizer.end(7).num_read == 1
    assert seen == ["ABC123", "XYZ789"], "the crop that told it is read once"


@pytest.mark.parametrize(
    ("text", "pts_s", "may_part"),
    [("XYZ789", 0.04, True), ("ABC128", 1.0, True), ("XYZ789", 1.0, False)],
    ids=["never lost", "nearly the same text", "a stream known to be of one plate"],
)
def test_other_tracks_are_not_parted(text: str, pts_s: float, may_part: bool) -> None:
    recognizer = PlateRecognizer(score, read_pixels)
    recognizer.push(at(1, 0, "ABC123", 0.0), may_part=may_part)
    decision = recognizer.push(at(1, 1, text, pts_s), may_part=may_part)
    assert (decision.parted, decision.track_id) == (None, 1)
    assert recognizer.end(1).num_frames == 2


def test_a_track_that_cannot_be_ended_is_not_parted() -> None:
    def fails_at_the_kept(rgb: Rgb) -> Reading:
        if rgb[0, 0, 0] == 101:
            raise ValueError
        return read_pixels(rgb)

    recognizer = PlateRecognizer(score, fails_at_the_kept, first_frame, read_at_end=1)
    for frame, text in enumerate(["ABC123", "ABC123"]):
        recognizer.push(at(1, frame, text, frame / 25), may_part=True)
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's own, passed on
        recognizer.push(at(1, 2, "XYZ789", 9.0), may_part=True)
    assert recognizer.end(1, read_kept=False).reading.text == "ABC123"


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_streams_count_from_one_and_share_no_id(pushes: list[tuple[int, bool]]) -> None:
    recognizer = PlateRecognizer(score, read_pixels)
    ended: list[int] = []
    for number, (track_id, is_other) in enumerate(pushes):
        text = "XYZ789" if is_other else "ABC123"
        decision = recognizer.push(at(track_id, number, text, 1.0 * number), may_part=True)
        ended += [decision.parted.track_id] if decision.parted else []
    ended += [recognizer.end(track).track_id for track in list(recognizer.live_tracks)]
    assert sorted(ended) == list(range(1, len(ended) + 1))
