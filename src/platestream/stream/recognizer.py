"""The heart: push the crops of plate streams, get a reading for every one of them at once.

With the default policy and fusion this is Algorithm 1 of EQ-LPR. It is pure: no input or
output, no clock, no framework; the two networks come as plain callables.
"""

import heapq
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np

from platestream.core.errors import ConfigError
from platestream.core.types import (
    BoxXyxy,
    Plate,
    PlateCrop,
    PlateDecision,
    Reading,
    Rgb,
    ScoredReading,
    Stacked,
)
from platestream.stream.agreement import are_alike
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.cut import capped, that_count, worth
from platestream.stream.fusion import Fusion, best_quality
from platestream.stream.policy import SURE, Policy, record_breaking
from platestream.stream.stacking import NewStack, PlateStack, StackRule, Stacks

MAX_PICTURES = 3
"""Texts of a stream whose pictures are kept: the one in force, and the best of the others."""

MAX_KEPT = 6000
"""Unread crops kept for the end by all live streams together, about: each that is pushed keeps its
share. With thousands of streams memory is worth more than another look at each."""

MAX_READINGS = 32
"""Readings of a stream that are combined, the best; a car may stand before a camera for hours."""

MAX_HELD = 20_000
"""Readings of all live streams together, about: each that is read keeps its share, two at least.
One holds 8 kB."""

GAP_S = 0.3
"""A track unseen for so long, or whose box jumped by its own width, may be another vehicle's. Where
frames are further apart, their own rate says what is long, see `PlateRecognizer.push`."""

OUTDATED = 0.1
"""A stack whose best crop is so much worse than one that was read since says less than that one."""

SWITCHED = 0.8
"""Least confidence of a plate, and least score of a reading that contradicts it, to part them."""

MIN_READINGS = 2
"""Readings that a plate ends with where it has crops for it: half a plate, its other half behind
a post, reads as surely as a whole one."""


class Scorer(Protocol):
    """The cheap network: looks at every crop."""

    def __call__(self, rgb: Rgb, /) -> float:
        """Quality (legibility) of one crop in 0..1."""


