"""Plates cut out of frames; one that stands as it stood is neither cut nor judged again."""

from collections import OrderedDict
from typing import Final

from platestream.core.types import Detection, Frame, Rgb
from platestream.models.preprocess import cut_from
from platestream.stream.recognizer import Scorer

_REMEMBERED: Final = 64
"""Plates that stand still in one picture; of more, some are judged again."""


class CropCutter:
    """Cuts the plates of one source out of its frames."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Detection, Rgb]] = {}

    def cut(self, frame: Frame, track_id: int, plate: Detection) -> Rgb:
        """The crop of a plate; the same object while the very same detection comes back."""
        seen, rgb = self._last.get(track_id, (None, None))
        if rgb is None or seen is not plate:
            rgb = cut_from(frame, plate)
            self._last[track_id] = plate, rgb
        return rgb

    def forget(self, track_id: int) -> None:
        """A track is over."""
        self._last.pop(track_id, None)


class ScoredOnce:
    """A quality network that knows crops it has seen: the same object has the same score.

    Args:
        score: Judges a crop.
    """

    def __init__(self, score: Scorer) -> None:
        self._score = score
        self._known: OrderedDict[int, tuple[Rgb, float]] = OrderedDict()

    def __call__(self, rgb: Rgb, /) -> float:
        """The score of a crop."""
        known = self._known.get(id(rgb))
        # An id is only its own while the array lives, which it does as long as it is kept here.
        if known is None:
            known = self._known[id(rgb)] = rgb, self._score(rgb)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(id(rgb))
        return known[1]
