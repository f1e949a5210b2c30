"""What is given to a worker, and what it gives back: plain values that any process can take."""

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from platestream.core.boxes import BoxXyxy
from platestream.core.origin import from_names
from platestream.core.plate_event import PlateEvent
from platestream.video.segments import KeyFrame, Segment

Birth: TypeAlias = tuple[int, int]
"""When a track began: the frame's index, and its place among those that began in that frame."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A source, or one part of a long one.

    Attributes:
        source: Path or URL, as events name it.
        version: What tells a changed file from the one that was read, see `archive`.
        part: Which part, from 0.
        num_parts: Of the source.
        segment: Where the part lies; None for a whole source.
        num_tries: How often a worker died over it.
    """

    source: str
    version: str
    part: int = 0
    num_parts: int = 1
    segment: Segment | None = None
    num_tries: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A plate that has left, as one unit saw it.

    Attributes:
        tracks: Its tracks, numbered within the unit, the first one first.
        event: What is reported; None where it is too little.
        crop: The crop that was read, as PNG; empty where there is no event.
        out: Index of the frame at which it was over for good; None at the end of the source.
        stack: The average of its crops, as PNG; empty where none was read.
    """

    tracks: tuple[int, ...]
    event: PlateEvent | None
    crop: bytes
    out: int | None
    stack: bytes = b""


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What a unit gave.

    Attributes:
        passages: In the order they were over.
        births: When each track began, by its number within the unit.
        num_frames: Frames that were looked at, those of the overlaps among them.
        video_s: Length of the video that counts.
        num_corrupt: Frames that were skipped as broken.
        error: Why the source could not be read to its end; empty where it could.
        exit_code: Of that error.
        is_final: Whether trying again would give the same; else the next run tries again.
    """

    passages: tuple[Passage, ...] = ()
    births: dict[int, Birth] = field(default_factory=dict)
    num_frames: int = 0
    video_s: float = 0.0
    num_corrupt: int = 0
    error: str = ""
    exit_code: int = 0
    is_final: bool = True


def to_json(result: UnitResult) -> dict[str, Any]:
    """A result as JSON takes it, without its pictures."""
    record = asdict(result)
    for passage in record["passages"]:
        del passage["crop"], passage["stack"]
    return record


def from_json(record: dict[str, Any]) -> UnitResult:
    """The result that `to_json` was given, without its pictures."""
    passages = tuple(
        Passage(tuple(p["tracks"]), _event(p["event"]), b"", p["out"]) for p in record["passages"]
    )
    births = {int(track): (frame, place) for track, (frame, place) in record["births"].items()}
    return UnitResult(**{**record, "passages": passages, "births": births})


def segment_to_json(segment: Segment | None) -> dict[str, Any] | None:
    """A segment as JSON takes it."""
    return asdict(segment) if segment else None


def segment_from_json(record: dict[str, Any] | None) -> Segment | None:
    """The segment that `segment_to_json` was given."""
    return Segment(**{**record, "start": KeyFrame(**record["start"])}) if record else None


def _event(record: dict[str, Any] | None) -> PlateEvent | None:
    if record is None:
        return None
    x1, y1, x2, y2 = record["box_xyxy"]
    box: BoxXyxy = (x1, y1, x2, y2)
    quad = record["quad"]
    return PlateEvent(
        **{
            **record,
            "candidates": tuple((text, share) for text, share in record["candidates"]),
            "regions": tuple((region, share) for region, share in from_names(record["regions"])),
            "continued": tuple(record["continued"]),
            "box_xyxy": box,
            "quad": tuple((x, y) for x, y in quad) if quad else None,
        }
    )
