"""An event: one passage of one vehicle, as it is reported."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from platestream.core.boxes import BoxXyxy, Quad, box_corners
from platestream.core.origin import Regions

State: TypeAlias = Literal["provisional", "improved", "sure", "final", "withdrawn"]
"""What becomes of a passage, see `stream.life`."""

Way: TypeAlias = Literal["api", "receivers"]
"""Who is told of events, beside files and exports, which have everything."""

_OF_RUN: dict[str, tuple[Way, ...]] = {"ways": ()}
"""Of fields that mean something only beside the run's other results."""


@dataclass(frozen=True, slots=True)
class PlateEvent:
    """One passage of one vehicle, as it is reported: plain values, ready for JSON.

    What else is said of it, and who is told what, stands in `core.event_fields`.

    Attributes:
        plate: The plate's text.
        plate_masked: The same, with ``?`` for characters that are not sure.
        confidence: That every character is right, 0..1.
        candidates: The most probable texts and their shares, best first, from the combined
            distribution alone; the plate's own share is no confidence.
        regions: Where it is from: codes of regions and their shares, the most probable first, by
            the picture and by how its text is written.
        quality: Legibility of the crop that was read, 0..1.
        track_id: Counts from 1 in each source; the passage's first where it had several.
        continued: The others, see `Plate`.
        source: What was read.
        first_pts_s: When the plate came into view, seconds from the source's start.
        last_pts_s: When it was last seen.
        best_pts_s: When the crop that was read was taken.
        first_frame: Frame index of the first sight.
        last_frame: Frame index of the last.
        best_frame: Frame index of the crop that was read.
        box_xyxy: Where that crop lies in its frame, pixels.
        num_frames: Frames the plate was seen in.
        num_scored: Crops the quality network saw: in some frames a plate that is known is told from
            memory.
        num_read: Readings: of single crops, and of several on top of each other.
        crop: File of the crop that was read, relative to the output folder.
        quad: The plate's corners in that frame; None where they are not known.
        id: The passage's, a UUID: the same in all that is told of it.
        is_cut: Whether the plate was never seen whole: characters may be missing at an end.
        num_stacked: Frames whose average was read too; 0 where none was.
        stack: File of that average, relative to the output folder; empty where there is none.
    """

    plate: str
    plate_masked: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    regions: Regions
    quality: float
    track_id: int = field(metadata=_OF_RUN)
    continued: tuple[int, ...] = field(metadata=_OF_RUN)
    source: str = field(metadata=_OF_RUN)
    first_pts_s: float = field(metadata=_OF_RUN)
    last_pts_s: float = field(metadata=_OF_RUN)
    best_pts_s: float = field(metadata=_OF_RUN)
    first_frame: int = field(metadata=_OF_RUN)
    last_frame: int = field(metadata=_OF_RUN)
    best_frame: int = field(metadata=_OF_RUN)
    box_xyxy: BoxXyxy
    num_frames: int
    num_scored: int = field(metadata={"ways": ("api",)})
    num_read: int
    crop: str = field(metadata=_OF_RUN)
    quad: Quad | None = None
    id: str = ""
    is_cut: bool = False
    num_stacked: int = field(default=0, metadata={"ways": ("api",)})
    stack: str = field(default="", metadata=_OF_RUN)

    @property
    def corners(self) -> Quad:
        """The plate's corners in that frame; those of its box where they are not known."""
        return self.quad or box_corners(self.box_xyxy)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a line of ``events.jsonl``."""
        return asdict(self)
