"""One vehicle, one event: plates that a tracker lost and found again become one passage.

A tracker loses a plate behind a lamp post or a passing car and gives it a new id. What it ended
with waits here for a while; if the same plate turns up again, the two are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from platestream.core.alphabet import encode
from platestream.core.metrics import edit_distance
from platestream.core.types import Plate, PlateDecision
from platestream.stream.cut import that_count
from platestream.stream.plate_stream import best_readings
from platestream.stream.same_vehicle import continues, may_be_one, whole_of

RETURN_PATIENCE_S = 4.0
"""How long a plate that left may take to come back."""

LEAST_DOUBT = 0.05
"""Two texts may be one plate when each place they differ in was at least so much in doubt."""

MAX_SHARE_DIFFERENT = 0.34
"""Places that may differ, as a share of the length."""

MAX_CONTINUED = 100
"""Tracks of a passage that are remembered by their ids, the latest: a parked car may be hidden and
seen again for days."""

MAX_WAITING = 200
"""Plates that wait at a time. Each holds its pictures, and while a plate like them is in view they
wait for as long as that stands there: of more, those that left first wait no longer."""

MIN_PART = 3
"""Characters of a cut plate that must stand together in a whole one to be a part of it."""

UNSURE = 0.5
"""Below this confidence a plate may also have lost or won a character."""


@dataclass(slots=True)
class _Waiting:
    plate: Plate
    until_s: float


class Passages:
    """Holds the plates of one source back until nobody can continue them.

    Args:
        patience_s: How long to wait for a plate to come back; 0 lets each through at once.
    """

    def __init__(self, patience_s: float = RETURN_PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._waiting: list[_Waiting] = []

    def end(self, plate: Plate) -> tuple[int, Plate] | None:
        """Take a finished track, alone or as more of a passage that waits.

        Returns:
            The `track_id` that passage had, and what it is now; None where the track is alone.
        """
        until_s = plate.last_pts_s + self._patience_s
        text = plate.reading.text
        # The very same text first: of two that wait, a doubtful one must not take it away.
        for waiting in sorted(self._waiting, key=lambda w: w.plate.reading.text != text):
            if is_same_passage(waiting.plate, plate):
                earlier_id = waiting.plate.track_id
                waiting.plate = merge(waiting.plate, plate)
                waiting.until_s = max(waiting.until_s, until_s)
                return earlier_id, waiting.plate
        self._waiting.append(_Waiting(plate, until_s))
        return None

    def see(self, decisions: Iterable[PlateDecision], now_s: float) -> list[Plate]:
        """Let time pass.

        Args:
            decisions: On the plates in view; one of them may be a waiting one, come back.
            now_s: Seconds from the source's start.

        Returns:
            Passages that are over.
        """
        in_view = {decision.reading.text for decision in decisions}
        for waiting in self._waiting:
            if any(_may_become(waiting.plate.reading.text, text) for text in in_view):
                waiting.until_s = max(waiting.until_s, now_s + self._patience_s)
        in_time = [waiting for waiting in self._waiting if waiting.until_s > now_s]
        in_time.sort(key=lambda waiting: waiting.plate.last_pts_s)
        kept = {id(waiting) for waiting in in_time[-MAX_WAITING:]}
        over = [waiting.plate for waiting in self._waiting if id(waiting) not in kept]
        self._waiting = [waiting for waiting in self._waiting if id(waiting) in kept]
        return over

    def flush(self) -> list[Plate]:
        """All that still wait, at the end of the source."""
        plates = [waiting.plate for waiting in self._waiting]
        self._waiting = []
        return plates


def merge(one: Plate, other: Plate) -> Plate:
    """Two tracks of one passage: what the surer or whole one says, over the time of both."""
    first, last = sorted((one, other), key=lambda plate: plate.first_pts_s)
    whole = whole_of(first, last)
    surer = max(first, last, key=lambda plate: (not plate.is_cut, plate.confidence))
    if whole and not whole.is_cut:
        surer = whole
    return replace(
        surer,
        track_id=first.track_id,
        continued=(*first.continued, last.track_id, *last.continued)[-MAX_CONTINUED:],
        first_pts_s=first.first_pts_s,
        first_frame=first.first_frame,
        last_pts_s=max(first.last_pts_s, last.last_pts_s),
        last_frame=max(first.last_frame, last.last_frame),
        num_frames=first.num_frames + last.num_frames,
        num_passed=first.num_passed + last.num_passed,
        num_read=first.num_read + last.num_read,
        readings=best_readings(that_count((*first.readings, *last.readings))),
        first_box=first.first_box,
        last_box=max(first, last, key=lambda plate: plate.last_pts_s).last_box,
    )


def is_same_passage(one: Plate, other: Plate) -> bool:
    """Whether two tracks are of one vehicle going by.

    Two plates seen at the same time are two, unless they say the very same: then a detector saw
    one plate twice.
    """
    first, last = sorted((one, other), key=lambda plate: plate.first_pts_s)
    if last.first_pts_s <= first.last_pts_s and one.reading.text != other.reading.text:
        return False
    return is_same_plate(one, other) or continues(first, last)


def _may_become(text: str, other: str) -> bool:
    """Whether a text in view may yet turn out to be one that waits."""
    shorter = min(len(text), len(other))
    if may_be_one(text, other):
        return True
    return shorter > 0 and edit_distance(text, other) <= MAX_SHARE_DIFFERENT * shorter


def is_same_plate(one: Plate, other: Plate) -> bool:
    """Whether two tracks ended with the same plate, as far as their readings can tell.

    Where texts of one length differ, what counts is how much each reader's distribution doubted
    that very character: its confusions as measured on these pictures, not a table of lookalikes.
    """
    a, b = one.reading, other.reading
    if not a.text or not b.text:
        return False
    if a.text == b.text:
        return True
    if one.is_cut != other.is_cut:
        part, whole = (a, b) if one.is_cut else (b, a)
        return len(part.text) >= MIN_PART and part.text in whole.text
    longest = max(len(a.text), len(b.text))
    if len(a.text) != len(b.text):
        return min(one.confidence, other.confidence) < UNSURE and edit_distance(a.text, b.text) == 1
    steps = np.arange(longest)
    as_a, as_b = encode(a.text)[:longest], encode(b.text)[:longest]
    differ = as_a != as_b
    doubt = np.maximum(a.char_probs[steps, as_b], b.char_probs[steps, as_a])[differ]
    return bool(differ.sum() <= MAX_SHARE_DIFFERENT * longest and (doubt >= LEAST_DOUBT).all())
