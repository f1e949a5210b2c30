"""Light on the street: the sun, the shadow of a house, the haze, and what paint mirrors."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.scene.lens import Points

Field: TypeAlias = NDArray[np.floating]
"""``(...)``, a value a place; ``(..., 3)`` where it is a colour."""

SUN = np.array([0.45, 0.78, -0.44])
"""Towards the sun: behind the camera, to the right."""

_HAZE = np.array([206, 214, 220], np.float32)
_SHADE_M = (11.5, 15.5)


def smooth(x: Field | float) -> Points:
    """Go from 0 to 1 smoothly while `x` does."""
    share = np.clip(x, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float64)


def shade_at(z_m: Field | float) -> Points:
    """How deep places on the road lie in the shadow of a house: 0 in the sun, 1 out of it."""
    return smooth((z_m - _SHADE_M[0]) / 0.8) * smooth((_SHADE_M[1] - z_m) / 0.8)


def hazed(colours: Field, z_m: Field | float, reach_m: float) -> Field:
    """Let colours ``(..., 3)`` fade with their distances ``(...)``, as fast as `reach_m` says."""
    share = np.asarray(1 - np.exp(-z_m / reach_m))[..., None]
    return np.asarray(colours + (_HAZE - colours) * share)


def surroundings(direction: Points) -> Points:
    """What lies in a direction ``(K, 3)``: road, houses, sky; ``(K, 3)``, 0..255."""
    rise = direction[:, 1:2]
    low, high = np.array([214.0, 222, 232]), np.array([112.0, 152, 206])
    sky = low + (high - low) * np.sqrt(np.clip(rise, 0, 1))
    houses, road = np.array([112.0, 104, 96]), np.array([84.0, 84, 86])
    above = np.clip((rise - 0.16) / 0.1, 0, 1)
    below = np.clip((-rise + 0.02) / 0.06, 0, 1)
    return np.asarray((houses + (sky - houses) * above) * (1 - below) + road * below, np.float64)


def cast_shadow(picture: Rgb, footprint: Points) -> None:
    """Darken the ground below a vehicle, softly, and a little beside it.

    Args:
        picture: Changed in place.
        footprint: ``(4, 2)`` pixels, the near side first.
    """
    mask = np.zeros(picture.shape[:2], np.float32)
    wide = np.ptp(footprint[:2, 0])
    reach = footprint.copy()
    reach[[0, 3], 0] -= 0.16 * wide * np.array([1, np.ptp(footprint[2:, 0]) / wide])
    for outline, weight in ((reach, 0.5), (footprint, 0.85)):
        fixed = np.round(np.clip(outline, -20_000, 20_000) * 16).astype(np.int32)
        cv2.fillConvexPoly(mask, fixed, weight, cv2.LINE_8, 4)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.035 * wide)), np.float32)
    picture[:] = picture * (1 - 0.8 * soft[..., None])
