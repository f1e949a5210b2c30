"""One picture of a source: pixels, or what they can be had from, and when it was taken."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb: TypeAlias = NDArray[np.uint8]
"""A picture: ``(H, W, 3)`` uint8, red first."""

Luma: TypeAlias = NDArray[np.uint8]
"""Brightness alone: ``(H, W)`` uint8."""


class Picture(Protocol):
    """A decoded picture that is made RGB where and when somebody wants it, and no further."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""

    def rgb(self) -> Rgb:
        """All of it, ``(H, W, 3)`` uint8; not to be written to."""

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        """The same for some columns and rows; right and bottom are exclusive."""

    def small_part(self, left: int, top: int, right: int, bottom: int, scale: float) -> Rgb:
        """The same, shrunk by averaging; `scale` 1 leaves it as it is."""

    def luma(self) -> Luma:
        """Its brightness; not to be written to."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture of a source.

    Attributes:
        index: Counts from 0 in the source.
        pts_s: Presentation time in seconds from the start of the source.
        pixels: ``(H, W, 3)`` uint8 RGB, or what they can be had from.
    """

    index: int
    pts_s: float
    pixels: Rgb | Picture

    @property
    def rgb(self) -> Rgb:
        """``(H, W, 3)`` uint8; not to be written to."""
        return self.pixels if isinstance(self.pixels, np.ndarray) else self.pixels.rgb()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        if isinstance(self.pixels, np.ndarray):
            return self.pixels.shape[1], self.pixels.shape[0]
        return self.pixels.size

    @property
    def luma(self) -> Luma:
        """``(H, W)`` uint8; green stands in for it where there is nothing but RGB."""
        return self.pixels[..., 1] if isinstance(self.pixels, np.ndarray) else self.pixels.luma()

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        """Some columns and rows of `rgb`; right and bottom are exclusive."""
        if isinstance(self.pixels, np.ndarray):
            return self.pixels[top:bottom, left:right]
        return self.pixels.part(left, top, right, bottom)
