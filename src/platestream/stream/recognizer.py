"""The heart: push the crops of plate streams, get a reading for every one of them at once.

With the default policy and fusion this is Algorithm 1 of EQ-LPR. It is pure: no input or
output, no clock, no framework; the two networks come as plain callables.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from platestream.core.errors import ConfigError
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading, Rgb
from platestream.stream.fusion import Fusion, ScoredReading, best_quality
from platestream.stream.policy import Policy, record_breaking


class Scorer(Protocol):
    """The cheap network: looks at every crop."""

    def __call__(self, rgb: Rgb, /) -> float:
        """Quality (legibility) of one crop in 0..1."""


class Reader(Protocol):
    """The costly network: looks at the crops worth reading."""

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What one crop says."""


@dataclass(slots=True)
class _Stream:
    """One live plate stream; of its pictures it keeps only the best that was read."""

    first_frame: int
    first_pts_s: float
    last_frame: int
    last_pts_s: float
    best_crop: PlateCrop
    best_quality: float = -math.inf
    num_frames: int = 0
    readings: list[ScoredReading] = field(default_factory=list)

    @classmethod
    def opened_by(cls, crop: PlateCrop) -> "_Stream":
        return cls(crop.frame_index, crop.pts_s, crop.frame_index, crop.pts_s, crop)

    @property
    def num_read(self) -> int:
        return len(self.readings)

    @property
    def best_read_quality(self) -> float:
        return max((scored.quality for scored in self.readings), default=-math.inf)


class PlateRecognizer:
    """Reads any number of plate streams at once, in any interleaving, frame by frame.

    Args:
        score: The quality network.
        read: The reader.
        policy: When to read.
        fuse: How to combine readings.

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
    ) -> None:
        self._score, self._read, self._policy, self._fuse = score, read, policy, fuse
        self._streams: dict[int, _Stream] = {}

    @property
    def live_tracks(self) -> Collection[int]:
        """Tracks pushed and not yet ended."""
        return self._streams.keys()

    def push(self, crop: PlateCrop) -> PlateDecision:
        """Look at the next crop of its track and decide now.

        The first crop of a track is always read, so that every frame has a reading.
        """
        stream = self._streams.get(crop.track_id) or _Stream.opened_by(crop)
        quality = self._score(crop.rgb)
        was_read = not stream.readings or self._policy(quality, stream)
        if was_read:
            reading = self._read(crop.rgb)
            if quality > stream.best_read_quality:
                stream.best_crop = crop
            stream.readings.append(ScoredReading(reading, quality))
        stream.best_quality = max(stream.best_quality, quality)
        stream.num_frames += 1
        stream.last_frame, stream.last_pts_s = crop.frame_index, crop.pts_s
        # Last of all: a first crop that could not be scored or read opens no stream.
        self._streams[crop.track_id] = stream
        reading = self._fuse(stream.readings)
        return PlateDecision(crop, quality, reading, was_read, stream.best_quality)

    def end(self, track_id: int) -> Plate:
        """Close a track, forget it, and say what it was.

        Raises:
            ConfigError: the track is not live.
        """
        if track_id not in self._streams:
            msg = f"track {track_id} is not live; push a crop of it before ending it"
            raise ConfigError(msg)
        stream = self._streams.pop(track_id)
        return Plate(
            track_id=track_id,
            reading=self._fuse(stream.readings),
            quality=stream.best_read_quality,
            best_crop=stream.best_crop,
            first_pts_s=stream.first_pts_s,
            last_pts_s=stream.last_pts_s,
            first_frame=stream.first_frame,
            last_frame=stream.last_frame,
            num_frames=stream.num_frames,
            num_scored=stream.num_frames,
            num_read=stream.num_read,
        )
