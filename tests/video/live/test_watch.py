"""Pictures that stand still, and pictures that are black."""

import numpy as np
from numpy.typing import NDArray

from platestream.video.live.watch import SightWatch

STREET = np.random.default_rng(1).integers(20, 220, (90, 160), np.uint8)


def noisy(gray: NDArray[np.uint8], seed: int, spread: float) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, spread, gray.shape)
    return (gray + noise).clip(0, 255).astype(np.uint8)


def test_the_same_picture_is_frozen_after_a_while_and_lives_again_with_the_next() -> None:
    watch = SightWatch(frozen_after_s=5)
    assert [watch.see(STREET.copy(), t) for t in range(7)] == ["live"] * 5 + ["frozen"] * 2
    assert watch.see(noisy(STREET, 0, 5), 7) == "live"


def test_an_encoder_that_dithers_does_not_hide_that_a_picture_is_frozen() -> None:
    watch = SightWatch(frozen_after_s=5)
    assert [watch.see(noisy(STREET, t, 0.5), t) for t in range(7)][-1] == "frozen"


def test_a_still_scene_with_a_camera_s_noise_is_live() -> None:
    watch = SightWatch(frozen_after_s=5)
    assert {watch.see(noisy(STREET, t, 2.5), t) for t in range(20)} == {"live"}


def test_a_clock_in_the_corner_keeps_a_picture_live() -> None:
    watch = SightWatch(frozen_after_s=5)
    for second in range(20):
        picture = STREET.copy()
        picture[:4, :6] = 255 * (second % 2)
        assert watch.see(picture, second) == "live"


def test_black_is_told_after_two_seconds_and_before_frozen() -> None:
    watch = SightWatch(frozen_after_s=1)
    black = np.full((90, 160), 16, np.uint8)
    assert [watch.see(black, t) for t in (0, 0.5, 2, 9)] == ["live", "live", "black", "black"]
    assert round(watch.brightness, 3) == round(16 / 255, 3)
    assert watch.see(STREET, 10) == "live"


def test_a_night_with_one_lamp_is_not_black() -> None:
    watch = SightWatch(frozen_after_s=100)
    night = np.full((90, 160), 12, np.uint8)
    night[10:16, 20:27] = 200
    assert {watch.see(night, t) for t in range(10)} == {"live"}


def test_a_picture_of_another_size_is_another_picture() -> None:
    watch = SightWatch(frozen_after_s=1)
    watch.see(STREET, 0)
    assert watch.see(STREET[::2], 5) == "live"
