from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platestream.core.types import Rgb
from platestream.lab.render.camera import Camera, Pose, shoot

PERFECT = Camera(
    height_px=47.0,
    zoom=1.0,
    gain=np.ones(3, np.float32),
    gamma=1.0,
    haze=0.0,
    is_grey=False,
    backlight=1.0,
    blur=0.0,
    motion=0.0,
    motion_deg=0.0,
    noise=0.0,
    sharpness=0.0,
    quality=100,
    num_streaks=0,
    yaw_deg=0.0,
    pitch_deg=0.0,
    roll_deg=0.0,
    slack=0.0,
    scenery=np.zeros((6, 10, 3), np.float32),
)


@pytest.fixture
def plate(rng: np.random.Generator) -> Rgb:
    coarse = rng.integers(60, 250, (5, 22, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (221, 47), interpolation=cv2.INTER_CUBIC), np.uint8)


def white_plate() -> Rgb:
    return np.full((47, 221, 3), 255, np.uint8)


def test_a_perfect_camera_shows_the_plate_as_it_is(plate: Rgb, rng: np.random.Generator) -> None:
    crop = shoot(plate, PERFECT, rng, Pose())
    assert crop.shape == plate.shape
    assert np.abs(crop[2:-2, 2:-2].astype(int) - plate[2:-2, 2:-2]).mean() < 3


def test_same_seed_same_crop(plate: Rgb) -> None:
    first, second, other = (
        shoot(plate, Camera.sample(rng), rng)
        for rng in (np.random.default_rng(1), np.random.default_rng(1), np.random.default_rng(2))
    )
    assert np.array_equal(first, second)
    assert first.shape != other.shape or not np.array_equal(first, other)


@pytest.mark.parametrize("height_px", [10.0, 20.0, 40.0])
def test_height_and_slack_decide_the_crop(height_px: float, rng: np.random.Generator) -> None:
    camera = replace(PERFECT, height_px=height_px, slack=0.2)
    crop = shoot(white_plate(), camera, rng, Pose())
    # Slack is half as wide at the sides: 1 + 2 * 0.2 above and below, 1 + 2 * 0.1 beside.
    assert crop.shape[0] == pytest.approx(height_px * 1.4, abs=1.5)
    assert crop.shape[1] == pytest.approx(height_px * 4.7 * 1.2, abs=1.5)


def test_a_plate_of_two_rows_gets_the_same_area(rng: np.random.Generator) -> None:
    square = np.full((100, 100, 3), 255, np.uint8)
    height, width = shoot(square, PERFECT, rng, Pose()).shape[:2]
    assert height * width == pytest.approx(47 * 47 * 4.7, rel=0.03)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_the_plate_stays_in_the_crop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sampled = Camera.sample(rng)
    view = {
        "yaw_deg": sampled.yaw_deg,
        "pitch_deg": sampled.pitch_deg,
        "roll_deg": sampled.roll_deg,
    }
    # Two pixels of slack all round: then the crop's rim is all background, which is black.
    camera = replace(PERFECT, slack=0.15, **view)
    crop = shoot(white_plate(), camera, rng, Pose())
    rim = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    assert rim.max() < 30
    assert crop.max() > 200


def test_a_tight_box_cuts_no_more_than_the_edge(rng: np.random.Generator) -> None:
    crop = shoot(white_plate(), PERFECT, rng, Pose(jitter=(-0.5, -0.5, -0.5, -0.5)))
    assert crop.shape[0] >= 47 * 0.87
    assert crop.shape[1] >= 221 * 0.93


def test_a_grey_camera_sees_no_colour(plate: Rgb, rng: np.random.Generator) -> None:
    crop = shoot(plate, replace(PERFECT, is_grey=True), rng, Pose()).astype(int)
    assert np.ptp(crop, axis=2).max() <= 2


def test_poses_change_size_and_light(rng: np.random.Generator) -> None:
    near = shoot(white_plate(), PERFECT, rng, Pose(scale=0.5, light=0.5))
    assert near.shape[0] == pytest.approx(47 / 2, abs=1)
    assert np.median(near) == pytest.approx(127, abs=2)


def test_most_crops_are_large_enough_to_read(rng: np.random.Generator) -> None:
    heights = np.array([Camera.sample(rng).height_px for _ in range(500)])
    assert heights.min() > 8
    assert heights.max() < 48
    assert 0.08 < (heights < 14).mean() < 0.3


def test_behind_a_detector_that_turns_plates_upright_little_is_tilted(
    rng: np.random.Generator,
) -> None:
    steep = replace(PERFECT, yaw_deg=40.0, pitch_deg=30.0, roll_deg=20.0)
    upright = steep.upright()
    assert (upright.yaw_deg, upright.pitch_deg, upright.roll_deg) == (12.0, 9.0, 6.0)
    tall, low = (shoot(white_plate(), camera, rng, Pose()) for camera in (steep, upright))
    # The box around a steep plate is far higher for its width.
    assert tall.shape[0] / tall.shape[1] > 1.5 * low.shape[0] / low.shape[1]
