"""What a passage is while it goes on: a plate of what was seen of it until now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

from platestream.core.types import Plate, PlateDecision
from platestream.stream.passages import merge
from platestream.video.strips import Strip


@dataclass(slots=True, eq=False)
class SoFar:
    """A track in view.

    Attributes:
        strip: Its crops.
        first: The first that was decided of it; None before.
        last: The last.
        num_frames: In which it was in view.
        num_read: Crops that were read.
        num_passed: Frames in which it was told from memory.
    """

    strip: Strip = field(default_factory=Strip)
    first: PlateDecision | None = None
    last: PlateDecision | None = None
    num_frames: int = 0
    num_read: int = 0
    num_passed: int = 0

    def see(self, decision: PlateDecision) -> None:
        """Take the next decision."""
        self.strip.add(decision.crop, decision.quality, decision.own_reading)
        self.first, self.last = self.first or decision, decision
        self.num_frames += 1
        self.num_read += decision.was_read
        self.num_passed += decision.was_passed

    def plate(self) -> Plate | None:
        """What it would end as, if it ended now and nothing more were read; None before any."""
        if self.first is None or self.last is None:
            return None
        first, last = self.first.crop, self.last.crop
        best_crop, quality = self.strip.best(self.last.reading.text) or (last, self.last.quality)
        return Plate(
            track_id=self.last.track_id,
            reading=self.last.reading,
            confidence=self.last.confidence,
            quality=quality,
            best_crop=best_crop,
            first_pts_s=first.pts_s,
            last_pts_s=last.pts_s,
            first_frame=first.frame_index,
            last_frame=last.frame_index,
            num_frames=self.num_frames,
            num_read=self.num_read,
            num_passed=self.num_passed,
        )


def together(plates: Iterable[Plate]) -> Plate:
    """The plate of a passage of several tracks; at least one."""
    return reduce(merge, sorted(plates, key=lambda plate: plate.first_pts_s))
