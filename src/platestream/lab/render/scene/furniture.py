"""What stands in the street: trees and lamp posts."""

import cv2
import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.parts import Colour
from platestream.lab.render.scene.lens import Lens, Points
from platestream.lab.render.scene.light import hazed

_POSTS_M = ((4.3, 31.0), (-4.3, 25.5))


def plant_trees(street: Rgb, lens: Lens, rng: np.random.Generator) -> None:
    """Trees and lamp posts along the kerbs, far ones first."""
    for z in (88.0, 66.0, 50.0, 37.0):
        for x in (-5.0, 5.2):
            _plant(street, lens, x, z + 3 * float(np.sign(x)), rng)
    for x, z in _POSTS_M:
        _erect(street, lens, np.array([[x, 0, z], [x, 8, z]]), 0.13, (84, 90, 94))


def _plant(street: Rgb, lens: Lens, x: float, z: float, rng: np.random.Generator) -> None:
    _erect(street, lens, np.array([[x, 0, z], [x, 2.6, z]]), 0.24, (74, 64, 54))
    blobs = rng.normal(0, 1, (420, 3)) * (0.72, 0.8, 0.5)
    blobs = blobs[np.linalg.norm(blobs, axis=1) < 1.75]
    for dx, dy, dz in blobs[np.argsort(blobs[:, 1] - blobs[:, 2])]:
        centre = np.round(lens.project(np.array([x + dx, 4.1 + dy, z]))).astype(int).tolist()
        sunny = np.clip(0.62 + 0.26 * dy + 0.14 * dx - 0.2 * dz + rng.normal(0, 0.1), 0.28, 1.25)
        colour = hazed(np.array([92, 122, 58]) * sunny, z, 190).tolist()
        radius = max(1, round(rng.uniform(0.1, 0.24) * lens.focal_px / z))
        cv2.circle(street, centre, radius, colour, -1, cv2.LINE_AA)


def _erect(street: Rgb, lens: Lens, ends: Points, thick_m: float, colour: Colour) -> None:
    """A trunk or a post, from its foot up: ``(2, 3)``."""
    foot, top = np.round(lens.project(ends)).astype(int).tolist()
    thick = max(2, round(thick_m * lens.focal_px / ends[0, 2]))
    cv2.line(street, foot, top, colour, thick, cv2.LINE_AA)
