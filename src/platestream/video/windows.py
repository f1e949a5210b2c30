"""Parts of a frame to look at, as few and as small as hold what is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from platestream.core.detector import WindowDetector
from platestream.core.types import BoxXyxy, Detection, Frame
from platestream.models.detector import MULTIPLE_PX
from platestream.models.preprocess import shrink_to, shrunk_from

_RIM_PX: Final = 2.0
"""A box that ends this near to a window's edge, in pixels of the detector's picture, may be cut."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame.

    Attributes:
        left: First column, in pixels of the frame.
        top: First row.
        right: Last column, exclusive.
        bottom: Last row, exclusive.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def box(self) -> BoxXyxy:
        """The same as a box."""
        return float(self.left), float(self.top), float(self.right), float(self.bottom)

    @property
    def area_px(self) -> int:
        """Pixels of the frame."""
        return (self.right - self.left) * (self.bottom - self.top)

    def union(self, other: "Window") -> "Window":
        """The smallest that holds both."""
        return Window(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def touches(self, other: "Window") -> bool:
        """Whether they share a pixel."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def cuts(self, box: BoxXyxy, frame: tuple[int, int], rim_px: float) -> bool:
        """Whether a box goes on beyond an edge of it that is no edge of the `frame`."""
        width, height = frame
        return (
            (self.left > 0 and box[0] < self.left + rim_px)
            or (self.top > 0 and box[1] < self.top + rim_px)
            or (self.right < width and box[2] > self.right - rim_px)
            or (self.bottom < height and box[3] > self.bottom - rim_px)
        )


def window_around(box: BoxXyxy, frame: tuple[int, int], scale: float) -> Window:
    """A window that holds a box, and is as large as the detector's picture of it is anyway.

    Args:
        box: In pixels of the frame; what lies outside the frame is left out.
        frame: Width and height.
        scale: Pixels of the detector's picture per pixel of the frame.
    """
    left, right = _side(box[0], box[2], frame[0], scale)
    top, bottom = _side(box[1], box[3], frame[1], scale)
    return Window(left, top, right, bottom)


def _side(begin: float, end: float, limit: int, scale: float) -> tuple[int, int]:
    step = MULTIPLE_PX / scale
    wanted = max(1.0, min(end, limit) - max(begin, 0.0))
    length = min(limit, int(-(-wanted // step) * step))
    first = round((max(begin, 0.0) + min(end, limit) - length) / 2)
    first = min(max(0, first), limit - length)
    return first, first + length


def join(windows: Iterable[Window]) -> list[Window]:
    """Put windows that touch together, until none do."""
    joined: list[Window] = []
    for window in windows:
        while touching := next((other for other in joined if other.touches(window)), None):
            joined.remove(touching)
            window = window.union(touching)
        joined.append(window)
    return joined


def look_at(
    detector: WindowDetector, frame: Frame, window: Window, scale: float, *, is_exact: bool = True
) -> list[Detection]:
    """Find the plates of a part of a frame; those that it may cut are left out.

    Args:
        detector: Looks.
        frame: The frame.
        window: The part.
        scale: Pixels of the picture to look at per pixel of the frame, at most 1.
        is_exact: Whether each grey level counts, as it does where a plate is cut out of what is
            found; where something new is looked for it does not, and the look is cheaper.
    """
    sides = window.left, window.top, window.right, window.bottom
    picture = shrink_to(frame.part(*sides), scale) if is_exact else shrunk_from(frame, sides, scale)
    x = (window.right - window.left) / picture.shape[1]
    y = (window.bottom - window.top) / picture.shape[0]
    found = (
        plate.scaled(x, y).shifted(window.left, window.top) for plate in detector.look(picture)
    )
    rim_px = _RIM_PX / scale
    return [plate for plate in found if not window.cuts(plate.box_xyxy, frame.size, rim_px)]
