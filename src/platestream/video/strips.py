"""The strip of a plate: the few crops of its passage that are worth keeping."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from platestream.core.types import PlateCrop, PlateDecision, Reading, ScoredReading
from platestream.store.records import StripFrame
from platestream.stream.life import TrackEnd

MAX_CROPS, MAX_READ = 12, 8
"""Crops of a strip, and how many may be there for having been read: the others are those of best
quality."""

MAX_FRAMES = 3
"""Whole frames wanted for a plate in view: of its best crops that were read, and as many of its
best that were not, since one of those is read at the end."""


@dataclass(slots=True, eq=False)
class SeenCrop:
    """One crop, with what the reader said of it if it did."""

    crop: PlateCrop
    quality: float
    reading: Reading | None = None


@dataclass(slots=True)
class Strip:
    """Crops of one passage, in bounded memory however long it takes."""

    _seen: list[SeenCrop] = field(default_factory=list)

    def add(self, crop: PlateCrop, quality: float, reading: Reading | None) -> None:
        """Take a crop, with what the reader said of it if it did; the same pixels once."""
        if reading is None and any(seen.crop.rgb is crop.rgb for seen in self._seen):
            return
        self._seen.append(SeenCrop(crop, quality, reading))
        self._trim()

    def join(self, later: "Strip") -> None:
        """Take the crops of another strip of the same passage."""
        self._seen += later._seen
        self._trim()

    def hear(self, readings: Iterable[ScoredReading]) -> None:
        """Note what was read of the crops when their track had ended."""
        said = {scored.frame_index: scored.reading for scored in readings}
        for seen in self._seen:
            seen.reading = said.get(seen.crop.frame_index, seen.reading)
        self._trim()

    def best(self, text: str) -> tuple[PlateCrop, float] | None:
        """The best crop that was read as `text`, or else the best that was read; its quality."""
        read, _ = self._by_quality()
        same = [seen for seen in read if seen.reading and seen.reading.text == text]
        best = next(iter(same or read), None)
        return (best.crop, best.quality) if best else None

    def frames_wanted(self) -> set[int]:
        """Indices of the frames that the best crop may turn out to be of."""
        read, unread = self._by_quality()
        return {seen.crop.frame_index for seen in (*read[:MAX_FRAMES], *unread[:MAX_FRAMES])}

    def frames(self, wall_time: Callable[[float], datetime]) -> tuple[StripFrame, ...]:
        """The strip for the store, in time order."""
        return tuple(
            StripFrame(
                frame_index=seen.crop.frame_index,
                at=wall_time(seen.crop.pts_s),
                quality=round(seen.quality, 4),
                text=seen.reading.text if seen.reading else None,
                score=round(seen.reading.score, 4) if seen.reading else None,
                rgb=seen.crop.rgb,
            )
            for seen in self.crops()
        )

    def crops(self) -> list[SeenCrop]:
        """Its crops in time order."""
        return sorted(self._seen, key=lambda seen: seen.crop.frame_index)

    def _trim(self) -> None:
        read, unread = self._by_quality()
        read = read[:MAX_READ]
        self._seen = read + unread[: MAX_CROPS - len(read)]

    def _by_quality(self) -> tuple[list[SeenCrop], list[SeenCrop]]:
        """Crops that were read, and those that were not, each the best first."""
        best_first = sorted(self._seen, key=lambda seen: -seen.quality)
        return [s for s in best_first if s.reading], [s for s in best_first if not s.reading]


class Strips:
    """The strips of all passages of one source."""

    def __init__(self) -> None:
        self._by_track: dict[int, Strip] = {}

    def see(self, decisions: Iterable[PlateDecision], ended: Iterable[TrackEnd]) -> None:
        """Take what a step brought; tracks of one passage become one strip."""
        for decision in decisions:
            strip = self._by_track.setdefault(decision.track_id, Strip())
            strip.add(decision.crop, decision.quality, decision.own_reading)
        for track in ended:
            strip = self._by_track.pop(track.plate.track_id, Strip())
            strip.hear(track.plate.readings)
            if track.joined is not None:
                earlier = self._by_track.pop(track.joined, Strip())
                earlier.join(strip)
                strip = earlier
            self._by_track[track.passage.track_id] = strip

    def take(self, track_id: int) -> Strip:
        """The strip of a passage that is over."""
        return self._by_track.pop(track_id, Strip())
