"""Pictures that stand still, and pictures that are black."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from platestream.live.frozen import Gray, SightWatch

STREET = np.random.default_rng(1).integers(20, 220, (90, 160), np.uint8)


def noisy(gray: NDArray[np.uint8], seed: int, spread: float) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, spread, gray.shape)
    return (gray + noise).clip(0, 255).astype(np.uint8)


def look(watch: SightWatch, pictures: Iterable[Gray], *, every_s: float = 0.5) -> list[str]:
    """What is seen of each two neighbouring pictures."""
    pairs = batched(pictures)
    return [watch.see(one, other, every_s * number) for number, (one, other) in enumerate(pairs)]


def batched(pictures: Iterable[Gray]) -> Iterator[tuple[Gray, Gray]]:
    each = iter(pictures)
    return zip(each, each, strict=True)


def test_the_same_picture_is_frozen_after_a_while() -> None:
    seen = look(SightWatch(frozen_after_s=5), [STREET.copy() for _ in range(30)])
    assert seen == ["live"] * 10 + ["frozen"] * 5


def test_key_frames_that_pulse_do_not_hide_that_a_picture_is_frozen() -> None:
    # One pair of five falls on a key frame, which is coarser than those that follow.
    pictures = [noisy(STREET, n, 6) if n % 10 == 0 else STREET for n in range(200)]
    assert look(SightWatch(frozen_after_s=5), pictures)[-1] == "frozen"


def test_a_still_scene_with_a_sensor_s_noise_is_live() -> None:
    pictures = [noisy(STREET, n, 0.8) for n in range(100)]
    assert set(look(SightWatch(frozen_after_s=5), pictures)) == {"live"}


def test_a_still_scene_whose_noise_an_encoder_smooths_now_and_then_is_live() -> None:
    # As measured: up to a fifth of the pairs are the same.
    pictures = [STREET if n % 10 < 2 else noisy(STREET, n, 1) for n in range(200)]
    assert set(look(SightWatch(frozen_after_s=5), pictures)) == {"live"}


def test_a_camera_that_lives_again_is_live_within_seconds() -> None:
    watch = SightWatch(frozen_after_s=5)
    assert look(watch, [STREET] * 30)[-1] == "frozen"
    pictures = batched(noisy(STREET, n, 2) for n in range(30))
    seen = [watch.see(one, other, 7.5 + n / 2) for n, (one, other) in enumerate(pictures)]
    assert seen.index("live") <= 6
    assert "frozen" not in seen[6:]


def test_memory_of_pairs_is_bounded() -> None:
    watch = SightWatch(frozen_after_s=5)
    look(watch, [STREET] * 1000)
    assert len(watch._pairs) <= 12


def test_black_is_told_after_two_seconds_and_before_frozen() -> None:
    watch = SightWatch(frozen_after_s=1)
    black = np.full((90, 160), 16, np.uint8)
    seen = [watch.see(black, black, t) for t in (0, 0.5, 2, 9)]
    assert seen == ["live", "live", "black", "black"]
    assert round(watch.brightness, 3) == round(16 / 255, 3)
    assert watch.see(black, STREET, 10) != "black"


def test_a_night_with_one_lamp_is_not_black() -> None:
    night = np.full((90, 160), 12, np.uint8)
    night[10:16, 20:27] = 200
    assert set(look(SightWatch(frozen_after_s=100), [night] * 20)) == {"live"}


def test_pictures_of_two_sizes_are_not_the_same() -> None:
    watch = SightWatch(frozen_after_s=1)
    assert [watch.see(STREET, STREET[::2], t) for t in range(5)] == ["live"] * 5


def test_where_nobody_asks_nothing_is_gathered() -> None:
    watch = SightWatch(frozen_after_s=float("inf"))
    assert set(look(watch, [STREET] * 400)) == {"live"}
    assert len(watch._pairs) == 0
