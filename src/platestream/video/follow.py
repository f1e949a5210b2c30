"""One plate that is known, from frame to frame: where to look for it, and when not even to look."""

from typing import Final

from platestream.core.boxes import box_size, scale_box
from platestream.core.types import BoxXyxy, Detection
from platestream.video.tracking import ExpectedPlate
from platestream.video.windows import Window, window_around

NEW_REACH: Final = 1.0
"""How far a plate may move that was seen once, in its widths: as far as it would be tracked."""

REACH: Final = 0.25
"""How far one may be from where it is expected, in its widths, once its speed is known."""

_KNOWN: Final = 3
"""Sightings from which on it is."""

_STEADY: Final = 8
"""Sightings from which on a plate that moves slowly is seen in every other frame only."""

_SLOW: Final = 0.15
"""How slowly, in its widths and heights a frame: speeds change, and half a plate is soon beside."""

_ROOM_PX: Final = 10.0
"""Around a plate, in pixels of the detector's picture: it is known by what is around it."""

_WIDEST_PX: Final = 72.0
"""A plate that is wider in the detector's picture is looked at smaller."""

_TINY_PX: Final = 24.0
"""One that is narrower is looked at larger where the frame has more of it, see `models.closer`."""

_TINY_WANTED_PX: Final = 48.0


class Followed:
    """A plate of the last frame in the next one.

    Args:
        expected: The plate.
        frame: Width and height of the frame.
        scale: Pixels of the detector's picture per pixel of the frame.

    Attributes:
        expected: As given.
        zoom: How much smaller, or larger, than in the detector's picture to look at it.
        window: Where to look.
    """

    def __init__(self, expected: ExpectedPlate, frame: tuple[int, int], scale: float) -> None:
        self.expected = expected
        width, _ = box_size(expected.box_xyxy)
        seen_px = max(1.0, width * scale)
        # Not more than the frame has: enlarging shows nothing new.
        closer = min(1 / scale, _TINY_WANTED_PX / seen_px) if seen_px < _TINY_PX else 1.0
        self.zoom = min(closer, _WIDEST_PX / seen_px)
        share = REACH if expected.num_seen >= _KNOWN else NEW_REACH
        room = share * width + _ROOM_PX / (scale * self.zoom)
        x1, y1, x2, y2 = expected.box_xyxy
        around = (x1 - room, y1 - room, x2 + room, y2 + room)
        self.window: Window = window_around(around, frame, scale * self.zoom)

    def may_coast(self, *, again: bool) -> bool:
        """Whether this frame can be told from the ones before; `again` if the last one was, too.

        Of a plate that is sure nothing more is read: its place is all that is asked.
        """
        return self._is_steady() and (not again or self.expected.is_sure)

    def _is_steady(self) -> bool:
        (x1, y1, x2, y2), (u1, v1, u2, v2) = self.expected.box_xyxy, self.expected.seen.box_xyxy
        along, down = max(abs(x1 - u1), abs(x2 - u2)), max(abs(y1 - v1), abs(y2 - v2))
        is_slow = along <= _SLOW * (x2 - x1) and down <= _SLOW * (y2 - y1)
        return self.expected.num_seen >= _STEADY and is_slow

    def coasted(self) -> Detection:
        """The plate where it is expected, as large as it is expected."""
        seen: BoxXyxy = self.expected.seen.box_xyxy
        (width, height), (new_width, new_height) = box_size(seen), box_size(self.expected.box_xyxy)
        x, y = new_width / max(1.0, width), new_height / max(1.0, height)
        left, top, _, _ = scale_box(seen, x, y)
        to_left, to_top, _, _ = self.expected.box_xyxy
        return self.expected.seen.scaled(x, y).shifted(to_left - left, to_top - top)
