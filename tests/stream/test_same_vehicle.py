"""A part of a plate, a near twin, lettering: one vehicle. Two cars with near plates: two."""

from dataclasses import replace

import pytest
from tests.stream.plates import decide, make_plate

from platestream.core.types import BoxXyxy, Plate, PlateDecision
from platestream.stream.life import PlateLives
from platestream.stream.passages import Passages
from platestream.stream.same_vehicle import (
    MAX_BESIDE,
    Beside,
    is_part,
    is_same_place,
    may_be_one,
)

HERE: BoxXyxy = (100.0, 100.0, 180.0, 125.0)
FURTHER: BoxXyxy = (130.0, 110.0, 220.0, 138.0)
ENTRY: BoxXyxy = (500.0, 20.0, 540.0, 32.0)


def a_track(
    text: str,
    first_s: float,
    last_s: float,
    track: int,
    confidence: float = 0.97,
    first_box: BoxXyxy = HERE,
    last_box: BoxXyxy = HERE,
) -> Plate:
    plate = make_plate(text, first_s, last_s, track, confidence)
    return replace(plate, first_box=first_box, last_box=last_box)


def passages_of(*tracks: Plate) -> list[str]:
    passages = Passages()
    for track in tracks:
        passages.end(track)
    return [plate.reading.text for plate in passages.flush()]


def test_a_part_right_before_or_after_the_whole_is_the_same_vehicle() -> None:
    part = a_track("03UB0925", 0, 2, 1, last_box=HERE)
    whole = a_track("TS03UB0925", 2.2, 4, 2, 1.0, first_box=FURTHER)
    assert passages_of(part, whole) == ["TS03UB0925"]
    later = a_track("03UB0925", 4.5, 5, 3, 0.99)
    assert passages_of(whole, later) == ["TS03UB0925"]


def test_the_whole_plate_wins_though_the_part_is_surer() -> None:
    part, whole = a_track("MV59", 0, 1, 1, 0.97), a_track("BIMV59", 1.2, 2, 2, 0.8)
    assert passages_of(part, whole) == ["BIMV59"]
    doubtful = replace(whole, confidence=0.35)
    assert passages_of(part, doubtful) == ["MV59"]


def test_a_near_twin_right_after_in_the_same_place_is_the_same_vehicle() -> None:
    one, twin = a_track("AP28DF0739", 0, 2, 1, 0.96), a_track("AP23DF0739", 2.1, 3, 2, 0.99)
    assert passages_of(one, twin) == ["AP23DF0739"]


@pytest.mark.parametrize(
    ("text", "first_s", "first_box", "why"),
    [
        ("AP23DF0739", 2.1, ENTRY, "a fleet car behind the first comes into view elsewhere"),
        ("AP23DF0739", 3.5, HERE, "the next one at a barrier takes longer"),
        ("AP23DF0739", 1.5, HERE, "both were seen at the same time"),
        ("AP23DF0738", 2.1, HERE, "two characters are off"),
        ("AP23DF", 2.1, HERE, "no end of the other"),
        ("739", 2.1, HERE, "too short to tell"),
        ("AP28DF0738", 2.1, (100.0, 100.0, 140.0, 112.0), "much smaller"),
    ],
)
def test_two_cars_with_near_plates_in_a_row_are_two(
    text: str, first_s: float, first_box: BoxXyxy, why: str
) -> None:
    first = a_track("AP28DF0739", 0, 2, 1)
    second = a_track(text, first_s, 4, 2, first_box=first_box)
    assert sorted(passages_of(first, second)) == sorted(["AP28DF0739", text]), why


def test_texts_that_may_be_one() -> None:
    assert is_part("BIMV59"[2:], "BIMV59")
    assert not is_part("BIMV59", "BIMV59")
    assert not is_part("B59X", "BIMV59")
    assert not is_part("AB12", "AB12CD3456")
    assert may_be_one("AB123", "AB1234")
    assert not may_be_one("AB12", "CD34")
    assert not may_be_one("", "")
    assert is_same_place(HERE, FURTHER)
    assert not is_same_place(HERE, ENTRY)


def told(confidence: float, box: BoxXyxy, num_beside: int = 10) -> list[str]:
    """What becomes of lettering of a confidence at a box, beside a sure plate."""
    lives = PlateLives(lambda number, _: str(number))
    for frame in range(10):
        at_s = frame / 10
        decisions = [in_view("AB1234", at_s, 1, 0.99, HERE)]
        if frame >= 10 - num_beside:
            decisions.append(in_view("TAX1", at_s, 2, confidence, box))
        lives.see(decisions, at_s)
    lives.end(make_plate("AB1234", 0, 0.9, 1, 0.99))
    lives.end(make_plate("TAX1", 0, 0.9, 2, confidence))
    return sorted(u.reading.text for u in lives.flush().updates if u.state == "final")


def in_view(text: str, at_s: float, track: int, confidence: float, box: BoxXyxy) -> PlateDecision:
    decision = decide(text, at_s, track, confidence)
    return replace(decision, crop=replace(decision.crop, box_xyxy=box))


def test_unsure_lettering_beside_a_sure_plate_makes_no_event() -> None:
    above: BoxXyxy = (110.0, 60.0, 170.0, 78.0)
    far: BoxXyxy = (400.0, 100.0, 480.0, 125.0)
    assert told(0.4, above) == ["AB1234"]
    assert told(0.4, far) == ["AB1234", "TAX1"]
    assert told(0.6, above) == ["AB1234", "TAX1"], "two plates of one vehicle are both reported"


def test_a_parked_car_remembers_so_many_that_passed_and_no_more() -> None:
    beside = Beside()
    # One stays beside it, thousands pass.
    for other in range(3, 3 * MAX_BESIDE):
        texts = {1: "AB12", 2: "CD34", other: "EF56"}
        beside.see([in_view(text, 0.0, track, 0.9, HERE) for track, text in texts.items()])
        beside.forget(other)
    assert len(beside._near) == 2
    assert all(len(near) == MAX_BESIDE for near in beside._near.values())
    beside.end(a_track("CD34", 0, 1, 2, 1.0))
    assert beside.goes_with_a_sure_one(a_track("AB12", 0, 1, 1, 0.4))
