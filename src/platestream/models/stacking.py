"""Many crops of one plate laid on top of each other: one picture, calmer and clearer than any.

Each crop is scaled to one size, registered on the mean of those before it, checked against it, and
averaged in. An average of real frames invents nothing. It needs no other part of this package.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.float32]
"""``(H, W)``."""

Homography: TypeAlias = NDArray[np.float64]
"""``(3, 3)``; coordinates run from -1 to 1 over the width and the height, at any resolution."""

SMALLEST_WEIGHT: Final = 1e-3

SHARPEN_PX: Final = 3.0
"""Of the blur that sharpening takes away."""

SETTLED: Final = 2e-3
"""A step that moves no point farther, in half widths, is the last."""

LONG: Final = 2.5
"""Width over height of crops whose picture is given as it lies on the stack; a plate of two rows
is given in its own shape, which tells who reads it that it may have two."""

NARROWEST: Final = 0.5
"""No plate is narrower; a sliver of a picture could not be read."""

_FLAT: Final = 1.0
"""A picture of a smaller norm, in grey levels, has nothing in it to correlate."""

_LITTLE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class StackConfig:
    """How crops are laid on top of each other.

    Attributes:
        height_px: Of the stack.
        width_px: Of the stack.
        min_agreement: Least normalised correlation of a registered crop with the stack, -1..1.
        fresh_start: A crop that does not agree replaces the stack where its weight is so many
            times the largest that is in it.
        coarse_steps: Of the registration, at a quarter of the size.
        fine_steps: The same, at half of it.
        max_move: Farthest that registration may move a corner, in half widths and half heights.
        is_projective: Whether perspective may change between crops; else the map is affine.
    """

    height_px: int = 64
    width_px: int = 256
    min_agreement: float = 0.6
    fresh_start: float = 1.5
    coarse_steps: int = 5
    fine_steps: int = 3
    max_move: float = 0.7
    is_projective: bool = False


class Stack:
    """The average of the crops of one plate; holds one picture, not the crops.

    Args:
        config: See `StackConfig`.

    Attributes:
        num_frames: Crops that are in it.
        best_weight: The largest of theirs.

    Example:
        >>> stack = Stack()
        >>> for crop, quality in zip(crops, qualities):
        ...     stack.add(crop, quality)
        >>> picture = stack.picture()
    """

    __slots__ = ("_aspect", "_config", "_mean", "_total", "best_weight", "num_frames")

    def __init__(self, config: StackConfig | None = None) -> None:
        self._config = config or StackConfig()
        self._mean: NDArray[np.float32] | None = None
        self._total = 0.0
        self._aspect = math.inf
        self.num_frames = 0
        self.best_weight = 0.0

    def add(self, rgb: NDArray[np.uint8], weight: float = 1.0) -> bool:
        """Register a crop and average it in.

        Args:
            rgb: ``(H, W, 3)`` uint8, any size, upright as far as is known.
            weight: How much it counts, above 0; its quality, or a power of it.

        Returns:
            Whether it is in the stack now; one that does not agree with it is left out.
        """
        size = (self._config.width_px, self._config.height_px)
        scaled = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        weight = max(float(weight), SMALLEST_WEIGHT)
        aspect = max(NARROWEST, rgb.shape[1] / rgb.shape[0])
        if self._mean is None:
            self._start(scaled, weight, aspect)
            return True
        grey = _grey(scaled.astype(np.float32))
        found, agreement = register(_grey(self._mean), grey, self._config)
        if agreement < self._config.min_agreement:
            if weight <= self._config.fresh_start * self.best_weight:
                return False
            self._start(scaled, weight, aspect)
            return True
        # Where the moved crop does not reach, the mean stands in for it and so stays as it is.
        # OpenCV moves four channels in half the time of three.
        moved = cv2.warpPerspective(
            cv2.cvtColor(scaled, cv2.COLOR_RGB2RGBA),
            _Grid.of(*scaled.shape[:2]).in_pixels(found),
            size,
            dst=cv2.cvtColor(cv2.convertScaleAbs(self._mean), cv2.COLOR_RGB2RGBA),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
        self._total += weight
        three = cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB)
        cv2.accumulateWeighted(three, self._mean, weight / self._total)
        self.num_frames += 1
        self.best_weight = max(self.best_weight, weight)
        return True

    def picture(self, sharpness: float = 0.0) -> NDArray[np.uint8]:
        """The average: ``(height_px, width_px, 3)`` uint8 RGB; black before the first crop.

        Of as many pixels in another shape where the crops are not `LONG`.

        Args:
            sharpness: How much of what a blur takes away is added once more (unsharp masking).
        """
        if self._mean is None:
            return np.zeros((self._config.height_px, self._config.width_px, 3), np.uint8)
        detail = self._mean - cv2.GaussianBlur(self._mean, (0, 0), SHARPEN_PX) if sharpness else 0.0
        picture = np.asarray(np.clip(np.rint(self._mean + sharpness * detail), 0, 255), np.uint8)
        if self._aspect >= LONG:
            return picture
        width = math.sqrt(self._aspect * self._config.height_px * self._config.width_px)
        size = max(1, round(width)), max(1, round(width / self._aspect))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def _start(self, scaled: NDArray[Any], weight: float, aspect: float) -> None:
        self._mean, self._total = scaled.astype(np.float32), weight
        self._aspect = aspect
        self.num_frames, self.best_weight = 1, weight


def register(stack: Grey, crop: Grey, config: StackConfig) -> tuple[Homography, float]:
    """Find the map from a stack's points to those of a crop, coarse to fine.

    Args:
        stack: What the crop is laid on.
        crop: Of the same size.
        config: See `StackConfig`.

    Returns:
        The map, and the normalised correlation of both under it, -1..1; -1 where it moves a corner
        too far.
    """
    half, half_crop = _halved(stack), _halved(crop)
    found = np.eye(3)
    aligner = _Aligner(_halved(half), is_projective=False)
    quarter_crop = _halved(half_crop)
    for _ in range(config.coarse_steps):
        found, moved, _ = aligner.step(quarter_crop, found)
        if moved < SETTLED:
            break
    aligner = _Aligner(half, is_projective=config.is_projective)
    agreement = -1.0
    for _ in range(config.fine_steps):
        # Of the map before this step, which is next to the one after it.
        found, moved, agreement = aligner.step(half_crop, found)
        if moved < SETTLED:
            break
    return (found, agreement) if _move(found) <= config.max_move else (np.eye(3), -1.0)


class _Aligner:
    """Inverse compositional Gauss-Newton on normalised correlation.

    Baker and Matthews, 2004, with gain and offset of the light projected out of the steps; all
    that depends on the template is computed once.
    """

    def __init__(self, template: Grey, *, is_projective: bool) -> None:
        self._grid = grid = _Grid.of(*template.shape)
        centred = (template - np.vdot(template, grid.share)) * grid.window
        norm = max(math.sqrt(np.vdot(centred, centred)), _FLAT)
        self._template = (centred / norm).ravel()
        # Derivatives by the coordinates of `Homography`.
        along_x = cv2.Sobel(template, cv2.CV_32F, 1, 0, scale=template.shape[1] / 16).ravel()
        along_y = cv2.Sobel(template, cv2.CV_32F, 0, 1, scale=template.shape[0] / 16).ravel()
        steepest = np.empty((8 if is_projective else 6, template.size), np.float32)
        for row, slope, place in (
            (0, along_x, grid.x),
            (1, along_x, grid.y),
            (3, along_y, grid.x),
            (4, along_y, grid.y),
        ):
            np.multiply(slope, place, out=steepest[row])
        steepest[2], steepest[5] = along_x, along_y
        if is_projective:
            radial = steepest[0] + steepest[4]
            steepest[6], steepest[7] = -radial * grid.x, -radial * grid.y
        steepest *= grid.window.ravel()
        light = np.concatenate([grid.unit, self._template]).reshape(2, -1)
        steepest -= (steepest @ light.T) @ light
        # Of its own transpose BLAS takes another way, in three times the time.
        hessian = steepest @ steepest.copy().T
        # A little more than it is: a template without any slope has no step to take.
        diagonal = hessian.reshape(-1)[:: len(hessian) + 1]
        diagonal *= 1 + 1e-4
        diagonal += _LITTLE
        self._solve = (norm * np.linalg.inv(hessian)) @ steepest

    def step(self, picture: Grey, found: Homography) -> tuple[Homography, float, float]:
        """A better map, how far it moves the points, and the correlation under the one given."""
        moved = cv2.warpPerspective(
            picture,
            self._grid.in_pixels(found),
            picture.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        flat = ((moved - np.vdot(moved, self._grid.share)) * self._grid.window).ravel()
        norm = max(math.sqrt(np.vdot(flat, flat)), _FLAT)
        change = (self._solve @ flat / norm).tolist()
        a, b, c, d, e, f, g, h = change if len(change) == 8 else (*change, 0.0, 0.0)
        # To the first order this is the inverse of the step, by which the map is composed.
        better = found @ np.array([[1 - a, -b, -c], [-d, 1 - e, -f], [-g, -h, 1.0]])
        agreement = float(np.vdot(flat, self._template)) / norm
        return better / better[2, 2], max(map(abs, change)), agreement


class _Grid:
    """What depends on the size only: coordinates, and a window that fades towards the rim."""

    _known: ClassVar[dict[tuple[int, int], "_Grid"]] = {}

    def __init__(self, height: int, width: int) -> None:
        xs = ((np.arange(width) + 0.5) / width * 2 - 1).astype(np.float32)
        ys = ((np.arange(height) + 0.5) / height * 2 - 1).astype(np.float32)
        x, y = np.meshgrid(xs, ys)
        self.x, self.y = x.ravel(), y.ravel()
        # The rim, which a small move takes out of the picture, counts little.
        fades = [np.clip((1 - np.abs(each)) / 0.2, 0, 1) for each in (ys, xs)]
        self.window = np.outer(*fades)
        self.share = self.window / self.window.sum()
        self.unit = self.window.ravel() / np.linalg.norm(self.window)
        w, h = width / 2, height / 2
        self._to = np.array([[w, 0, w - 0.5], [0, h, h - 0.5], [0, 0, 1]])
        self._from = np.linalg.inv(self._to)

    @classmethod
    def of(cls, height: int, width: int) -> "_Grid":
        """The grid of a size, made once."""
        grid = cls._known.get((height, width))
        if grid is None:
            grid = cls._known[height, width] = cls(height, width)
        return grid

    def in_pixels(self, found: Homography) -> Homography:
        """The map in pixels, which count from the middle of the first."""
        return self._to @ found @ self._from


def _move(found: Homography) -> float:
    corners = np.array([[-1, 1, 1, -1], [-1, -1, 1, 1], [1, 1, 1, 1]], np.float64)
    moved = found @ corners
    return float(np.abs(moved[:2] / moved[2] - corners[:2]).max())


def _grey(rgb: NDArray[np.float32]) -> Grey:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def _halved(grey: Grey) -> Grey:
    height, width = grey.shape
    half = cv2.resize(grey, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.float32)
