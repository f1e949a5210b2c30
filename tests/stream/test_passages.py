"""One vehicle, one event: what is merged, what is not, and when it is let go."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stream.plates import decide, make_plate, make_reading

from platestream.core.types import Plate, PlateDecision, ScoredReading
from platestream.stream.passages import (
    MAX_CONTINUED,
    MAX_WAITING,
    Passages,
    is_same_passage,
    is_same_plate,
    merge,
)
from platestream.stream.plate_stream import MAX_READINGS


def show(plate: Plate) -> PlateDecision:
    """The plate in view."""
    return decide(plate.reading.text, plate.first_pts_s, plate.track_id)


def test_a_plate_that_comes_back_is_one_passage() -> None:
    passages = Passages(patience_s=4)
    passages.end(make_plate("AB123", 0, 2, track=1, confidence=0.6))
    assert passages.see([], 3) == []
    passages.end(make_plate("AB123", 4, 6, track=2, confidence=0.8))
    assert passages.see([], 9.9) == []
    (plate,) = passages.see([], 10)
    assert (plate.track_id, plate.first_pts_s, plate.last_pts_s) == (1, 0, 6)
    assert plate.continued == (2,)
    assert (plate.first_frame, plate.last_frame) == (0, 60)
    assert (plate.num_frames, plate.num_read) == (20, 4)
    assert plate.confidence == 0.8
    assert plate.best_crop.pts_s == 4  # the surer one's picture
    assert passages.flush() == []


def test_the_end_of_a_track_tells_the_passage_it_is_more_of() -> None:
    passages = Passages(patience_s=4)
    assert passages.end(make_plate("AB123", 1, 2, track=2)) is None
    earlier_id, whole = passages.end(make_plate("AB123", 0, 3, track=1)) or (0, None)
    assert whole
    assert (earlier_id, whole.track_id, whole.continued) == (2, 1, (2,))


def test_a_passage_continued_for_days_costs_what_one_of_seconds_does() -> None:
    def read(frame: int) -> ScoredReading:
        return ScoredReading(make_reading("AB123"), frame % 97 / 97, frame)

    passages = Passages(patience_s=4)
    for track in range(2000):
        plate = make_plate("AB123", 2 * track, 2 * track + 1, track)
        passages.end(replace(plate, readings=tuple(map(read, range(20 * track, 20 * track + 9)))))
        assert passages.see([], 2 * track + 1) == []
    (plate,) = passages.flush()
    assert plate.num_frames == 20_000
    assert plate.continued == tuple(range(2000 - MAX_CONTINUED, 2000))
    assert len(plate.readings) == MAX_READINGS
    assert min(r.quality for r in plate.readings) > 0.9


def test_one_that_comes_back_too_late_is_another_passage() -> None:
    passages = Passages(patience_s=4)
    passages.end(make_plate("AB123", 0, 2))
    assert len(passages.see([], 6)) == 1
    passages.end(make_plate("AB123", 7, 9, track=2))
    assert [plate.track_id for plate in passages.flush()] == [2]


def test_one_in_view_again_is_waited_for() -> None:
    passages = Passages(patience_s=4)
    first, again = make_plate("AB123", 0, 2), make_plate("AB123", 5, 30, track=2)
    passages.end(first)
    for now_s in range(3, 30):
        assert passages.see([show(again)] if now_s >= 5 else [], now_s) == []
    passages.end(again)
    (plate,) = passages.flush()
    assert (plate.first_pts_s, plate.last_pts_s) == (0, 30)


def test_misreadings_of_a_parked_plate_wait_in_bounded_number() -> None:
    """Each is like the plate in view, which may yet turn out to be it, and like no other."""
    passages, parked = Passages(patience_s=4), make_plate("AB12345", 0, 9999, track=1)
    texts = [f"AB12{a}{b}5" for a in "CDEFGHJKLMNPQRSTUVWXYZ" for b in "CDEFGHJKLMNPQRSTUVWXYZ"]
    over = []
    for track, text in enumerate(texts, start=2):
        passages.end(make_plate(text, 10 * track, 10 * track + 1, track))
        over += passages.see([show(parked)], 10 * track + 1)
        assert len(passages._waiting) <= MAX_WAITING
    assert [plate.reading.text for plate in over] == texts[:-MAX_WAITING], "those that left first"
    assert len(passages.flush()) == MAX_WAITING


def test_without_patience_all_pass_at_once() -> None:
    passages = Passages(patience_s=0)
    passages.end(make_plate("AB123", 0, 2))
    assert len(passages.see([], 2)) == 1


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (make_plate("AB123", 0, 1), True),
        # B read as 8, which the first reading thought possible, or the second did.
        (make_plate("A8123", 0, 1), True),
        (make_plate("A8124", 0, 1), False),
        (make_plate("AX123", 0, 1), False),
        (make_plate("AX123", 0, 1, s1_B=0.3), True),
        # Three of five places are too many, however much in doubt.
        (make_plate("XY12Z", 0, 1, s0_A=0.4, s1_B=0.4, s4_3=0.4), False),
        # One character more or less, only where somebody is unsure.
        (make_plate("AB12", 0, 1, confidence=0.9), False),
        (make_plate("AB12", 0, 1, confidence=0.2), True),
        (make_plate("", 0, 1), False),
    ],
)
def test_what_is_the_same_plate(other: Plate, same: bool) -> None:
    plate = make_plate("AB123", 5, 6, s1_8=0.2)
    assert is_same_plate(plate, other) is same
    assert is_same_plate(other, plate) is same


def test_two_plates_seen_at_once_are_two() -> None:
    one, other = make_plate("AB123", 0, 10, s4_8=0.2), make_plate("AB128", 0, 10, track=2)
    assert is_same_plate(one, other)
    assert not is_same_passage(one, other)
    # The very same text twice at once is one plate that a detector saw twice.
    assert is_same_passage(one, make_plate("AB123", 5, 8, track=3))


def test_the_very_same_text_is_preferred() -> None:
    passages = Passages()
    passages.end(make_plate("AB128", 0, 1, track=1, s4_3=0.2))
    passages.end(make_plate("AB123", 0.5, 1.5, track=2))
    passages.end(make_plate("AB123", 3, 4, track=3))
    assert [(p.reading.text, p.continued) for p in passages.flush()] == [
        ("AB128", ()),
        ("AB123", (3,)),
    ]


def test_one_that_is_read_nearly_so_is_waited_for() -> None:
    passages = Passages(patience_s=4)
    passages.end(make_plate("AB123", 0, 2))
    assert passages.see([show(make_plate("A8123", 5.9, 6))], 6) == []
    assert len(passages.see([show(make_plate("XY987", 9, 10))], 10)) == 1


def test_plates_without_text_do_not_hold_each_other() -> None:
    passages = Passages(patience_s=4)
    passages.end(make_plate("", 0, 2))
    assert len(passages.see([show(make_plate("", 0, 6))], 6)) == 1


def test_merging_does_not_depend_on_who_ends_first() -> None:
    early, late = make_plate("AB123", 0, 9, 1, 0.5), make_plate("AB123", 3, 5, 2, 0.7)
    one, other = merge(early, late), merge(late, early)
    assert replace(one, reading=early.reading, best_crop=early.best_crop).last_pts_s == 9
    assert (one.track_id, one.confidence, one.reading.text) == (
        other.track_id,
        other.confidence,
        other.reading.text,
    )


@given(st.lists(st.tuples(st.sampled_from(["AB1", "CD2", "EF3"]), st.floats(0, 20)), max_size=12))
def test_no_frame_is_lost(ends: list[tuple[str, float]]) -> None:
    passages, out = Passages(), []
    for track, (text, last_s) in enumerate(sorted(ends, key=lambda end: end[1])):
        passages.end(make_plate(text, 0, last_s, track))
        out += passages.see([], last_s)
    out += passages.flush()
    assert sum(plate.num_frames for plate in out) == 10 * len(ends)
    assert {plate.reading.text for plate in out} == {text for text, _ in ends}
