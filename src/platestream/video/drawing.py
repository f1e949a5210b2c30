"""Plates drawn on a frame: what is known of each, and how sure it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from platestream.core.text import hundredths
from platestream.core.types import PlateDecision, Rgb, Stacked
from platestream.stream.confidence import MIN_CONFIDENCE, masked
from platestream.stream.policy import SURE

LIKELY = 0.7
"""Confidence from which on a plate is drawn as likely."""

Colour: TypeAlias = tuple[int, int, int]
_Rect: TypeAlias = tuple[int, int, int, int]

SURE_COLOUR: Colour = (61, 220, 132)
LIKELY_COLOUR: Colour = (255, 196, 0)
DOUBT_COLOUR: Colour = (255, 120, 70)
BELOW_COLOUR: Colour = (170, 176, 182)
"""Told apart by brightness too, for those who see no red or green."""

_INK: Colour = (16, 18, 22)
_PAPER: Colour = (244, 244, 240)
_BOLD = 600
"""Weight of a font, as CSS has it; 0 is the font's own."""

_STACK_LINES = 2.2
"""Height of the picture that many frames make, in heights of the text."""

_LEGEND_SIDE_PX = 240
"""A picture that is smaller has no room for a legend."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn of a plate.

    Attributes:
        text: With ``?`` for characters that are not sure.
        confidence: 0..1.
    """

    text: str
    confidence: float


