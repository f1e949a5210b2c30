"""Plate streams: one plate, one camera, and a passage in which everything changes smoothly."""

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import ConfigError
from platestream.core.types import Rgb
from platestream.lab.render.camera import Camera, Pose, shoot

_FRAMES_PER_KNOT = 8
"""How fast focus, shake and light change."""


def render_stream(
    plate: Rgb, num_frames: int, rng: np.random.Generator, camera: Camera | None = None
) -> list[Rgb]:
    """Film one plate.

    Args:
        plate: ``(H, W, 3)`` uint8 RGB, the plate filling it, as `plate.render_plate` draws it.
        num_frames: Length of the stream.
        rng: The passage, the noise, and the camera when there is none.
        camera: Light, sensor, codec and view of the whole stream.

    Returns:
        One crop a frame, ``(h, w, 3)`` uint8 RGB, of sizes that change as it passes.

    Raises:
        ConfigError: `num_frames` is not positive.
    """
    camera = camera or Camera.sample(rng)
    return [shoot(plate, camera, rng, pose) for pose in sample_passage(num_frames, rng)]


def sample_passage(num_frames: int, rng: np.random.Generator) -> list[Pose]:
    """One vehicle goes by: nearer or farther, while focus, shake and light wander.

    Raises:
        ConfigError: `num_frames` is not positive.
    """
    if num_frames < 1:
        msg = f"a stream of {num_frames} frames shows nothing; ask for 1 or more"
        raise ConfigError(msg)
    approach = np.linspace(-0.5, 0.5, num_frames) * rng.uniform(-0.7, 0.7)
    scale = np.exp(approach + _wander(num_frames, 0.03, rng))
    blur = np.exp(_wander(num_frames, 0.5, rng))
    motion = np.exp(_wander(num_frames, 0.8, rng))
    light = np.exp(_wander(num_frames, 0.1, rng))
    yaw_deg = np.linspace(0, rng.normal(0, 8), num_frames) + _wander(num_frames, 1, rng)
    roll_deg = _wander(num_frames, 0.7, rng)
    # Boxes drift, and tremble anew in every frame.
    drift = np.column_stack([_wander(num_frames, 0.02, rng) for _ in range(4)])
    jitter = drift + rng.normal(0, 0.015, (num_frames, 4))
    return [
        Pose(
            scale=float(scale[i]),
            blur=float(blur[i]),
            motion=float(motion[i]),
            light=float(light[i]),
            yaw_deg=float(yaw_deg[i]),
            roll_deg=float(roll_deg[i]),
            jitter=tuple(jitter[i].tolist()),
        )
        for i in range(num_frames)
    ]


def _wander(num_frames: int, spread: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A random curve of knots with standard deviation `spread`: ``(num_frames,)``."""
    num_knots = 2 + num_frames // _FRAMES_PER_KNOT
    knots = rng.normal(0, spread, num_knots)
    places = np.linspace(0, num_knots - 1, num_frames)
    return np.interp(places, np.arange(num_knots), knots)
