"""What is drawn tells how sure a plate is, and nothing else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import PlateCrop, PlateDecision, Reading, Rgb, ScoredReading, Stacked
from platestream.video.drawing import (
    BELOW_COLOUR,
    DOUBT_COLOUR,
    LIKELY_COLOUR,
    SURE_COLOUR,
    Annotator,
    Colour,
)

BOX = (60.0, 80.0, 140.0, 110.0)


def a_decision(
    confidence: float,
    text: str = "AB12",
    track_id: int = 3,
    box: tuple[float, float, float, float] = BOX,
    unsure: int | None = None,
) -> PlateDecision:
    probs = np.zeros((NUM_STEPS, NUM_CLASSES), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = 1
    if unsure is not None:
        probs[unsure] = probs[unsure] * 0.4 + 0.6 / NUM_CLASSES
    crop = PlateCrop(track_id, 1, 0.1, box, np.zeros((8, 8, 3), np.uint8))
    return PlateDecision(crop, 0.5, Reading.from_probs(probs), confidence, None, 0.5)


def has(drawn: Rgb, colour: Colour) -> bool:
    return bool((drawn == np.array(colour, np.uint8)).all(-1).any())


def blank(height: int = 200, width: int = 400) -> Rgb:
    return np.zeros((height, width, 3), np.uint8)  # too low for a legend


@pytest.mark.parametrize(
    ("confidence", "colour"),
    [(0.96, SURE_COLOUR), (0.8, LIKELY_COLOUR), (0.4, DOUBT_COLOUR), (0.2, BELOW_COLOUR)],
)
def test_the_colour_tells_how_sure_a_plate_is(confidence: float, colour: Colour) -> None:
    rgb = blank()
    drawn = Annotator().draw(rgb, [a_decision(confidence)])
    # A line one pixel wide is smoothed into its rim.
    assert np.abs(drawn[95, 60].astype(int) - colour).max() <= 20
    for other in {SURE_COLOUR, LIKELY_COLOUR, DOUBT_COLOUR, BELOW_COLOUR} - {colour}:
        assert not has(drawn, other)
    assert not rgb.any(), "the frame itself is not drawn on"


def test_what_is_not_reported_has_no_text() -> None:
    drawn = Annotator(0.9).draw(blank(), [a_decision(0.8)])
    outside = drawn.copy()
    outside[76:115, 56:145] = 0
    assert not outside.any()
    assert Annotator(0.9).draw(blank(), [a_decision(0.8)]).any()


def labels(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written, in order."""
    written: list[str] = []
    put = cv2.putText

    def note(canvas: Rgb, text: str, *rest: object) -> object:
        written.append(text)
        return put(canvas, text, *rest)

    monkeypatch.setattr(cv2, "putText", note)
    return written


def test_characters_that_are_not_sure_are_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = labels(monkeypatch)
    Annotator().draw(blank(), [a_decision(0.8, unsure=1)])
    assert written == ["A?12  0.80"]


@pytest.mark.parametrize(("confidence", "said"), [(0.949, "0.94"), (0.95, "0.95"), (0.29, "0.29")])
def test_what_is_written_agrees_with_the_legend(
    monkeypatch: pytest.MonkeyPatch, confidence: float, said: str
) -> None:
    written = labels(monkeypatch)
    Annotator(min_confidence=0.1).draw(blank(), [a_decision(confidence)])
    assert written == [f"AB12  {said}"]


def test_a_plate_that_was_sure_stays_as_it_was_while_it_is_in_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = labels(monkeypatch)
    annotator = Annotator()
    for decision in (a_decision(0.97), a_decision(0.1, "XX"), a_decision(0.5, "AB12", 4)):
        drawn = annotator.draw(blank(), [decision])
    assert written == ["AB12  0.97", "AB12  0.97", "AB12  0.50"]
    assert has(drawn, DOUBT_COLOUR)
    annotator.draw(blank(), [])
    annotator.draw(blank(), [a_decision(0.4)])
    assert written[-1] == "AB12  0.40", "one that was out of view begins anew"


def test_labels_do_not_cover_each_other() -> None:
    near = (60.0, 112.0, 140.0, 142.0)
    alone = Annotator().draw(blank(), [a_decision(0.96)])
    both = Annotator().draw(blank(), [a_decision(0.96), a_decision(0.8, "CD34", 4, near)])
    label = (alone == np.array(SURE_COLOUR, np.uint8)).all(-1)
    label[78:] = False  # above the plate
    assert label.sum() > 300
    np.testing.assert_array_equal(both[label], alone[label])


def test_a_legend_names_the_colours_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    written = labels(monkeypatch)
    Annotator(0.3).draw(blank(480, 640), [])
    assert written == [
        "sure, 0.95 or more",
        "likely, 0.70 or more",
        "in doubt",
        "below 0.30, not reported",
    ]
    del written[:]
    Annotator(0.3).draw(blank(200, 640), [])
    assert written == []


PINK = (250, 20, 160)


def with_stack(decision: PlateDecision) -> PlateDecision:
    """As if it had been read from the mean of twelve crops, all pink."""
    picture = np.full((64, 256, 3), PINK, np.uint8)
    read = (ScoredReading(decision.reading, 0.5),)
    return replace(decision, stacked=Stacked(picture, 12, read))


def test_the_picture_of_many_frames_is_drawn_beside_what_it_says() -> None:
    without = Annotator().draw(blank(), [a_decision(0.8)])
    drawn = Annotator().draw(blank(), [with_stack(a_decision(0.8))])
    assert not has(without, PINK)
    assert has(drawn, PINK)
    # Neither the plate nor its label is covered.
    assert (drawn[81:109, 63:137] == without[81:109, 63:137]).all()
    label = (without == np.array(LIKELY_COLOUR, np.uint8)).all(-1)
    assert (drawn[label] == LIKELY_COLOUR).all()


def test_a_plate_that_is_not_reported_shows_no_picture_either() -> None:
    assert not has(Annotator().draw(blank(), [with_stack(a_decision(0.2))]), PINK)


@pytest.mark.parametrize("side", [(8, 8), (30, 400), (400, 30), (200, 400)])
@pytest.mark.parametrize("at", [(0.0, 0.0), (0.95, 0.0), (0.0, 0.95), (0.95, 0.95), (-0.5, 0.5)])
def test_pictures_at_any_edge_stay_in_the_frame(
    side: tuple[int, int], at: tuple[float, float]
) -> None:
    x, y = at[0] * side[1], at[1] * side[0]
    box = (x, y, x + 0.2 * side[1], y + 0.1 * side[0])
    decisions = [with_stack(a_decision(0.96, track_id=i, box=box)) for i in range(4)]
    drawn = Annotator().draw(blank(*side), decisions)
    assert drawn.shape == (*side, 3)
