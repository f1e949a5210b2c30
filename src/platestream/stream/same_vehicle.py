"""What else may be told of one vehicle than its plate: a part of it, a near twin, lettering.

A tracker that loses a plate for a moment may be given half of it back, or a reading that is one
character off; both are surely read then, so that doubt tells nothing. Place and time do: no other
vehicle is in the very same place a moment later.
"""

from collections import defaultdict
from collections.abc import Iterable

from platestream.core.metrics import edit_distance
from platestream.core.types import BoxXyxy, Plate, PlateDecision
from platestream.stream.policy import SURE

SAME_PLACE_GAP_S = 1.0
"""From one vehicle's plate to the next one's in the same place takes longer: a length of a car."""

LEAST_PART = 4
"""Characters of a text that may be a part of another's; shorter ones are in many plates."""

LEAST_PART_SHARE = 0.5
"""Of the whole text."""

MAX_STEPS = 1.0
"""Plate widths from where the one was last to where the other was first."""

MAX_GROWTH = 1.6
"""How much wider the one may be than the other."""

BESIDE = 1.6
"""Plate widths between plates of one vehicle: those of two are at least a car's side apart."""

MAX_REMEMBERED = 1000
"""Tracks that were sure, the latest; lettering is over soon after the plate beside it."""

MAX_BESIDE = 100
"""Plates that are counted beside one, which may stand there for days."""


def is_part(text: str, whole: str) -> bool:
    """Whether a text is what is left of another when an end of it cannot be seen."""
    if not LEAST_PART <= len(text) < len(whole) or len(text) < LEAST_PART_SHARE * len(whole):
        return False
    return whole.startswith(text) or whole.endswith(text)


def may_be_one(text: str, other: str) -> bool:
    """Whether two texts may be of one plate: the same, a part of it, or one character off."""
    if text == other or is_part(text, other) or is_part(other, text):
        return bool(text)
    return min(len(text), len(other)) >= LEAST_PART and edit_distance(text, other) == 1


def continues(first: Plate, last: Plate) -> bool:
    """Whether the track that began later is the same vehicle's, by its text, place and time."""
    gap_s = last.first_pts_s - first.last_pts_s
    if not may_be_one(first.reading.text, last.reading.text) or not 0 < gap_s <= SAME_PLACE_GAP_S:
        return False
    if first.last_box is None or last.first_box is None:
        return False
    return is_same_place(first.last_box, last.first_box)


def whole_of(one: Plate, other: Plate) -> Plate | None:
    """The one of which the other is a part, unless it is much less sure; None if there is none."""
    for whole, part in ((one, other), (other, one)):
        if is_part(part.reading.text, whole.reading.text):
            return whole if whole.confidence >= LEAST_PART_SHARE * part.confidence else None
    return None


def is_same_place(one: BoxXyxy, other: BoxXyxy) -> bool:
    """Whether two boxes may be of one plate that moved on for a moment."""
    widths = sorted((one[2] - one[0], other[2] - other[0]))
    return widths[1] <= MAX_GROWTH * widths[0] and _steps(one, other) <= MAX_STEPS


class Beside:
    """Watches which plates go side by side, on one vehicle: lettering goes with a plate."""

    def __init__(self) -> None:
        self._num_seen: defaultdict[int, int] = defaultdict(int)
        self._near: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._sure: dict[int, None] = {}

    def see(self, decisions: Iterable[PlateDecision]) -> None:
        """Take the plates of a frame."""
        seen = [(d.track_id, d.crop.box_xyxy) for d in decisions]
        for track_id, box in seen:
            self._num_seen[track_id] += 1
            for other_id, other in seen:
                if other_id != track_id and _steps(box, other) <= BESIDE:
                    self._count(self._near[track_id], other_id)

    def _count(self, near: defaultdict[int, int], other_id: int) -> None:
        near[other_id] += 1
        if len(near) > MAX_BESIDE:  # beside a parked car, whoever was there least matters least
            del near[min(near.keys() - {other_id}, key=near.__getitem__)]

    def end(self, plate: Plate) -> None:
        """Take a track that is over."""
        if plate.confidence >= SURE:
            self._sure[plate.track_id] = None
            while len(self._sure) > MAX_REMEMBERED:
                del self._sure[next(iter(self._sure))]

    def goes_with_a_sure_one(self, plate: Plate) -> bool:
        """Whether a passage went beside a sure plate in most of its frames."""
        most = self._num_seen.get(plate.track_id, 0) / 2
        near: dict[int, int] = self._near.get(plate.track_id) or {}
        return any(num > most and other in self._sure for other, num in near.items())

    def forget(self, track_id: int) -> None:
        """Forget a track whose passage is over, or that is more of another."""
        self._num_seen.pop(track_id, None)
        self._near.pop(track_id, None)


def _steps(one: BoxXyxy, other: BoxXyxy) -> float:
    """How far apart the centres are, in widths of the larger box."""
    dx = (one[0] + one[2] - other[0] - other[2]) / 2
    dy = (one[1] + one[3] - other[1] - other[3]) / 2
    width = max(one[2] - one[0], other[2] - other[0], 1e-9)
    return float((dx * dx + dy * dy) ** 0.5 / width)
