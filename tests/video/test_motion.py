"""Frames that bring nothing new are not searched; those that do are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.types import Detection, Frame, Rgb
from platestream.video.motion import IDLE_LOOK_S, STILL_S, MotionGate
from tests.detections import slanted

STREET = np.random.default_rng(0).integers(0, 200, (180, 320, 3), np.uint8)


class Counting:
    """Finds the column of the brightest pixel, and counts how often it was asked."""

    def __init__(self) -> None:
        self.num_looks = 0

    def __call__(self, rgb: Rgb) -> list[Detection]:
        self.num_looks += 1
        x = float(rgb.max(axis=(0, 2)).argmax())
        return [slanted((x, 0, x + 20, 8))]


def frame(index: int, pts_s: float, plate_x: int | None = None) -> Frame:
    rgb = STREET.copy()
    if plate_x is not None:
        rgb[60:80, plate_x : plate_x + 40] = 255
    return Frame(index, pts_s, rgb)


def test_a_still_picture_keeps_what_was_found() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    noise = np.random.default_rng(1)
    first = gate.detect(frame(0, 0.0, 100), is_idle=False)
    for index in range(1, 20):
        still = frame(index, index / 25, 100)
        noisy = (still.rgb + noise.normal(0, 3, still.rgb.shape)).clip(0, 255).astype(np.uint8)
        assert gate.detect(Frame(index, still.pts_s, noisy), is_idle=False) is first
    assert detector.num_looks == 1


def test_a_plate_that_moves_is_followed() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    found = [gate.detect(frame(i, i / 25, 40 + 4 * i), is_idle=False) for i in range(10)]
    assert [d.box_xyxy[0] for (d,) in found] == [40 + 4 * i for i in range(10)]


def test_slow_changes_add_up() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    for level in range(40):
        gate.detect(
            Frame(level, level / 100, np.full((90, 160, 3), level, np.uint8)), is_idle=False
        )
    # A look for every six grey levels.
    assert detector.num_looks == 7


def test_looks_again_after_a_while_however_still() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    for index in range(101):
        gate.detect(frame(index, index / 25), is_idle=False)
    assert detector.num_looks == 1 + 4 / STILL_S


def test_idle_looks_can_wait_but_nothing_is_made_up() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    found = [gate.detect(frame(i, i / 100, 3 * i), is_idle=True) for i in range(13)]
    looked = [i for i, detections in enumerate(found) if detections]
    assert looked == [0, 6, 12]
    assert IDLE_LOOK_S == 0.06


def test_every_frame_means_every_frame() -> None:
    detector = Counting()
    gate = MotionGate(detector, every_frame=True)
    for index in range(10):
        gate.detect(frame(0, 0.001 * index), is_idle=True)
    assert detector.num_looks == 10


def test_runs_that_began_at_different_places_fall_into_step() -> None:
    drift = [20 + i // 8 for i in range(200)]
    looks = []
    for begin in (0, 7, 40):
        seen: list[int] = []
        gate = MotionGate(lambda rgb, seen=seen: seen.append(int(rgb[0, 0, 0])) or [])
        for index in range(begin, 200):
            picture = np.full((90, 160, 3), drift[index], np.uint8)
            picture[0, 0, 0] = index
            gate.detect(Frame(index, index / 25, picture), is_idle=index % 60 < 30)
        looks.append([index for index in seen if index >= 50])
    assert looks[0] == looks[1] == looks[2]


def test_time_that_runs_backwards_is_looked_at() -> None:
    detector = Counting()
    gate = MotionGate(detector)
    gate.detect(frame(0, 50.0), is_idle=True)
    gate.detect(frame(1, 1.0), is_idle=True)
    assert detector.num_looks == 2


@given(st.tuples(st.integers(8, 200), st.integers(8, 200)))
def test_any_size_of_frame_will_do(size: tuple[int, int]) -> None:
    detector = Counting()
    gate = MotionGate(detector)
    gate.detect(Frame(0, 0.0, np.zeros((*size, 3), np.uint8)), is_idle=False)
    gate.detect(Frame(1, 0.1, np.full((*size, 3), 255, np.uint8)), is_idle=False)
    assert detector.num_looks == 2
