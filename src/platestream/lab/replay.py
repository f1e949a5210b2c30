"""Every rule on the same frames, without running the networks again.

A pass with the rule "read everything" records what both networks say of every frame; then any
policy and any fusion can be replayed from the record in milliseconds.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, overload

import numpy as np
from numpy.typing import NDArray

from platestream.core.metrics import plate_accuracy
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading, Rgb
from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.sample import Sample
from platestream.lab.unread import each_readable
from platestream.models.stacking import Stack
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.fusion import best_quality
from platestream.stream.policy import SURE, every_frame
from platestream.stream.recognizer import Reader, Scorer
from platestream.stream.rules import Rule

_NO_PICTURE: Rgb = np.empty((0, 0, 3), np.uint8)


class ReadWhenAsked(Sequence[Reading]):
    """Readings of crops, each made when somebody first asks for it: most rules ask for few.

    Args:
        crops: The pictures.
        read: The reader.
    """

    def __init__(self, crops: Sequence[Rgb], read: Reader) -> None:
        self._crops, self._read = crops, read
        self._known: dict[int, Reading] = {}

    def __len__(self) -> int:
        """How many crops there are."""
        return len(self._crops)

    @overload
    def __getitem__(self, index: int) -> Reading: ...
    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...
    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        """What one crop says."""
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if index not in self._known:
            self._known[index] = self._read(self._crops[index])
        return self._known[index]


@dataclass(frozen=True, slots=True)
class RecordedTrack:
    """What the networks say of every frame of one plate.

    Attributes:
        text: The label; empty when there is none.
        pts_s: Time of each frame.
        qualities: Of each frame.
        readings: Of each frame by itself.
        crops: The pictures, for rules that lay them on top of each other; empty where they were
            not kept: those rules then read single frames only.
    """

    text: str
    pts_s: list[float]
    qualities: list[float]
    readings: Sequence[Reading]
    crops: list[Rgb] = field(default_factory=list)


class StackReader:
    """The reader for pictures that are made while rules are replayed; reads each but once.

    Args:
        read: The reader.
    """

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._known: dict[bytes, Reading] = {}
        self._spent_s = 0.0

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What a picture says."""
        start_s = time.perf_counter()
        key = hashlib.sha256(rgb.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self._read(rgb)
        self._spent_s += time.perf_counter() - start_s
        return self._known[key]

    def take_spent_s(self) -> float:
        """Seconds spent since this was asked last: a replay counts readings by their number."""
        spent_s, self._spent_s = self._spent_s, 0.0
        return spent_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule made of recorded tracks.

    Attributes:
        plates: Final text of each track.
        carried: The text reported for each frame of each track.
        num_reads: Readings of each track.
        num_frames: Frames of each track.
        sure_s: When each track was sure of its label, of any text where it has none: seconds from
            its first frame; None where it never was while in view.
    """

    plates: list[str]
    carried: list[list[str]]
    num_reads: list[int]
    num_frames: list[int]
    sure_s: list[float | None] = field(default_factory=list)

    def right(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Which tracks end with their label."""
        return np.array([plate == text for plate, text in zip(self.plates, texts, strict=True)])

    def frame_accuracy(self, texts: Sequence[str]) -> float:
        """Share of all frames for which the right text is reported."""
        labels = [text for text, row in zip(texts, self.carried, strict=True) for _ in row]
        return plate_accuracy([reported for row in self.carried for reported in row], labels)

    @property
    def reads_per_track(self) -> float:
        """Mean number of readings."""
        return float(np.mean(self.num_reads))


READ_ALL = Rule(every_frame, best_quality)
"""A rule that reads every frame; feed its decisions to a `TrackRecord`."""


def record_samples(
    samples: Iterable[Sample],
    score: Scorer,
    read: Reader,
    advance: Callable[[], None],
    *,
    lazily: bool = False,
) -> list[RecordedTrack]:
    """Run both networks over labelled plate streams, crops or boxes in full frames.

    Args:
        samples: Labelled pictures.
        score: The quality network.
        read: The reader.
        advance: Called after each picture.
        lazily: Whether a crop is read only when a rule asks for it.

    Raises:
        SourceError: no file of a track can be read; of some, the log names those that cannot.
    """
    by_track: dict[str, list[Sample]] = defaultdict(list)
    for sample in with_plates(samples):
        by_track[sample.track or str(sample.file)].append(sample)
    in_order = (
        (name, sample)
        for name, track in by_track.items()
        for sample in sorted(track, key=lambda sample: sample.frame_index or 0)
    )
    tracks: dict[str, RecordedTrack] = {}
    read_now: dict[str, list[Reading]] = defaultdict(list)
    for (name, sample), crop in each_readable(in_order, lambda pair: cut_sample(pair[1])):
        track = tracks.setdefault(name, RecordedTrack(sample.text, [], [], [], []))
        track.pts_s.append((sample.frame_index or 0) / 25)
        track.qualities.append(score(crop))
        track.crops.append(crop)
        if not lazily:
            read_now[name].append(read(crop))
        advance()
    return [
        replace(track, readings=read_now.get(name) or ReadWhenAsked(track.crops, read))
        for name, track in tracks.items()
    ]


class TrackRecord:
    """Collects what both networks say of frames that were read, without the pictures."""

    def __init__(self) -> None:
        self._tracks: dict[int, tuple[RecordedTrack, list[Reading]]] = {}

    def add(self, decisions: Iterable[PlateDecision]) -> None:
        """Take the decisions of one frame; those that were not read are left out."""
        for decision in decisions:
            if decision.own_reading is None:
                continue
            empty: list[Reading] = []
            new = (RecordedTrack("", [], [], empty), empty)
            track, readings = self._tracks.setdefault(decision.track_id, new)
            track.pts_s.append(decision.crop.pts_s)
            track.qualities.append(decision.quality)
            readings.append(decision.own_reading)

    def tracks(self) -> list[RecordedTrack]:
        """All tracks so far; they have no labels."""
        return [track for track, _ in self._tracks.values()]


def replay(
    tracks: Sequence[RecordedTrack],
    rule: Rule,
    confidence: Confidence = least_certain,
    read_stack: StackReader | None = None,
) -> Outcome:
    """What a rule would have read and reported, one track after another.

    Args:
        tracks: Recorded ones.
        rule: Any.
        confidence: What the rule stops by.
        read_stack: Reads what the rule makes of several crops; without it no rule does.
    """
    outcome = Outcome([], [], [], [])
    for track in tracks:
        decisions, plate = replay_track(track, rule, confidence, read_stack)
        outcome.plates.append(plate.reading.text)
        outcome.carried.append([decision.reading.text for decision in decisions])
        outcome.num_reads.append(plate.num_read)
        outcome.num_frames.append(plate.num_frames)
        outcome.sure_s.append(_sure_s(track, decisions))
    return outcome


def _sure_s(track: RecordedTrack, decisions: Iterable[PlateDecision]) -> float | None:
    for decision in decisions:
        is_label = not track.text or decision.reading.text == track.text
        if decision.confidence >= SURE and is_label:
            return decision.crop.pts_s - track.pts_s[0]
    return None


def replay_track(
    track: RecordedTrack,
    rule: Rule,
    confidence: Confidence = least_certain,
    read_stack: StackReader | None = None,
) -> tuple[list[PlateDecision], Plate]:
    """Every decision of a rule on one track, and the plate it ends with; arguments as `replay`."""
    crops = track.crops or [_NO_PICTURE] * len(track.pts_s)
    recognizer = rule.recognizer(
        _no_pixels,
        read_stack or _no_pixels,
        confidence,
        Stack if read_stack and track.crops else None,
    ).replaying(
        lambda crop: track.qualities[crop.frame_index],
        lambda crop: track.readings[crop.frame_index],
    )
    decisions = [
        recognizer.push(PlateCrop(1, index, pts_s, (0, 0, 1, 1), rgb))
        for index, (pts_s, rgb) in enumerate(zip(track.pts_s, crops, strict=True))
    ]
    return decisions, recognizer.end(1)


def _no_pixels(_rgb: Rgb, /) -> NoReturn:
    msg = "a recording has answers and no pixels"
    raise AssertionError(msg)
