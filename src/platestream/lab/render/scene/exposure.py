"""One vehicle as the film sees it: its shadow, its picture, the blur of focus and of motion."""

import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.optics import defocus, smear
from platestream.lab.render.scene.bodywork import Body
from platestream.lab.render.scene.brush import SUPERSAMPLE, Layer, over, shrink
from platestream.lab.render.scene.lens import Lens, Points
from platestream.lab.render.scene.light import cast_shadow

_SHUTTER_S = 1 / 500
_FOCUS_M = 10.0


def expose(picture: Rgb, body: Body, place: Points, lens: Lens, scale: float) -> None:
    """Put a vehicle into a frame.

    Args:
        picture: ``(H, W, 3)`` uint8, changed in place.
        body: Which vehicle.
        place: Where it is, ``(3,)`` metres.
        lens: Of the frame.
        scale: See `Camera.scale`.
    """
    window = _window(body, place, lens, (picture.shape[1], picture.shape[0]))
    if window is None:
        return
    left, top, right, bottom = window
    part = picture[top:bottom, left:right]
    near = lens.shifted(-left, -top)
    cast_shadow(part, near.project(body.vehicle.shell.footprint() + place))
    width, height = right - left, bottom - top
    layer = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE, 4), np.uint8)
    body.draw(layer, near.magnified(SUPERSAMPLE), place)
    over(part, _blur(shrink(layer, (width, height)), body, place, lens, scale))


def _window(
    body: Body, place: Points, lens: Lens, size_px: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """The part of the frame that a vehicle and its shadow may touch."""
    floor = body.vehicle.shell.footprint() + place
    floor += [[-0.9, 0, -0.7], [0.5, 0, -0.7], [0.5, 0, 0], [-0.9, 0, 0]]
    floor[:, 2] = np.maximum(floor[:, 2], 2.0)
    corners = lens.project(np.vstack([floor, floor + np.array([0, 2.3, 0])]))
    low = np.clip(corners.min(axis=0) - 6, 0, size_px).astype(int)
    high = np.clip(corners.max(axis=0) + 6, 0, size_px).astype(int)
    if place[2] < -4 or (high - low).min() < 4:
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _blur(layer: Layer, body: Body, place: Points, lens: Lens, scale: float) -> Layer:
    """Blur as distance, and motion while the shutter is open, ask for."""
    distance = max(float(place[2]), 3.0)
    plate = np.array([place[0], body.vehicle.plate_y_m, distance])
    ahead = plate + np.array([0, 0, body.vehicle.speed_m_s * _SHUTTER_S])
    dx, dy = lens.project(ahead) - lens.project(plate)
    unsharp = defocus(layer, 16 * abs(1 / distance - 1 / _FOCUS_M) * scale)
    return smear(unsharp, float(np.hypot(dx, dy)), float(np.rad2deg(np.arctan2(dy, dx))))
