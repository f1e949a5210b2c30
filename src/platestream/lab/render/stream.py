"""Plate streams: one plate, one camera, and a passage in which everything changes smoothly."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import ConfigError
from platestream.core.types import Rgb
from platestream.lab.render.camera import Camera, Pose, shoot

_FRAMES_PER_KNOT = 8
"""How fast focus, shake and light change."""

STANDS_FROM = (5, 30)
"""Frames that a vehicle comes for before it stands."""

Passage: TypeAlias = Callable[[int, np.random.Generator], Sequence[Pose]]
"""Makes so many poses: `sample_passage` or `sample_stay`."""


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


def sample_stay(num_frames: int, rng: np.random.Generator) -> list[Pose]:
    """One vehicle comes, and stands: then only light wanders, and boxes tremble a little.

    Raises:
        ConfigError: `num_frames` is not positive.
    """
    comes = sample_passage(min(num_frames, int(rng.integers(*STANDS_FROM))), rng)
    still, num = comes[-1], num_frames - len(comes)
    light = still.light * np.exp(_wander(num, 0.05, rng))
    motion = still.motion * rng.uniform(0, 0.3)
    tremble = rng.normal(0, rng.uniform(0.001, 0.012), (num, 4))
    left, top, right, bottom = (tremble + still.jitter).T.tolist()
    return comes + [
        replace(still, motion=motion, light=float(light[i]), jitter=box)
        for i, box in enumerate(zip(left, top, right, bottom, strict=True))
    ]


def render_stream(
    plate: Rgb,
    num_frames: int,
    rng: np.random.Generator,
    camera: Camera | None = None,
    passage: Passage = sample_passage,
) -> list[Rgb]:
    """Film one plate.

    Args:
        plate: ``(H, W, 3)`` uint8 RGB, the plate filling it, as `plate.render_plate` draws it.
        num_frames: Length of the stream.
        rng: The passage, the noise, and the camera when there is none.
        camera: Light, sensor, codec and view of the whole stream.
        passage: What the vehicle does.

    Returns:
        One crop a frame, ``(h, w, 3)`` uint8 RGB, of sizes that change as it passes.

    Raises:
        ConfigError: `num_frames` is not positive.
    """
    camera = camera or Camera.sample(rng)
    return [shoot(plate, camera, rng, pose) for pose in passage(num_frames, rng)]


def _wander(num_frames: int, spread: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A random curve of knots with standard deviation `spread`: ``(num_frames,)``."""
    num_knots = 2 + num_frames // _FRAMES_PER_KNOT
    knots = rng.normal(0, spread, num_knots)
    places = np.linspace(0, num_knots - 1, num_frames)
    return np.interp(places, np.arange(num_knots), knots)
