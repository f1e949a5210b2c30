"""The life of a plate while it is in view: what is worth telling before it has left."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from platestream.core.types import PlateDecision
from platestream.stream.policy import SURE

State: TypeAlias = Literal["provisional", "improved"]


@dataclass(frozen=True, slots=True, eq=False)
class PlateUpdate:
    """News of a plate in view.

    Attributes:
        state: ``provisional`` the first time, ``improved`` when the text changed or became sure.
        decision: What is in force now.
    """

    state: State
    decision: PlateDecision


class Updates:
    """Tells news from repetition, for all tracks of one source.

    Args:
        min_confidence: Below this there is nothing to tell.
    """

    def __init__(self, min_confidence: float) -> None:
        self._min_confidence = min_confidence
        self._told: dict[int, tuple[str, bool]] = {}

    def see(self, decisions: Iterable[PlateDecision]) -> list[PlateUpdate]:
        """The news of one frame."""
        news = []
        for decision in decisions:
            track_id, text = decision.track_id, decision.reading.text
            if not text or decision.confidence < self._min_confidence:
                continue
            is_sure = decision.confidence >= SURE
            told = self._told.get(track_id)
            if told is None or told[0] != text or (is_sure and not told[1]):
                self._told[track_id] = (text, is_sure)
                news.append(PlateUpdate("improved" if told else "provisional", decision))
        return news

    def forget(self, track_ids: Iterable[int]) -> bool:
        """Forget the tracks of a passage that is over; returns whether it was told of."""
        told = [self._told.pop(track_id, None) for track_id in track_ids]
        return any(told)