class Reader(Protocol):
    """The costly network: looks at the crops worth reading."""

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What one crop says."""


NOTHING = Reading("", np.empty((0, 0), np.float32), 0.0)
"""What is in force before the first reading."""


@dataclass(slots=True)
class _Stream:
    """One live plate stream, and what a policy may know of it."""

    track_id: int
    first_frame: int
    first_pts_s: float
    last_frame: int
    last_pts_s: float
    now_s: float
    best_quality: float = -math.inf
    best_read_quality: float = -math.inf
    num_frames: int = 0
    num_read: int = 0
    num_since_read: int = 0
    last_read_s: float = -math.inf
    readings: list[ScoredReading] = field(default_factory=list)
    fused: Reading = NOTHING
    confidence: float = 0.0
    first_box: BoxXyxy = (0.0, 0.0, 0.0, 0.0)
    last_box: BoxXyxy = (0.0, 0.0, 0.0, 0.0)
    best_of_text: dict[str, tuple[float, PlateCrop]] = field(default_factory=dict)
    unread: list[tuple[float, int, PlateCrop]] = field(default_factory=list)
    stack: PlateStack | None = None

    @classmethod
    def opened_by(cls, crop: PlateCrop, track_id: int) -> "_Stream":
        at_s = crop.pts_s
        return cls(
            track_id,
            crop.frame_index,
            at_s,
            crop.frame_index,
            at_s,
            at_s,
            first_box=crop.box_xyxy,
        )

    def add(
        self,
        crop: PlateCrop,
        scored: ScoredReading,
        fuse: Fusion,
        confidence: Confidence,
        most: int = MAX_READINGS,
    ) -> None:
        """Take a reading in; keep the `most` best, and of each text the best picture."""
        self.num_read += 1
        self.num_since_read = 0
        self.last_read_s = crop.pts_s
        self.readings.append(scored)
        while len(self.readings) > most:
            self.readings.remove(min(self.readings, key=lambda known: known.quality))
        reading, quality = scored.reading, scored.quality
        self.best_read_quality = max(self.best_read_quality, quality)
        self.judge(fuse, confidence)
        shown = self.best_of_text.get(reading.text)
        if shown is None or quality > shown[0]:
            self.best_of_text[reading.text] = (quality, crop)
        if len(self.best_of_text) > MAX_PICTURES:
            others = self.best_of_text.keys() - {self.fused.text}
            del self.best_of_text[min(others, key=lambda text: self.best_of_text[text][0])]

    def judge(self, fuse: Fusion, confidence: Confidence) -> None:
        """Combine all that was read, of single crops and of their stack."""
        counted = that_count(self.all_readings())
        self.fused = fuse(counted)
        self.confidence = capped(confidence(counted, self.fused), counted)

    def all_readings(self) -> list[ScoredReading]:
        """Of single crops, and of their stack as it was read last, unless they are better now."""
        stacked = self.stack.readings if self.stack else ()
        return [*self.readings, *(s for s in stacked if self._is_fresh(s))]

    def _is_fresh(self, stacked: ScoredReading) -> bool:
        return stacked.quality + OUTDATED >= self.best_read_quality

    @property
    def stacked(self) -> Stacked | None:
        """The picture of many crops that was read last; None where none was."""
        return self.stack.result() if self.stack else None

    def stacked_in_force(self) -> Stacked | None:
        """The same, while what it said still counts."""
        stacked = self.stacked
        return stacked if stacked and self._is_fresh(stacked.readings[0]) else None

    def is_settled(self) -> bool:
        """Whether its end is worth no more readings."""
        return self.confidence >= SURE and self.num_read >= MIN_READINGS

    def keep(self, crop: PlateCrop, quality: float, num: int) -> None:
        """Keep an unread crop while it is among the `num` best of its stream."""
        self.num_since_read += 1
        # Of equals the earlier one is kept; the count also spares comparing pictures.
        heapq.heappush(self.unread, (quality, -self.num_frames, crop))
        while len(self.unread) > num:
            heapq.heappop(self.unread)

    def see(self, crop: PlateCrop, quality: float) -> None:
        """Take a crop in, read or not."""
        self.best_quality = max(self.best_quality, quality)
        self.num_frames += 1
        self.last_frame, self.last_pts_s = crop.frame_index, crop.pts_s
        self.last_box = crop.box_xyxy

    def may_be_left_for(self, crop: PlateCrop, gap_s: float) -> bool:
        """Whether a plate that is known comes from elsewhere now: later, or a leap away."""
        if self.confidence < SWITCHED:
            return False
        x1, _, x2, _ = self.last_box
        left, _, right, _ = crop.box_xyxy
        leap = abs(left + right - x1 - x2) / 2
        return crop.pts_s - self.last_pts_s > max(GAP_S, gap_s) or leap > max(x2 - x1, right - left)

    def is_contradicted_by(self, reading: Reading) -> bool:
        """Whether a reading is surely of another plate."""
        return reading.score >= SWITCHED and not are_alike(reading.text, self.fused.text)

    def best_picture(self) -> tuple[float, PlateCrop]:
        """The best crop that was read as the plate says; if none was, the best that was read."""
        best = max(self.best_of_text.values(), key=lambda shown: shown[0])
        return self.best_of_text.get(self.fused.text, best)


class PlateRecognizer:
    """Reads any number of plate streams at once, in any interleaving, frame by frame.

    Args:
        score: The quality network.
        read: The reader.
        policy: When to read.
        fuse: How to combine readings.
        confidence: How sure a combination is, see `stream.confidence`.
        read_at_end: Of the crops that the policy passed over, so many of the best are kept and
            read when the stream ends, until its plate is sure from more than one reading. Fewer
            are kept while thousands of streams are live, see `MAX_KEPT`.
        new_stack: Makes an empty stack for a plate that is in doubt, see `stream.stacking`; None
            where crops are read one by one only.
        stack_rule: When stacks are read.

    Example:
        >>> recognizer = PlateRecognizer(score, read)
        >>> for crop in crops:
        ...     decision = recognizer.push(crop)
        >>> plate = recognizer.end(crop.track_id)
    """

    def __init__(
        self,
        score: Scorer,
        read: Reader,
        policy: Policy = record_breaking,
        fuse: Fusion = best_quality,
        confidence: Confidence = least_certain,
        read_at_end: int = 0,
        new_stack: NewStack | None = None,
        stack_rule: StackRule | None = None,
    ) -> None:
        self._score: Callable[[PlateCrop], float] = lambda crop: score(crop.rgb)
        self._read: Callable[[PlateCrop], Reading] = lambda crop: read(crop.rgb)
        self._policy, self._fuse, self._confidence = policy, fuse, confidence
        self._read_picture = read
        self._read_at_end = read_at_end
        self._stacks = Stacks(new_stack, stack_rule or StackRule())
        self._streams: dict[int, _Stream] = {}
        self._num_streams = 0

    def replaying(
        self, score: Callable[[PlateCrop], float], read: Callable[[PlateCrop], Reading]
    ) -> Self:
        """Ask for recorded answers, which go by a crop's frame and want no pixels; returns self."""
        self._score, self._read = score, read
        return self

    @property
    def live_tracks(self) -> Collection[int]:
        """Tracks pushed and not yet ended, as their crops call them."""
        return self._streams.keys()

    def sure_tracks(self) -> set[int]:
        """Those of the live ones whose plate is sure: another reading is not worth its time."""
        return {track for track, stream in self._streams.items() if stream.confidence >= SURE}

    def push(
        self,
        crop: PlateCrop,
        *,
        may_part: bool = False,
        gap_s: float = GAP_S,
        quality: float | None = None,
    ) -> PlateDecision:
        """Look at the next crop of its track and decide now.

        The first crop of a track is always read, so that every frame has a reading.

        Args:
            crop: Its `track_id` is the caller's; the heart counts streams by itself.
            may_part: Whether the track is a tracker's guess. Where it was broken, the crop is
                read to see whose it is; if it shows another plate, the track's plate until now
                is finished and handed over as `parted`, and the crop begins a stream of its own.
            gap_s: From how long unseen on it counts as broken; `GAP_S` at least.
            quality: Of the very same pixels, which were pushed before; scored when omitted.
        """
        stream = self._streams.get(crop.track_id) or self._open(crop)
        quality = worth(self._score(crop), crop) if quality is None else quality
        own_reading: Reading | None = None
        parted: Plate | None = None
        if may_part and stream.may_be_left_for(crop, gap_s):
            own_reading = self._read(crop)
            if stream.is_contradicted_by(own_reading):
                parted, stream = self.end(crop.track_id), self._open(crop)
        pushed_as, crop = crop.track_id, replace(crop, track_id=stream.track_id)
        stream.now_s = crop.pts_s
        if own_reading is None and (self._policy(quality, stream) or not stream.readings):
            own_reading = self._read(crop)
        if own_reading is not None:
            self._take(stream, crop, own_reading, quality)
        else:
            self._keep(stream, crop, quality)
        self._stack(stream, crop, quality)
        stream.see(crop, quality)
        # Last of all: a first crop that could not be scored or read opens no stream.
        self._streams[pushed_as] = stream
        self._num_streams = max(self._num_streams, stream.track_id)
        return PlateDecision(
            crop=crop,
            quality=quality,
            reading=stream.fused,
            confidence=stream.confidence,
            own_reading=own_reading,
            best_quality=stream.best_quality,
            parted=parted,
            stacked=stream.stacked_in_force(),
        )

    def end(self, track_id: int, *, read_kept: bool = True) -> Plate:
        """Close a track, forget it, and say what it was.

        Args:
            track_id: Which, as its crops call it.
            read_kept: Whether the crops kept for the end may be read. If the reader fails at
                that, the track stays live, and can be ended without.

        Raises:
            ConfigError: the track is not live.
        """
        if track_id not in self._streams:
            msg = f"track {track_id} is not live; push a crop of it before ending it"
            raise ConfigError(msg)
        stream = self._streams[track_id]
        if read_kept:
            self._read_more(stream)
        if stream.stack:
            self._stacks.close(stream.stack)
        del self._streams[track_id]
        quality, best_crop = stream.best_picture()
        return Plate(
            track_id=stream.track_id,
            reading=stream.fused,
            confidence=stream.confidence,
            quality=quality,
            best_crop=best_crop,
            first_pts_s=stream.first_pts_s,
            last_pts_s=stream.last_pts_s,
            first_frame=stream.first_frame,
            last_frame=stream.last_frame,
            num_frames=stream.num_frames,
            num_read=stream.num_read,
            readings=best_readings(that_count(stream.readings)),
            stacked=stream.stacked,
            first_box=stream.first_box,
            last_box=stream.last_box,
        )

    def _open(self, crop: PlateCrop) -> _Stream:
        return _Stream.opened_by(crop, self._num_streams + 1)

    def _take(self, stream: _Stream, crop: PlateCrop, reading: Reading, quality: float) -> None:
        scored = ScoredReading(reading, quality, crop.frame_index, crop.pts_s, crop.is_cut)
        share = MAX_HELD // max(1, len(self._streams))
        most = max(MIN_READINGS, min(MAX_READINGS, share))
        stream.add(crop, scored, self._fuse, self._confidence, most)

    def _stack(self, stream: _Stream, crop: PlateCrop, quality: float) -> None:
        """Lay a crop of a plate in doubt on its stack, and read that when it has grown."""
        if crop.is_cut:
            return
        stack = stream.stack
        if stream.confidence >= SURE:
            if stack:
                self._stacks.close(stack)
            return
        if stack is None:
            stack = stream.stack = self._stacks.open()
        if stack is None:
            return
        stack.add(crop, quality)
        if stack.is_due():
            stack.read(self._read_picture)
            self._count_look(stream)

    def _count_look(self, stream: _Stream) -> None:
        stream.num_read += 1
        stream.judge(self._fuse, self._confidence)

    def _read_more(self, stream: _Stream) -> None:
        """Read the stack, then the crops kept for the end, until the plate is settled."""
        if stream.stack and not stream.is_settled():
            for _ in stream.stack.read_at_end(self._read_picture):
                self._count_look(stream)
                if stream.is_settled():
                    break
        for quality, _, crop in sorted(stream.unread, reverse=True):
            if stream.is_settled():
                break
            self._take(stream, crop, self._read(crop), quality)

    def _keep(self, stream: _Stream, crop: PlateCrop, quality: float) -> None:
        # A sure plate needs no more than a second reading.
        wanted = min(1, self._read_at_end) if stream.confidence >= SURE else self._read_at_end
        stream.keep(crop, quality, min(wanted, MAX_KEPT // len(self._streams)))


def best_readings(readings: Iterable[ScoredReading]) -> tuple[ScoredReading, ...]:
    """At most `MAX_READINGS` of one plate's readings, the best by quality, in time order."""
    best = sorted(readings, key=lambda scored: -scored.quality)[:MAX_READINGS]
    return tuple(sorted(best, key=lambda scored: scored.frame_index))
