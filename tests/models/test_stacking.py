"""Laying crops of one plate on top of each other."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.models.bundle import load_networks
from platestream.models.stacking import Stack, StackConfig, register


def plate(text: str) -> Rgb:
    """A drawn plate on a car, 64 x 256."""
    picture = np.full((64, 256, 3), (60, 70, 90), np.uint8)
    cv2.rectangle(picture, (24, 12), (232, 54), (225, 225, 220), -1)
    cv2.rectangle(picture, (26, 14), (230, 52), (20, 20, 20), 1)
    cv2.putText(picture, text, (36, 46), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (15, 15, 15), 3)
    return picture


def moved(rgb: Rgb, matrix: NDArray[np.float64]) -> Rgb:
    size = rgb.shape[1], rgb.shape[0]
    return np.asarray(
        cv2.warpPerspective(rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def shaken(rgb: Rgb, rng: np.random.Generator, noise: float) -> Rgb:
    """The same plate in another frame: moved, scaled, sheared, in another light, with noise."""
    matrix = np.eye(3)
    matrix[:2, :2] += rng.uniform(-0.03, 0.03, (2, 2))
    matrix[:2, 2] = rng.uniform(-6, 6), rng.uniform(-2, 2)
    lit = moved(rgb, matrix) * rng.uniform(0.7, 1.1) + rng.normal(0, noise, rgb.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def correlation(one: Rgb, other: Rgb) -> float:
    inside = np.s_[10:54, 20:236]
    return float(np.corrcoef(one[inside].ravel(), other[inside].ravel())[0, 1])


def grey(rgb: Rgb) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def test_a_stack_of_one_crop_is_that_crop_scaled() -> None:
    crop = plate("AB 1234")[8:58, 10:240]
    stack = Stack()
    assert stack.add(crop, 0.3)
    assert stack.num_frames == 1
    scaled = cv2.resize(crop, (256, 64), interpolation=cv2.INTER_CUBIC)
    assert np.abs(stack.picture().astype(int) - scaled).max() <= 1


@pytest.mark.parametrize("is_projective", [False, True])
def test_registration_finds_a_known_map(is_projective: bool) -> None:
    picture = plate("AB 1234")
    matrix = np.array([[1.03, 0.05, -6.0], [-0.01, 0.97, 3.0], [0, 0, 1]])
    if is_projective:
        matrix[2, 0] = 2e-4
    config = StackConfig(is_projective=is_projective, fine_steps=12)
    found, agreement = register(grey(picture), grey(moved(picture, matrix)), config)
    corners = np.array([[24, 232, 232, 24], [12, 12, 54, 54], [1, 1, 1, 1]], np.float64)
    wanted = matrix @ corners
    half = np.array([[128, 0, 127.5], [0, 32, 31.5], [0, 0, 1]])
    got = half @ found @ np.linalg.inv(half) @ corners
    assert np.abs(wanted[:2] / wanted[2] - got[:2] / got[2]).max() < 0.5  # pixels of 256
    assert agreement > 0.95


def test_many_noisy_crops_are_clearer_than_any() -> None:
    rng = np.random.default_rng(0)
    truth = plate("AB 1234")
    crops = [truth, *(shaken(truth, rng, 60) for _ in range(15))]
    crops[0] = np.asarray(np.clip(truth + rng.normal(0, 60, truth.shape), 0, 255), np.uint8)
    stack = Stack()
    assert all(stack.add(crop) for crop in crops)
    best = max(correlation(crop, truth) for crop in crops)
    assert correlation(stack.picture(), truth) > max(best + 0.05, 0.92)


def test_what_does_not_agree_is_left_out() -> None:
    rng = np.random.default_rng(1)
    stack = Stack()
    for _ in range(4):
        stack.add(shaken(plate("AB 1234"), rng, 5), 0.5)
    before = stack.picture()
    noise = rng.integers(0, 255, (40, 160, 3), dtype=np.uint8)
    assert not stack.add(noise, 0.5)
    assert stack.num_frames == 4
    np.testing.assert_array_equal(stack.picture(), before)


def test_a_much_better_crop_that_does_not_agree_starts_anew() -> None:
    stack = Stack()
    rng = np.random.default_rng(2)
    stack.add(rng.integers(0, 255, (40, 160, 3), dtype=np.uint8), 0.2)
    assert stack.add(plate("AB 1234"), 0.9)
    assert (stack.num_frames, stack.best_weight) == (1, 0.9)
    assert correlation(stack.picture(), plate("AB 1234")) > 0.99


def test_weights_are_those_of_the_average() -> None:
    truth = plate("AB 1234")
    darker = np.asarray(truth * 0.5, np.uint8)
    stack = Stack()
    stack.add(truth, 3.0)
    stack.add(darker, 1.0)
    expected = 0.75 * truth + 0.25 * darker
    inside = np.s_[8:56, 16:240]
    assert np.abs(stack.picture()[inside] - expected[inside]).max() <= 3


def test_a_crop_without_any_detail_or_weight_harms_nothing() -> None:
    stack = Stack()
    flat = np.full((30, 90, 3), 128, np.uint8)
    assert stack.add(flat, 0.0)
    assert not stack.add(flat, 0.0)
    assert stack.add(plate("AB 1234"), 0.5)
    assert not stack.add(flat, 0.5)
    assert correlation(stack.picture(), plate("AB 1234")) > 0.99


@pytest.mark.parametrize(("size", "shape"), [((40, 60), (105, 157)), ((20, 90), (64, 256))])
def test_a_plate_of_two_rows_keeps_its_shape(size: tuple[int, int], shape: tuple[int, int]) -> None:
    stack = Stack()
    assert stack.add(np.zeros((*size, 3), np.uint8), 1.0)
    picture = stack.picture()
    assert picture.shape[:2] == shape
    assert picture.shape[0] * picture.shape[1] == pytest.approx(64 * 256, rel=0.01)


def test_before_the_first_crop_it_is_black() -> None:
    assert not Stack(StackConfig(32, 128)).picture().any()
    assert Stack(StackConfig(32, 128)).picture().shape == (32, 128, 3)


def test_it_needs_nothing_else_of_this_package() -> None:
    code = (
        "import sys, platestream.models.stacking;"
        "print([m for m in sys.modules if m.startswith('platestream.') and m not in"
        " ('platestream.core', 'platestream.core.limits', 'platestream.models',"
        " 'platestream.models.stacking')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def film(text: str, num: int, seed: int, noise: float = 25) -> list[Rgb]:
    rng = np.random.default_rng(seed)
    return [shaken(plate(text), rng, noise) for _ in range(num)]


def stacked(crops: list[Rgb]) -> Rgb:
    stack = Stack()
    for crop in crops:
        stack.add(crop, 0.5)
    return stack.picture()


@given(st.permutations(range(6)))
@settings(max_examples=20, deadline=None)
def test_order_does_not_matter_where_nothing_moves(order: list[int]) -> None:
    """Beyond rounding; and where crops do move, see the next test."""
    rng = np.random.default_rng(3)
    truth = cv2.GaussianBlur(plate("AB 1234"), (0, 0), 2)
    crops = [
        np.asarray(np.clip(truth + rng.normal(0, 2, truth.shape), 0, 255), np.uint8) for _ in order
    ]
    one, other = stacked(crops), stacked([crops[i] for i in order])
    assert np.abs(one.astype(int) - other).mean() < 1


def test_order_does_not_matter_to_what_is_read() -> None:
    """Each order has the first crop's view of the plate; the text is the same in all of them."""
    networks = load_networks(calibrated=False)
    crops = film("AB 1234", 8, seed=4)
    rng = np.random.default_rng(5)
    orders = [list(range(8)), *(rng.permutation(8).tolist() for _ in range(4))]
    texts = {networks.read(stacked([crops[i] for i in order])).text for order in orders}
    assert texts == {"AB1234"}


@pytest.mark.parametrize("place", [0, 1, 4, 7])
def test_one_wrong_crop_among_eight_does_not_change_the_text(place: int) -> None:
    networks = load_networks(calibrated=False)
    crops = film("AB 1234", 8, seed=6)
    text = networks.read(stacked(crops)).text
    crops[place] = film("XY 8907", 1, seed=7)[0]
    assert networks.read(stacked(crops)).text == text == "AB1234"


def test_a_stack_of_one_crop_reads_as_that_crop() -> None:
    networks = load_networks(calibrated=False)
    for seed, text in enumerate(("AB 1234", "KN 7052", "WD 4186")):
        crop = film(text, 1, seed)[0][4:60, 12:244]
        assert networks.read(stacked([crop])).text == networks.read(crop).text
