"""The empty street, painted once: every pixel of it looks along its ray at a wall or the ground."""

import cv2
import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.scene.brush import SUPERSAMPLE, shrink
from platestream.lab.render.scene.furniture import plant_trees
from platestream.lab.render.scene.lens import Camera, Lens
from platestream.lab.render.scene.light import Field, smooth
from platestream.lab.render.scene.surfaces import WALL_X_M, paint_ground, paint_houses, paint_sky

_MARGIN_PX = 8
_WALLS_END_M, _GROUND_END_M = 130.0, 520.0


def draw_street(camera: Camera, seed: int) -> Rgb:
    """Draw the empty street, with a margin around the frame for the camera's shake.

    Args:
        camera: Sees it.
        seed: Same seed, same houses.

    Returns:
        ``(H + 2 margins, W + 2 margins, 3)`` uint8.
    """
    rng = np.random.default_rng((seed, 11))
    width, height = (side + 2 * _MARGIN_PX for side in camera.size_px)
    lens = camera.at_rest.shifted(_MARGIN_PX, _MARGIN_PX).magnified(SUPERSAMPLE)
    canvas = _cast_rays(lens, (width * SUPERSAMPLE, height * SUPERSAMPLE), rng)
    street = np.clip(canvas, 0, 255).astype(np.uint8)
    plant_trees(street, lens, rng)
    return shrink(_soften(street, lens), (width, height))


def view_street(street: Rgb, camera: Camera, lens: Lens) -> Rgb:
    """What of a drawn street a frame with this lens shows: ``(H, W, 3)`` uint8."""
    right, down = _MARGIN_PX - np.subtract(lens.centre, camera.at_rest.centre)
    move = np.array([[1, 0, -right], [0, 1, -down]])
    return np.asarray(cv2.warpAffine(street, move, camera.size_px), np.uint8)


def _cast_rays(lens: Lens, size_px: tuple[int, int], rng: np.random.Generator) -> Field:
    """Paint sky, houses and ground: ``(H, W, 3)`` float32."""
    columns, rows = (np.arange(side, dtype=np.float32) + 0.5 for side in size_px)
    down = np.deg2rad(lens.pitch_deg)
    ahead = (columns - lens.centre[0])[None] / lens.focal_px
    rise = (lens.centre[1] - rows)[:, None] / lens.focal_px
    ray_y, ray_z = rise * np.cos(down) - np.sin(down), rise * np.sin(down) + np.cos(down)

    canvas = paint_sky(ray_y, ahead, rng)
    to_wall = WALL_X_M / np.maximum(np.abs(ahead), 1e-4)
    to_ground = np.where(ray_y < 0, lens.height_m / np.maximum(-ray_y, 1e-5), np.inf)
    for side in (-1, 1):
        here = (np.sign(ahead) == side) & (to_wall < to_ground)
        at = np.nonzero(here & (to_wall * ray_z < _WALLS_END_M))
        reach = to_wall[0, at[1]]
        y, z = lens.height_m + reach * ray_y[at[0], 0], reach * ray_z[at[0], 0]
        colours, cover = paint_houses(z, y, side, rng)
        canvas[at] += (colours - canvas[at]) * cover[:, None]
    at = np.nonzero((to_ground < to_wall) & (to_ground * ray_z < _GROUND_END_M))
    reach = to_ground[at[0], 0]
    canvas[at] = paint_ground(reach * ahead[0, at[1]], reach * ray_z[at[0], 0], rng)
    return canvas


def _soften(street: Rgb, lens: Lens) -> Rgb:
    """Put what is far, above some 25 m of road, out of focus."""
    near, far = lens.project(np.array([[0, 0, 14.0], [0, 0, 40.0]]))[:, 1]
    rows = np.arange(street.shape[0], dtype=np.float32)
    share = smooth((near - rows) / (near - far))[:, None, None].astype(np.float32)
    blurred = cv2.GaussianBlur(street, (0, 0), 2.1 * lens.focal_px / 3800)
    return np.asarray(street + (blurred - street.astype(np.float32)) * share, np.uint8)