class Annotator:
    """Draws the plates of one source, frame by frame.

    Colour says how sure the plate is. One that is below the least confidence is a thin grey
    outline without text: it makes no event. One that was sure is shown as it was while it is in
    view, whatever a blurred frame makes of it.

    Args:
        min_confidence: Plates that are less sure are not spoken of.
    """

    def __init__(self, min_confidence: float = MIN_CONFIDENCE) -> None:
        self._min_confidence = min_confidence
        self._sure: dict[int, Shown] = {}

    def draw(self, rgb: Rgb, decisions: Sequence[PlateDecision]) -> Rgb:
        """Draw the plates in view on a copy of a frame.

        Args:
            rgb: ``(H, W, 3)`` uint8.
            decisions: The plates in view.
        """
        canvas = rgb.copy()
        shown = [(decision, self._shown(decision)) for decision in decisions]
        # What is gone is forgotten; the tracker may give its plate back under another number.
        self._sure = {d.track_id: s for d, s in shown if s and s.confidence >= SURE}
        size = max(13, round(min(rgb.shape[0] / 32, rgb.shape[1] / 40)))
        labels: list[_Rect] = []
        for decision, what in sorted(shown, key=lambda pair: pair[1] is not None):
            _outline(canvas, decision, self._colour(what), size if what else 0)
            if what:
                labels.append(_label(canvas, decision, what, self._colour(what), size, labels))
                if decision.stacked:
                    labels.append(_stack(canvas, decision.stacked, labels, size))
        if min(rgb.shape[:2]) >= _LEGEND_SIDE_PX:
            self._legend(canvas, size)
        return canvas

    def _shown(self, decision: PlateDecision) -> Shown | None:
        """What a plate is drawn as; None for a grey outline."""
        now = Shown(masked(decision.reading), decision.confidence)
        before = self._sure.get(decision.track_id)
        if before and now.confidence < SURE:
            return before
        is_told = bool(now.text) and now.confidence >= self._min_confidence
        return now if is_told else None

    def _colour(self, shown: Shown | None) -> Colour:
        if shown is None:
            return BELOW_COLOUR
        levels = ((SURE, SURE_COLOUR), (LIKELY, LIKELY_COLOUR))
        return next((c for least, c in levels if shown.confidence >= least), DOUBT_COLOUR)

    def _legend(self, canvas: Rgb, size: int) -> None:
        least = self._min_confidence
        rows = [
            (SURE_COLOUR, f"sure, {SURE:.2f} or more"),
            (LIKELY_COLOUR, f"likely, {LIKELY:.2f} or more"),
            (DOUBT_COLOUR, "in doubt"),
            (BELOW_COLOUR, f"below {least:.2f}, not reported"),
        ]
        rows = [row for row in rows if row[0] is not DOUBT_COLOUR or least < LIKELY]
        size = max(11, round(size * 0.68))
        line, pad = round(size * 1.5), size // 2
        width = max(_text_width(text, size) for _, text in rows) + 3 * pad + size
        height = line * len(rows) + pad
        top, left = canvas.shape[0] - height - pad, pad
        panel = canvas[top : top + height, left : left + width]
        panel[:] = (panel * 0.3 + np.array(_INK) * 0.7).astype(np.uint8)
        for index, (colour, text) in enumerate(rows):
            base = top + pad + index * line + size
            box = (left + pad, base - size + size // 4), (left + pad + size, base)
            is_below = colour is BELOW_COLOUR
            cv2.rectangle(canvas, *box, colour, 1 if is_below else -1, cv2.LINE_AA)
            at = (left + 2 * pad + size, base)
            cv2.putText(canvas, text, at, _PAPER, cv2.FontFace("sans"), size)


def _outline(canvas: Rgb, decision: PlateDecision, colour: Colour, size: int) -> None:
    """An outline with a dark rim, so that it is seen on any ground; thin for a `size` of 0."""
    corners = [np.rint(decision.crop.corners).astype(np.int32)]
    width = max(2, size // 8) if size else 1
    cv2.polylines(canvas, corners, True, _INK, width + 2, cv2.LINE_AA)
    cv2.polylines(canvas, corners, True, colour, width, cv2.LINE_AA)


def _label(
    canvas: Rgb,
    decision: PlateDecision,
    shown: Shown,
    colour: Colour,
    size: int,
    others: Iterable[_Rect],
) -> _Rect:
    """Text beside a plate, where it covers no other label; returns where."""
    # Rounded down, as 0.949 is not 0.95: what stands there must agree with the legend.
    text = f"{shown.text}  {hundredths(shown.confidence)}"
    pad = max(3, size // 4)
    width, height = _text_width(text, size, _BOLD) + 2 * pad, size + 2 * pad
    xs, ys = zip(*decision.crop.corners, strict=True)
    left = int(np.clip(round(min(xs)), 0, max(0, canvas.shape[1] - width)))
    above, below = round(min(ys)) - height - pad, round(max(ys)) + pad
    places = [
        (left, top, left + width, top + height)
        for top in (above, below, above - height - 2, below + height + 2)
        if 0 <= top <= canvas.shape[0] - height
    ] or [(left, max(0, above), left + width, max(0, above) + height)]
    taken = list(others)
    place = next((p for p in places if not any(_overlap(p, o) for o in taken)), places[0])
    cv2.rectangle(canvas, place[:2], place[2:], colour, -1)
    at = (place[0] + pad, place[3] - pad - size // 10)
    cv2.putText(canvas, text, at, _INK, cv2.FontFace("sans"), size, _BOLD)
    return place


def _stack(canvas: Rgb, stacked: Stacked, others: Sequence[_Rect], size: int) -> _Rect:
    """The picture that was read, made of many frames, beside the label drawn last; returns where.

    With how many they are, for it is a mean and no single one of them.
    """
    left, top, _, bottom = others[-1]
    small, height = max(10, round(size * 0.6)), round(size * _STACK_LINES)
    width = max(8, round(height * stacked.rgb.shape[1] / stacked.rgb.shape[0]))
    picture = cv2.resize(stacked.rgb, (width, height), interpolation=cv2.INTER_AREA)
    below = round(small * 1.5)
    x = int(np.clip(left, 0, max(0, canvas.shape[1] - width)))
    places = [
        (x, y, x + width, y + height + below)
        for y in (top - height - below - 2, bottom + 2)
        if 0 <= y <= canvas.shape[0] - height - below
    ] or [(x, 0, x + width, height + below)]
    place = next((p for p in places if not any(_overlap(p, o) for o in others)), places[0])
    shown = canvas[place[1] : place[3], place[0] : place[2]]
    shown[:] = _INK
    # A frame smaller than the picture shows its upper left.
    shown[:height] = picture[: shown.shape[0], : shown.shape[1]]
    at = (place[0] + 2, place[3] - small // 2)
    words = f"mean of {stacked.num_frames}"
    cv2.putText(canvas, words, at, _PAPER, cv2.FontFace("sans"), small)
    return place


def _text_width(text: str, size: int, weight: int = 0) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), size, weight)[2])


def _overlap(one: _Rect, other: _Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
