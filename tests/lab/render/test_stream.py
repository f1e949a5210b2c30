import numpy as np
import pytest

from platestream.core.errors import ConfigError
from platestream.lab.render.bank import build_bank
from platestream.lab.render.camera import Camera
from platestream.lab.render.stream import STANDS_FROM, render_stream, sample_passage, sample_stay

PLATE = build_bank(1, seed=3).images[0]


@pytest.mark.parametrize("num_frames", [1, 2, 31])
def test_a_stream_has_its_frames(num_frames: int, rng: np.random.Generator) -> None:
    stream = render_stream(PLATE, num_frames, rng)
    assert len(stream) == num_frames
    assert all(crop.dtype == np.uint8 and crop.shape[2] == 3 for crop in stream)


def test_same_seed_same_stream() -> None:
    first, second = (render_stream(PLATE, 9, np.random.default_rng(4)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_frames_of_one_stream_differ(rng: np.random.Generator) -> None:
    stream = render_stream(PLATE, 5, rng)
    assert len({crop.tobytes() for crop in stream}) == 5


def test_a_passage_is_smooth(rng: np.random.Generator) -> None:
    for _ in range(30):
        poses = sample_passage(60, rng)
        scales = np.log([pose.scale for pose in poses])
        blurs = np.log([pose.blur for pose in poses])
        # From one frame to the next, far less changes than over the passage.
        assert np.abs(np.diff(scales)).max() < 0.05
        assert np.abs(np.diff(blurs)).max() < 0.6
        assert np.ptp(blurs) > 2 * np.abs(np.diff(blurs)).mean()


def test_who_stands_moves_no_more_and_is_not_frozen(rng: np.random.Generator) -> None:
    for _ in range(10):
        stay = sample_stay(200, rng)
        assert len(stay) == 200
        standing = stay[STANDS_FROM[1] :]
        assert len({(p.scale, p.blur, p.yaw_deg, p.roll_deg) for p in standing}) == 1
        assert standing[0].scale == stay[-1].scale
        boxes = np.array([pose.jitter for pose in standing])
        assert 0 < boxes.std(axis=0).max() < 0.02
        assert 0 < np.abs(np.diff([pose.light for pose in standing])).max() < 0.1
    assert len(sample_stay(2, rng)) == 2, "too short to stand"


def test_the_camera_may_be_given(rng: np.random.Generator) -> None:
    cameras = (Camera.sample(rng) for _ in range(100))
    camera = next(camera for camera in cameras if camera.is_grey)
    for crop in render_stream(PLATE, 4, rng, camera):
        assert np.ptp(crop.astype(float).mean(axis=(0, 1))) < 6


@pytest.mark.parametrize("num_frames", [0, -3])
def test_a_stream_of_no_frames_is_refused(num_frames: int, rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match=str(num_frames)):
        render_stream(PLATE, num_frames, rng)
