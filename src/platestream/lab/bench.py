"""Every policy and fusion side by side, on the same frames of the same plates."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from platestream.core.detector import Detector
from platestream.core.errors import DataError
from platestream.core.types import Reading, Rgb
from platestream.lab.data.layouts import read_dataset
from platestream.lab.data.sample import Sample
from platestream.lab.replay import (
    READ_ALL,
    Outcome,
    RecordedTrack,
    StackReader,
    TrackRecord,
    record_samples,
    replay,
)
from platestream.lab.statistics import mcnemar, wilson_interval
from platestream.lab.unread import Unread
from platestream.models.bundle import Networks
from platestream.stream.confidence import Confidence
from platestream.stream.recognizer import Reader
from platestream.stream.registry import DEFAULT_FUSION, FUSIONS, POLICIES
from platestream.stream.rules import make_rule
from platestream.video.engine import Engine
from platestream.video.pipeline import Pipeline
from platestream.video.sources import list_sources, open_source

logger = logging.getLogger(__name__)

REFERENCE = ("every", DEFAULT_FUSION)
"""Policy and fusion that the others are compared with where there are no labels."""

MIN_FRAMES = 3
"""Shorter tracks of unlabelled sources are left out: most are no plates."""


@dataclass(frozen=True, slots=True)
class BenchRow:
    """What one rule does.

    Attributes:
        policy: When it reads.
        fusion: How it combines.
        reads_per_track: Mean number of readings.
        accuracy: Share of tracks that end with their label; None without labels.
        low: Lower end of its 95 % interval over tracks, see `wilson_interval`; None without labels.
        high: Upper end.
        frame_accuracy: Share of frames for which the right text is reported.
        sure_share: Share of tracks that are sure of their label while in view.
        sure_after_s: Median time from their first frame until then; None where none is.
        agreement: Share of tracks that end as `REFERENCE` does.
        strings: Distinct texts reported in all.
        ms_per_frame: Scoring, deciding and reading; from the medians of this run.
        p_value: Of McNemar's test against the paper's rule; None without labels.
    """

    policy: str
    fusion: str
    reads_per_track: float
    accuracy: float | None
    low: float | None
    high: float | None
    frame_accuracy: float | None
    sure_share: float
    sure_after_s: float | None
    agreement: float
    strings: int
    ms_per_frame: float
    p_value: float | None


class _Timed:
    """Calls a network and remembers how long each call took."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self.score_s: list[float] = []
        self.read_s: list[float] = []

    def score(self, rgb: Rgb) -> float:
        start_s = time.perf_counter()
        quality = self._networks.score(rgb)
        self.score_s.append(time.perf_counter() - start_s)
        return quality

    def read(self, rgb: Rgb) -> Reading:
        start_s = time.perf_counter()
        reading = self._networks.read(rgb)
        self.read_s.append(time.perf_counter() - start_s)
        return reading


def bench(
    paths: Sequence[Path],
    split: str | None,
    networks: Networks,
    detector: Detector,
    advance: Callable[[], None],
) -> tuple[list[BenchRow], list[RecordedTrack]]:
    """Run the networks once over sources or labelled streams, then every rule.

    Args:
        paths: Label files of plate streams, or videos, pictures, folders and plate streams.
        split: Of label files; None for all.
        networks: Reader and quality network.
        detector: For frames without labels.
        advance: Called after each picture or frame.

    Returns:
        A row for each rule, and the record they were made from.

    Raises:
        DataError: there is no labelled track, nor any other of `MIN_FRAMES` frames or more.
        SourceError: nothing can be read; of some sources, the log names those that cannot.
    """
    timed = _Timed(networks)
    tracks: list[RecordedTrack] = []
    unread = Unread()
    for path in paths:
        if path.suffix == ".csv" or (path / "labels.csv").is_file():
            samples = [s for s in read_dataset(path, split) if isinstance(s, Sample)]
            tracks += record_samples(samples, timed.score, timed.read, advance)
        else:
            tracks += _record_sources(path, timed, detector, advance, unread)
    unread.check(len(tracks))
    if told := unread.told():
        logger.warning("%s; what came before a break counts", told["unread"])
    if not tracks:
        names = ", ".join(map(str, paths))
        msg = f"{names}: no plate stream of that split, or no plate stays for {MIN_FRAMES} frames"
        raise DataError(msg)
    score_ms, read_ms = (1000 * float(np.median(s)) for s in (timed.score_s, timed.read_s))
    return compare_rules(tracks, score_ms, read_ms, networks.confidence, networks.read), tracks


def compare_rules(
    tracks: Sequence[RecordedTrack],
    score_ms: float,
    read_ms: float,
    confidence: Confidence,
    read: Reader | None = None,
) -> list[BenchRow]:
    """Replay every policy with every fusion; the paper's rule comes first.

    Args:
        tracks: Recorded ones.
        score_ms: Time of one scoring.
        read_ms: Time of one reading.
        confidence: What rules stop by.
        read: Reads what rules make of several crops; without it none does.
    """
    texts = [track.text for track in tracks]
    stacks = StackReader(read) if read else None
    paper = replay(tracks, make_rule("paper"), confidence)
    reference = replay(tracks, make_rule(*REFERENCE), confidence)
    rows = []
    for policy in POLICIES:
        for fusion in FUSIONS:
            start_s = time.perf_counter()
            outcome = replay(tracks, make_rule(policy, fusion), confidence, stacks)
            decide_s = time.perf_counter() - start_s - (stacks.take_spent_s() if stacks else 0.0)
            num_frames = sum(outcome.num_frames)
            cost_ms = score_ms + (read_ms * sum(outcome.num_reads) + 1000 * decide_s) / num_frames
            rows.append(_row((policy, fusion), outcome, texts, paper, reference, cost_ms))
    return rows


def _row(
    rule: tuple[str, str],
    outcome: Outcome,
    texts: list[str],
    paper: Outcome,
    reference: Outcome,
    ms_per_frame: float,
) -> BenchRow:
    labelled = all(texts)
    right = outcome.right(texts)
    low, high = wilson_interval(float(right.mean()), len(right))
    sure_s = [each for each in outcome.sure_s if each is not None]
    return BenchRow(
        *rule,
        reads_per_track=round(outcome.reads_per_track, 2),
        accuracy=round(float(right.mean()), 4) if labelled else None,
        low=round(low, 4) if labelled else None,
        high=round(high, 4) if labelled else None,
        frame_accuracy=round(outcome.frame_accuracy(texts), 4) if labelled else None,
        sure_share=round(len(sure_s) / len(outcome.sure_s), 4),
        sure_after_s=round(float(np.median(sure_s)), 2) if sure_s else None,
        agreement=round(float(outcome.right(reference.plates).mean()), 4),
        strings=len({text for row in outcome.carried for text in row} | set(outcome.plates)),
        ms_per_frame=round(ms_per_frame, 3),
        p_value=round(mcnemar(right, paper.right(texts)), 4) if labelled else None,
    )


def _record_sources(
    path: Path, timed: _Timed, detector: Detector, advance: Callable[[], None], unread: Unread
) -> list[RecordedTrack]:
    tracks: list[RecordedTrack] = []
    sources: list[Path] = []
    with unread.noting():
        sources = list_sources(path)
    pipeline = Pipeline(Engine(detector, timed.score, timed.read, rule=READ_ALL))
    for source in sources:
        record = TrackRecord()
        with unread.noting():
            for step in pipeline.run(open_source(source)):
                record.add(step.decisions)
                advance()
        tracks += [track for track in record.tracks() if len(track.readings) >= MIN_FRAMES]
    return tracks
