"""The parts of a source put together: one event a passage, numbered as if never cut."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from platestream.cluster.units import Birth, Passage, Unit, UnitResult
from platestream.core.plate_event import PlateEvent


@dataclass(frozen=True, slots=True)
class Joined:
    """An event of a whole source.

    Attributes:
        event: With the track numbers of the whole source.
        part: The part it is from.
        place: Which of that part's passages it is.
    """

    event: PlateEvent
    part: int
    place: int


def join(parts: Sequence[tuple[Unit, UnitResult]]) -> list[Joined]:
    """Put the parts of one source together.

    A passage is taken from the part in which its first track began. Where a later part saw the
    rest of a passage only, and took it for one of its own, a track they share gives it away.

    Args:
        parts: All parts of the source, in order.

    Returns:
        Its events, in the order they were over; those over at once by their last frame.
    """
    numbers = sorted(birth for unit, result in parts for birth in _begun(unit, result))
    found: list[tuple[float, Joined]] = []
    for unit, result, place, passage in _owned(parts):
        if passage.event:
            event = passage.event
            if len(parts) > 1:
                tracks = [_number(numbers, result.births[track]) for track in passage.tracks]
                event = replace(event, track_id=tracks[0], continued=tuple(tracks[1:]))
            out = float("inf") if passage.out is None else passage.out
            found.append((out, Joined(event, unit.part, place)))
    # At the end of a source many are over at once: parts cannot tell in which order they left.
    return [joined for _, joined in sorted(found, key=_order)]


def _order(found: tuple[float, Joined]) -> tuple[float, int, int]:
    out, joined = found
    return out, joined.event.last_frame, joined.event.track_id


def _owned(
    parts: Sequence[tuple[Unit, UnitResult]],
) -> Iterator[tuple[Unit, UnitResult, int, Passage]]:
    taken: set[Birth] = set()
    if parts[0][0].segment is None:
        ((unit, result),) = parts
        yield from ((unit, result, place, each) for place, each in enumerate(result.passages))
        return
    for unit, result in parts:
        for place, passage in enumerate(result.passages):
            births = [result.births[track] for track in passage.tracks]
            if _is_in(unit, births[0]) and taken.isdisjoint(births):
                yield unit, result, place, passage
                taken.update(births)


def _begun(unit: Unit, result: UnitResult) -> Iterator[Birth]:
    return (birth for birth in result.births.values() if _is_in(unit, birth))


def _is_in(unit: Unit, birth: Birth) -> bool:
    segment = unit.segment
    return segment is not None and segment.begin <= birth[0] < segment.end


def _number(numbers: list[Birth], birth: Birth) -> int:
    """Which track of the whole source began then; the nearest before, should parts disagree."""
    return max(1, bisect_right(numbers, birth))
