import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.types import Rgb
from platestream.lab.render import optics


def flat(value: int, height: int = 24, width: int = 60) -> Rgb:
    return np.full((height, width, 3), value, np.uint8)


def point() -> Rgb:
    image = flat(0, 41, 41)
    image[20, 20] = 255
    return image


@pytest.mark.parametrize(
    ("value", "gain", "gamma", "haze", "expected"),
    [
        (100, (1.0, 1.0, 1.0), 1.0, 0.0, (100, 100, 100)),
        (100, (0.5, 1.0, 2.0), 1.0, 10.0, (60, 110, 210)),
        (200, (2.0, 2.0, 2.0), 1.0, 0.0, (255, 255, 255)),
        (51, (1.0, 1.0, 1.0), 2.0, 0.0, (10, 10, 10)),  # 255 * 0.2 ** 2 = 10.2
        (10, (1.0, 1.0, 1.0), 1.0, -20.0, (0, 0, 0)),
    ],
)
def test_expose(
    value: int,
    gain: tuple[float, ...],
    gamma: float,
    haze: float,
    expected: tuple[int, ...],
) -> None:
    image = optics.expose(flat(value), np.array(gain, np.float32), gamma, haze)
    assert np.abs(image.astype(int) - np.array(expected)).max() <= 1


@given(st.floats(0, 6), st.floats(0, 15), st.floats(-180, 180), st.integers(0, 255))
def test_blur_leaves_an_even_picture_alone(
    sigma: float, length: float, angle: float, value: int
) -> None:
    image = optics.smear(optics.defocus(flat(value), sigma), length, angle)
    assert np.abs(image.astype(int) - value).max() <= 1


def test_defocus_spreads_a_point_as_a_gaussian_does() -> None:
    image = optics.defocus(point(), 1.0)
    # The middle weight of a Gaussian of sigma 1 is 1 / (2 pi) = 0.159.
    assert image[20, 20, 0] == pytest.approx(255 * 0.159, abs=3)


@pytest.mark.parametrize(("angle", "axis"), [(0, 1), (90, 0)])
def test_smear_runs_along_its_angle(angle: float, axis: int) -> None:
    image = optics.smear(point(), 9, angle)[..., 0]
    spread = np.flatnonzero(image.max(axis=1 - axis))
    across = np.flatnonzero(image.max(axis=axis))
    assert len(spread) == pytest.approx(9, abs=1)
    assert len(across) == 1


def test_noise_has_its_strength(rng: np.random.Generator) -> None:
    noisy = optics.add_noise(flat(128, 100, 200), 3.0, rng).astype(float)
    assert noisy.std() == pytest.approx(3.0, rel=0.1)
    assert np.array_equal(noisy[..., 0], noisy[..., 2])
    stained = optics.add_noise(flat(128, 100, 200), 10.0, rng).astype(float)
    # Luma and stains add up: 10 * sqrt(1 + 0.36) = 11.7.
    assert stained.std() == pytest.approx(11.7, rel=0.1)
    assert not np.array_equal(stained[..., 0], stained[..., 2])


def test_grey_weighs_the_channels_as_the_eye_does() -> None:
    image = flat(0)
    image[..., 1] = 200
    assert np.abs(optics.grey(image).astype(int) - 117).max() <= 1  # 0.587 * 200


def test_sharpening_overshoots_at_an_edge() -> None:
    image = flat(100)
    image[:, 30:] = 150
    sharp = optics.sharpen(image, 1.0)
    assert sharp.min() < 100
    assert sharp.max() > 150


def test_enlarging_multiplies_the_size() -> None:
    assert optics.enlarge(flat(7, 10, 20), 2.5).shape == (25, 50, 3)


def test_rain_only_brightens(rng: np.random.Generator) -> None:
    image = optics.rain(flat(60), 20, 0.3, rng)
    assert image.min() == 60
    assert image.max() > 90


def test_compression_keeps_colours_in_their_channels() -> None:
    image = flat(0)
    image[..., 0] = 200
    back = optics.compress(image, 90)
    assert np.abs(back.astype(int) - image).max() <= 4
    assert optics.compress(image, 98) is image


def test_a_lower_quality_loses_more(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (24, 60, 3), np.uint8)
    errors = [
        np.abs(optics.compress(image, quality).astype(int) - image).mean()
        for quality in (95, 60, 20)
    ]
    assert errors == sorted(errors)
