"""What brings nothing new is not searched; what is new is found soon, and known plates followed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.types import Detection, Frame, Rgb
from platestream.video.finder import FINE_S, IDLE_LOOK_S, LOOK_S, STILL_S, Finder
from platestream.video.tracking import PlateTracker
from tests.detections import slanted

WIDTH, HEIGHT = 640, 360
STREET = np.random.default_rng(0).integers(0, 90, (HEIGHT, WIDTH, 3), np.uint8)
PLATE_W, PLATE_H = 40, 12


class Whites:
    """Finds everything white in whole frames, one box for each; counts the pixels it saw."""

    def __init__(self) -> None:
        self.num_looks, self.num_px = 0, 0

    def detect(self, rgb: Rgb) -> list[Detection]:
        self.num_looks += 1
        self.num_px += rgb.shape[0] * rgb.shape[1]
        is_white = rgb.min(axis=2) > 200
        columns = np.flatnonzero(is_white.any(axis=0))
        found = []
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
            if len(run):
                rows = np.flatnonzero(is_white[:, run].any(axis=1))
                box = (run[0], rows[0], run[-1] + 1, rows[-1] + 1)
                found.append(slanted(tuple(float(side) for side in box)))
        return found


class Windowed(Whites):
    """The same, that may be shown parts."""

    def scale(self, width_px: int, height_px: int) -> float:
        assert (width_px, height_px) == (WIDTH, HEIGHT)
        return 1.0

    def look(self, rgb: Rgb) -> list[Detection]:
        return self.detect(rgb)


def frame(index: int, pts_s: float, *plates: tuple[float, float]) -> Frame:
    rgb = STREET.copy()
    for x, y in plates:
        rgb[int(y) : int(y) + PLATE_H, int(x) : int(x) + PLATE_W] = 255
    return Frame(index, pts_s, rgb)


class Street:
    """Runs frames through finder and tracker."""

    def __init__(self, detector: Whites, *, every_frame: bool = False) -> None:
        self.detector, self.tracker = detector, PlateTracker()
        self._finder = Finder(detector, every_frame=every_frame)

    def see(self, frame: Frame, *, is_idle: bool | None = None) -> list[float]:
        """The left sides of the plates that are found."""
        expected = self.tracker.expected()
        is_idle = not expected if is_idle is None else is_idle
        found = self._finder.find(frame, expected, is_idle=is_idle)
        self.tracker.update(found, frame.pts_s)
        return sorted(detection.box_xyxy[0] for detection in found)


@pytest.mark.parametrize("kind", [Whites, Windowed])
def test_a_still_picture_keeps_what_was_found(kind: type[Whites]) -> None:
    street = Street(kind())
    noise = np.random.default_rng(1)
    for index in range(20):
        still = frame(index, index / 25, (100, 60))
        noisy = (still.rgb + noise.normal(0, 3, still.rgb.shape)).clip(0, 255).astype(np.uint8)
        assert street.see(Frame(index, still.pts_s, noisy)) == [100]
    assert street.detector.num_looks == 1


@pytest.mark.parametrize("kind", [Whites, Windowed])
def test_looks_again_after_a_while_however_still(kind: type[Whites]) -> None:
    street = Street(kind())
    for index in range(101):
        street.see(frame(index, index / 25))
    assert street.detector.num_looks == 1 + 4 / STILL_S


@pytest.mark.parametrize("speed", [0, 1, 4, 15, -9])
def test_a_plate_is_found_in_every_frame_where_it_is(speed: int) -> None:
    street = Street(Windowed())
    at = [300 + speed * index for index in range(20)]
    found = [street.see(frame(i, i / 25, (x, 100))) for i, x in enumerate(at)]
    # One that moves slowly may be where it is expected, to a twentieth of its width.
    assert [x for (x,) in found] == pytest.approx(at, abs=PLATE_W / 20)


def test_a_plate_is_followed_for_a_tenth_of_the_price() -> None:
    price = {}
    for kind in (Whites, Windowed):
        street = Street(kind())
        for index in range(25):
            assert street.see(frame(index, index / 25, (100 + 6 * index, 100)))
        price[kind] = street.detector.num_px
    assert price[Windowed] < price[Whites] / 8


def test_a_plate_that_turns_round_is_still_found() -> None:
    street = Street(Windowed())
    xs = [100 + 8 * index for index in range(12)] + [188 - 8 * index for index in range(10)]
    found = [street.see(frame(i, i / 25, (x, 100))) for i, x in enumerate(xs)]
    assert [len(each) for each in found] == [1] * len(xs)


def test_nothing_is_compared_while_there_is_nothing_to_follow() -> None:
    street = Street(Windowed())
    street.see(frame(0, 0.0))

    class Unseen:
        size = (WIDTH, HEIGHT)

    # Not even its brightness is asked for: there is none.
    assert street.see(Frame(1, 0.04, Unseen())) == []  # type: ignore[arg-type]
    assert street.see(frame(2, 0.14, (100, 60))) == [100]


@pytest.mark.parametrize("fps", [10, 18, 24, 25, 30])
def test_a_new_plate_is_found_at_most_a_tenth_of_a_second_late(fps: int) -> None:
    for first in range(5, 12):
        street = Street(Windowed())
        for index in range(2 * fps):
            plates = [(100.0 + 5 * index, 100.0)]
            if index >= first:  # as large as a coarse look needs
                plates.append((500.0 - 4 * index, 240.0))
            if len(street.see(frame(index, index / fps, *plates))) == 2:
                assert (index - first) / fps <= LOOK_S + 0.001
                break
        else:
            pytest.fail("it was never found")


def test_all_that_moves_is_looked_at_coarsely_and_now_and_then_finely() -> None:
    street = Street(Windowed())
    rng = np.random.default_rng(2)
    for index in range(51):
        rgb = rng.integers(0, 2) * 60 + STREET  # the whole picture flickers
        street.see(Frame(index, index / 50, rgb.astype(np.uint8)), is_idle=False)
    whole = WIDTH * HEIGHT
    assert street.detector.num_px <= (1 / FINE_S + 1) * whole + (1 / LOOK_S + 1) * whole / 4


def test_slow_changes_add_up() -> None:
    street = Street(Whites())
    for level in range(40):
        street.see(Frame(level, level / 100, np.full((90, 160, 3), level, np.uint8)), is_idle=False)
    # A look for every six grey levels.
    assert street.detector.num_looks == 7


def test_idle_looks_can_wait_but_nothing_is_made_up() -> None:
    street = Street(Whites())
    found = [street.see(frame(i, i / 100, (20 * i, 50)), is_idle=True) for i in range(30)]
    assert [i for i, plates in enumerate(found) if plates] == [0, 13, 26]
    assert IDLE_LOOK_S == 0.13


def test_every_frame_means_the_whole_of_every_frame() -> None:
    street = Street(Windowed(), every_frame=True)
    for index in range(10):
        street.see(frame(0, 0.001 * index, (100, 60)), is_idle=True)
    assert street.detector.num_px == 10 * WIDTH * HEIGHT


def test_time_that_runs_backwards_is_looked_at() -> None:
    street = Street(Windowed())
    street.see(frame(0, 50.0))
    street.see(frame(1, 1.0))
    assert street.detector.num_looks == 2


@given(st.tuples(st.integers(8, 200), st.integers(8, 200)))
def test_any_size_of_frame_will_do(size: tuple[int, int]) -> None:
    street = Street(Whites())
    street.see(Frame(0, 0.0, np.zeros((*size, 3), np.uint8)), is_idle=False)
    street.see(Frame(1, 0.1, np.full((*size, 3), 255, np.uint8)), is_idle=False)
    assert street.detector.num_looks == 2


def test_runs_that_began_at_different_places_fall_into_step() -> None:
    """From the next whole second of the source on they look at the same frames."""
    looks = []
    for begin in (0, 7, 40):
        detector = Windowed()
        street, seen = Street(detector), {}
        for index in range(begin, 200):
            before = detector.num_px
            street.see(frame(index, index / 25, (20 + 2 * (index % 60), 60 + index % 9)))
            seen[index] = detector.num_px - before
        looks.append([seen[index] for index in range(75, 200)])
    assert any(looks[0])
    assert looks[0] == looks[1] == looks[2]
