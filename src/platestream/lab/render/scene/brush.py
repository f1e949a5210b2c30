"""Painting what stands in the world into layers, and laying layers over pictures."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.parts import Colour
from platestream.lab.render.scene.lens import Lens, Points

Layer: TypeAlias = NDArray[np.uint8]
"""``(H, W, 4)`` uint8 RGB times alpha, and alpha."""

SUPERSAMPLE = 2
"""Everything is painted this many times larger than it is seen."""

NEAREST_M = 0.7
"""What is nearer than this is not painted."""


@dataclass(frozen=True, slots=True)
class Brush:
    """Paints one vehicle; outlines are ``(K, 3)`` metres from where it stands.

    Attributes:
        layer: Changed in place.
        lens: Projects to the layer's pixels.
        position: Where the vehicle stands, ``(3,)``.
        light: Factor on all colours but those of `fill_pixels`.
    """

    layer: Layer
    lens: Lens
    position: Points
    light: float

    def fill(self, outline: Points, colour: Colour) -> None:
        """Fill a convex outline."""
        world = outline + self.position
        if world[:, 2].min() > NEAREST_M:
            lit = np.array([colour]) * self.light
            self.fill_pixels(self.lens.project(world)[None], lit)

    def fill_pixels(self, outlines: Points, colours: NDArray[np.float64]) -> None:
        """Fill F outlines ``(F, K, 2)`` in pixels of the layer with colours ``(F, 3)``."""
        near = np.abs(outlines).max(axis=(1, 2)) < 30_000
        fixed = np.round(outlines[near] * 16).astype(np.int32)
        lit = np.clip(colours[near], 0, 255).astype(int).tolist()
        for outline, rgb in zip(fixed, lit, strict=True):
            cv2.fillConvexPoly(self.layer, outline, (*rgb, 255), cv2.LINE_8, 4)

    def line(self, points: Points, colour: Colour, width_m: float) -> None:
        """Draw an open line."""
        world = points + self.position
        if world[:, 2].min() < NEAREST_M:
            return
        thick = max(1, round(width_m * self.lens.focal_px / world[:, 2].mean()))
        fixed = np.round(self.lens.project(world) * 16).astype(np.int32)
        rgba = (*dim(colour, self.light), 255)
        cv2.polylines(self.layer, [fixed], isClosed=False, color=rgba, thickness=thick, shift=4)

    def paste(
        self,
        picture: Rgb | NDArray[np.floating],
        quad: Points,
        mask: NDArray[np.uint8] | None = None,
    ) -> None:
        """Put a picture ``(h, w, 3)``, 0..255, on a quad; see `paste`."""
        lit = (picture * self.light).astype(np.uint8)
        paste(self.layer, lit, self.lens.project(quad + self.position), mask)


def paste(layer: Layer, picture: Rgb, quad: Points, mask: NDArray[np.uint8] | None = None) -> None:
    """Warp a picture into a layer.

    Args:
        layer: Changed in place.
        picture: ``(h, w, 3)`` uint8.
        quad: ``(4, 2)`` pixels of the layer, from the top left, clockwise.
        mask: ``(h, w)`` uint8, 255 where the picture covers; everywhere when omitted.
    """
    if mask is None:
        mask = np.full(picture.shape[:2], 255, np.uint8)
    wide = np.linalg.norm(quad[1] - quad[0])
    share = min(1.0, 1.1 * float(wide) / picture.shape[1])
    size = (max(2, round(picture.shape[1] * share)), max(2, round(picture.shape[0] * share)))
    covered = np.dstack([picture * (mask[..., None] / 255), mask]).astype(np.uint8)
    covered = np.asarray(cv2.resize(covered, size, interpolation=cv2.INTER_AREA), np.uint8)
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    move = cv2.getPerspectiveTransform(corners, (quad - 0.5).astype(np.float32))
    extent = (layer.shape[1], layer.shape[0])
    over(layer, np.asarray(cv2.warpPerspective(covered, move, extent), np.uint8))


def over(below: NDArray[np.uint8], layer: Layer) -> None:
    """Lay a layer over a picture ``(H, W, 3)`` or a layer, in place."""
    rows = np.flatnonzero(layer[..., 3].max(axis=1))
    if not len(rows):
        return
    part, top = below[rows[0] : rows[-1] + 1], layer[rows[0] : rows[-1] + 1]
    left = 255 - top[..., 3:].astype(np.uint16)
    part[:] = top[..., : part.shape[2]] + (part * left // 255).astype(np.uint8)


def shrink(picture: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Bring what was painted `SUPERSAMPLE` times larger to its size, width and height."""
    return np.asarray(cv2.resize(picture, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def dim(colour: Colour, share: float) -> Colour:
    """A darker colour."""
    return int(colour[0] * share), int(colour[1] * share), int(colour[2] * share)
