"""Where a closer look is taken, and what is believed of it."""

import pytest

from platestream.core.types import Detection
from platestream.models.closer import MAX_WINDOWS, Window, settle, windows

WIDTH, HEIGHT = 1280, 720


def plate(x: float, y: float, width_px: float, score: float) -> Detection:
    return Detection((x, y, x + width_px, y + width_px / 4), score)


def look(*found: Detection) -> list[Window]:
    """What is looked at again of a frame that was seen at half its size."""
    return windows(found, 0.4, 0.5, WIDTH, HEIGHT)


def test_a_hint_is_looked_at_where_it_lies() -> None:
    (window,) = look(plate(600, 300, 30, 0.25))
    assert (window.width, window.height) == (192, 128)
    assert window.left + window.width / 2 == pytest.approx(615, abs=1)
    assert window.is_about(plate(600, 300, 30, 0.8))
    assert not window.is_about(plate(680, 300, 30, 0.8))


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1250, 0), (0, 712), (1250, 712)])
def test_a_window_lies_inside_the_frame(x: float, y: float) -> None:
    (window,) = look(plate(x, y, 30, 0.25))
    assert 0 <= window.left <= WIDTH - window.width
    assert 0 <= window.top <= HEIGHT - window.height


def test_sure_plates_are_looked_at_only_if_they_are_tiny() -> None:
    assert not look(plate(600, 300, 100, 0.25)), "a hint too large to gain by it"
    assert not look(plate(600, 300, 54, 0.7))
    assert look(plate(600, 300, 54, 0.3))
    assert look(plate(600, 300, 30, 0.7))


def test_nothing_is_looked_at_that_would_be_no_larger() -> None:
    assert not windows([plate(100, 100, 15, 0.25)], 0.4, 1.0, 320, 240)


def test_so_many_windows_and_no_more() -> None:
    hints = [plate(100 * i, 100, 30, 0.3) for i in range(8)]
    assert len(look(*hints)) == MAX_WINDOWS


def test_a_window_of_a_large_frame_shows_the_plate_as_large_as_is_wanted() -> None:
    (window,) = windows([plate(1000, 800, 96, 0.3)], 0.4, 0.25, 3840, 2160)
    assert (window.width, window.height) == (384, 256)


def test_the_closer_look_is_believed_in_the_middle_of_its_window() -> None:
    before, beside = plate(598, 298, 36, 0.45), plate(700, 300, 40, 0.9)
    after = plate(600, 300, 30, 0.8)
    (window,) = look(plate(600, 300, 30, 0.3))
    assert settle([beside, before], window, [after, plate(680, 300, 30, 0.9)]) == [beside, after]
    # Where it sees nothing, what was found stays found.
    assert settle([before], window, []) == [before]
