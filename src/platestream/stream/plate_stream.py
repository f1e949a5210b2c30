"""One live plate stream: what was seen and read of a plate so far, and what it comes to."""

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from platestream.core.types import (
    BoxXyxy,
    Plate,
    PlateCrop,
    PlateDecision,
    Reading,
    ScoredReading,
)
from platestream.stream.confidence import Confidence
from platestream.stream.cut import capped, that_count
from platestream.stream.fusion import Fusion
from platestream.stream.policy import SURE
from platestream.stream.stacking import PlateStack

MAX_PICTURES = 3
"""Texts of a stream whose pictures are kept: the one in force, and the best of the others."""

MAX_READINGS = 32
"""Readings of a stream that are combined, the best; a car may stand before a camera for hours."""

OUTDATED = 0.1
"""A stack whose best crop is so much worse than one that was read since says less than that one."""

MIN_READINGS = 2
"""Readings that a plate ends with where it has crops for it: half a plate, its other half behind
a post, reads as surely as a whole one."""

NOTHING = Reading("", np.empty((0, 0), np.float32), 0.0)
"""What is in force before the first reading."""


@dataclass(slots=True, kw_only=True)
class PlateStream:
    """What a policy may know of a stream, see `Past`, and what its plate is made of.

    Attributes:
        fuse: How its readings are combined.
        judge: How sure a combination is.
        now_s: Time of the crop that is being looked at, seconds.
        readings: Of single crops, the best `MAX_READINGS`.
        fused: The reading in force.
        confidence: That it is right, 0..1.
        best_of_text: Quality and crop of the best picture that each text was read from.
        unread: A heap of unread crops kept for the end, the worst on top.
        stack: Its crops as one picture; None where there is none.
    """

    track_id: int
    fuse: Fusion
    judge: Confidence
    first_frame: int
    first_pts_s: float
    first_box: BoxXyxy
    last_frame: int
    last_pts_s: float
    last_box: BoxXyxy
    now_s: float
    best_quality: float = -math.inf
    best_read_quality: float = -math.inf
    num_frames: int = 0
    num_passed: int = 0
    num_read: int = 0
    num_since_read: int = 0
    last_read_s: float = -math.inf
    readings: list[ScoredReading] = field(default_factory=list)
    fused: Reading = NOTHING
    confidence: float = 0.0
    best_of_text: dict[str, tuple[float, PlateCrop]] = field(default_factory=dict)
    unread: list[tuple[float, int, PlateCrop]] = field(default_factory=list)
    stack: PlateStack | None = None

    @classmethod
    def opened_by(
        cls, crop: PlateCrop, track_id: int, fuse: Fusion, judge: Confidence
    ) -> "PlateStream":
        """A stream that begins with a crop, which is yet to be taken in."""
        return cls(
            track_id=track_id,
            fuse=fuse,
            judge=judge,
            first_frame=crop.frame_index,
            first_pts_s=crop.pts_s,
            first_box=crop.box_xyxy,
            last_frame=crop.frame_index,
            last_pts_s=crop.pts_s,
            last_box=crop.box_xyxy,
            now_s=crop.pts_s,
        )

    def see(self, crop: PlateCrop, quality: float) -> None:
        """Take a crop in, read or not."""
        self.best_quality = max(self.best_quality, quality)
        self.num_frames += 1
        self._be_at(crop)

    def pass_by(self, crop: PlateCrop) -> None:
        """Note where it is, of which there is no new crop."""
        self.num_passed += 1
        self._be_at(crop)

    def take(
        self, crop: PlateCrop, reading: Reading, quality: float, most: int = MAX_READINGS
    ) -> None:
        """Take a reading in; keep the `most` best, and of each text the best picture."""
        self.num_since_read = 0
        self.last_read_s = crop.pts_s
        self.readings.append(
            ScoredReading(reading, quality, crop.frame_index, crop.pts_s, crop.is_cut)
        )
        while len(self.readings) > most:
            self.readings.remove(min(self.readings, key=lambda known: known.quality))
        self.best_read_quality = max(self.best_read_quality, quality)
        self.combine()
        shown = self.best_of_text.get(reading.text)
        if shown is None or quality > shown[0]:
            self.best_of_text[reading.text] = (quality, crop)
        if len(self.best_of_text) > MAX_PICTURES:
            others = self.best_of_text.keys() - {self.fused.text}
            del self.best_of_text[min(others, key=lambda text: self.best_of_text[text][0])]

    def combine(self) -> None:
        """Count one more reading, and combine all there are: of single crops and of their stack."""
        self.num_read += 1
        stacked = self.stack.readings if self.stack else ()
        readings = [*self.readings, *(s for s in stacked if self._is_fresh(s))]
        counted = that_count(readings)
        self.fused = self.fuse(counted).of_pictures([scored.reading for scored in counted])
        self.confidence = capped(self.judge(counted, self.fused), counted)

    def keep(self, crop: PlateCrop, quality: float, num: int) -> None:
        """Keep an unread crop while it is among the `num` best of its stream."""
        self.num_since_read += 1
        # Of equals the earlier one is kept; the count also spares comparing pictures.
        heapq.heappush(self.unread, (quality, -self.num_frames, crop))
        while len(self.unread) > num:
            heapq.heappop(self.unread)

    def is_settled(self) -> bool:
        """Whether its end is worth no more readings."""
        return self.confidence >= SURE and self.num_read >= MIN_READINGS

    def decision(
        self,
        crop: PlateCrop,
        quality: float,
        own_reading: Reading | None = None,
        parted: Plate | None = None,
    ) -> PlateDecision:
        """The answer for a crop that was taken in; see `PlateDecision`."""
        # What a stack said counts no more once a far better crop was read.
        stacked = self.stack.result() if self.stack else None
        return PlateDecision(
            crop=crop,
            quality=quality,
            reading=self.fused,
            confidence=self.confidence,
            own_reading=own_reading,
            best_quality=self.best_quality,
            parted=parted,
            stacked=stacked if stacked and self._is_fresh(stacked.readings[0]) else None,
        )

    def plate(self) -> Plate:
        """What it settled on."""
        # The best crop that was read as the plate says; if none was, the best that was read.
        best = max(self.best_of_text.values(), key=lambda shown: shown[0])
        quality, best_crop = self.best_of_text.get(self.fused.text, best)
        return Plate(
            track_id=self.track_id,
            reading=self.fused,
            confidence=self.confidence,
            quality=quality,
            best_crop=best_crop,
            first_pts_s=self.first_pts_s,
            last_pts_s=self.last_pts_s,
            first_frame=self.first_frame,
            last_frame=self.last_frame,
            num_frames=self.num_frames + self.num_passed,
            num_read=self.num_read,
            readings=best_readings(that_count(self.readings)),
            stacked=self.stack.result() if self.stack else None,
            first_box=self.first_box,
            last_box=self.last_box,
            num_passed=self.num_passed,
        )

    def _be_at(self, crop: PlateCrop) -> None:
        self.last_frame, self.last_pts_s = crop.frame_index, crop.pts_s
        self.last_box = crop.box_xyxy

    def _is_fresh(self, stacked: ScoredReading) -> bool:
        return stacked.quality + OUTDATED >= self.best_read_quality


def best_readings(readings: Iterable[ScoredReading]) -> tuple[ScoredReading, ...]:
    """At most `MAX_READINGS` of one plate's readings, the best by quality, in time order."""
    best = sorted(readings, key=lambda scored: -scored.quality)[:MAX_READINGS]
    return tuple(sorted(best, key=lambda scored: scored.frame_index))
