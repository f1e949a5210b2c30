"""The heart: push the crops of plate streams, get a reading for every one of them at once.

With the default policy and fusion this is Algorithm 1 of EQ-LPR. It is pure: no input or
output, no clock, no framework; the two networks come as plain callables.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol, Self

from platestream.core.errors import ConfigError
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading, Rgb
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.cut import worth
from platestream.stream.fusion import Fusion, best_quality
from platestream.stream.parting import GAP_S, contradicts, may_be_left
from platestream.stream.plate_stream import MAX_READINGS, MIN_READINGS, PlateStream
from platestream.stream.policy import SURE, Policy, record_breaking
from platestream.stream.stacking import NewStack, StackRule, Stacks

MAX_KEPT = 6000
"""Unread crops kept for the end by all live streams together, about: each that is pushed keeps its
share. With thousands of streams memory is worth more than another look at each."""

MAX_HELD = 20_000
"""Readings of all live streams together, about: each that is read keeps its share, two at least.
One holds 8 kB."""


class Scorer(Protocol):
    """The cheap network: looks at every crop."""

    def __call__(self, rgb: Rgb, /) -> float:
        """Quality (legibility) of one crop in 0..1."""


class Reader(Protocol):
    """The costly network: looks at the crops worth reading."""

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What one crop says."""


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
        self._streams: dict[int, PlateStream] = {}
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
        reading: Reading | None = None
        parted: Plate | None = None
        if may_part and may_be_left(stream, crop, gap_s):
            reading = self._read(crop)
            if contradicts(reading, stream):
                parted, stream = self.end(crop.track_id), self._open(crop)
        pushed_as, crop = crop.track_id, replace(crop, track_id=stream.track_id)
        reading = self._look(stream, crop, quality, reading)
        # Last of all: a first crop that could not be scored or read opens no stream.
        self._streams[pushed_as] = stream
        self._num_streams = max(self._num_streams, stream.track_id)
        return stream.decision(crop, quality, reading, parted)

    def pass_by(self, crop: PlateCrop, quality: float) -> PlateDecision:
        """Say what is known of a live track in a frame of which nothing was cut out.

        Args:
            crop: The last one that was pushed, at the frame, time and place of now. It is no
                witness: it is not read, nor kept for later.
            quality: That of the crop.
        """
        stream = self._streams[crop.track_id]
        crop = replace(crop, track_id=stream.track_id)
        stream.pass_by(crop)
        return replace(stream.decision(crop, quality), was_passed=True)

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
        return stream.plate()

    def _open(self, crop: PlateCrop) -> PlateStream:
        return PlateStream.opened_by(crop, self._num_streams + 1, self._fuse, self._confidence)

    def _look(
        self, stream: PlateStream, crop: PlateCrop, quality: float, reading: Reading | None
    ) -> Reading | None:
        """Algorithm 1 for one crop: read it if that is worth it, else carry on what was read.

        Args:
            stream: Its stream.
            crop: The crop.
            quality: What it is worth.
            reading: Of the crop, where it was read already.

        Returns:
            The reading of this very crop; None where it was not read.
        """
        stream.now_s = crop.pts_s
        is_first = not stream.readings
        if reading is None and (self._policy(quality, stream) or is_first):
            reading = self._read(crop)
        if reading is not None:
            stream.take(crop, reading, quality, self._most_readings())
        else:
            self._keep(stream, crop, quality)
        self._stack(stream, crop, quality)
        stream.see(crop, quality)
        return reading

    def _most_readings(self) -> int:
        share = MAX_HELD // max(1, len(self._streams))
        return max(MIN_READINGS, min(MAX_READINGS, share))

    def _keep(self, stream: PlateStream, crop: PlateCrop, quality: float) -> None:
        # A sure plate needs no more than a second reading.
        wanted = min(1, self._read_at_end) if stream.confidence >= SURE else self._read_at_end
        stream.keep(crop, quality, min(wanted, MAX_KEPT // len(self._streams)))

    def _stack(self, stream: PlateStream, crop: PlateCrop, quality: float) -> None:
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
            stream.combine()

    def _read_more(self, stream: PlateStream) -> None:
        """Read the stack, then the crops kept for the end, until the plate is settled."""
        if stream.stack and not stream.is_settled():
            for _ in stream.stack.read_at_end(self._read_picture):
                stream.combine()
                if stream.is_settled():
                    break
        for quality, _, crop in sorted(stream.unread, reverse=True):
            if stream.is_settled():
                break
            stream.take(crop, self._read(crop), quality, self._most_readings())
