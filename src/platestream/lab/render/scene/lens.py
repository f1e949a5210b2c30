"""The camera beside the street: how it projects, and how the wind moves it.

World coordinates are metres: x to the right, y up, z away from the camera.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
"""``(..., 3)`` metres in the world or ``(..., 2)`` pixels of the frame."""

FPS = 25


@dataclass(frozen=True, slots=True)
class Lens:
    """A view along the street and a little down.

    Attributes:
        focal_px: Focal length.
        centre: Where the axis meets the picture, pixels.
        height_m: Above the road.
        pitch_deg: Down.
    """

    focal_px: float
    centre: tuple[float, float]
    height_m: float = 2.2
    pitch_deg: float = 5.0

    def project(self, points: Points) -> Points:
        """Where points ``(..., 3)`` of the world lie in the picture: ``(..., 2)`` pixels."""
        down = np.deg2rad(self.pitch_deg)
        rise = points[..., 1] - self.height_m
        away = points[..., 2] * np.cos(down) - rise * np.sin(down)
        up = rise * np.cos(down) + points[..., 2] * np.sin(down)
        scale = self.focal_px / np.maximum(away, 0.1)
        return np.stack(
            [self.centre[0] + points[..., 0] * scale, self.centre[1] - up * scale], axis=-1
        )

    def shifted(self, right_px: float, down_px: float) -> "Lens":
        """The same view, moved within the picture."""
        return replace(self, centre=(self.centre[0] + right_px, self.centre[1] + down_px))

    def magnified(self, times: int) -> "Lens":
        """The same view in a picture so many times larger."""
        centre = (self.centre[0] * times, self.centre[1] * times)
        return replace(self, focal_px=self.focal_px * times, centre=centre)


@dataclass(frozen=True, slots=True)
class Camera:
    """Where every frame is seen from.

    Attributes:
        seed: Of the wind.
        size_px: Width and height of the frames.
    """

    seed: int
    size_px: tuple[int, int]

    @property
    def scale(self) -> float:
        """Pixels here to a pixel of a frame 1280 wide, for which all sizes in pixels are given."""
        return self.size_px[0] / 1280

    @property
    def at_rest(self) -> Lens:
        """The view when there is no wind."""
        width, height = self.size_px
        return Lens(width * 1.484, (width / 2, height / 2))

    def lens(self, index: int) -> Lens:
        """The view of a frame, a few pixels off the one at rest."""
        phases = np.random.default_rng((self.seed, 99)).uniform(0, 6.3, (2, 3))
        waves = np.sin(np.array([0.9, 2.3, 5.1]) * index / FPS + phases)
        right, down = (waves * (0.9, 0.45, 0.15)).sum(axis=1) * self.scale
        return self.at_rest.shifted(right, down)
