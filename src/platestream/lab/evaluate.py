"""How well the shipped weights read: crops, tracks, full frames and videos with labels.

Runs on the bare install: it needs the ONNX models, not torch.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from platestream.core.alphabet import PROVINCES
from platestream.core.detector import Detector
from platestream.core.metrics import char_error_rate, plate_accuracy
from platestream.core.types import PlateCrop, Rgb
from platestream.lab.data.layouts import kind_of
from platestream.lab.data.sample import Passage, Sample
from platestream.lab.evaluate_frames import evaluate_frames
from platestream.lab.reading_metrics import Advance, Metrics, reading_metrics, rounded
from platestream.lab.unread import Unread
from platestream.models.bundle import Networks
from platestream.stream.life import is_reportable
from platestream.stream.recognizer import PlateRecognizer, Reader, Scorer
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import make_rule
from platestream.video.engine import Engine
from platestream.video.pictures import read_picture
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source


def evaluate(
    items: list[Sample] | list[Passage], networks: Networks, detector: Detector, advance: Advance
) -> Metrics:
    """Measure on labelled crops, tracks, frames or videos, each in the way its kind asks for.

    Args:
        items: As `read_dataset` gives them.
        networks: Reader and quality network.
        detector: For full frames and videos.
        advance: Called after each file.

    Returns:
        The figures of all that can be read; ``unread`` tells why the other files cannot.

    Raises:
        SourceError: no file can be read.
    """
    kind = kind_of(items)
    passages = [item for item in items if isinstance(item, Passage)]
    samples = [item for item in items if isinstance(item, Sample)]
    if kind == "video":
        metrics = evaluate_videos(passages, networks, detector, advance)
    elif kind == "frames":
        metrics = evaluate_frames(
            samples, networks.read, detector, advance, networks.corners, networks.nearer
        )
    elif kind == "tracks":
        metrics = evaluate_tracks(samples, networks.score, networks.read, advance)
    else:
        metrics = evaluate_crops(samples, networks.read, advance)
    return {"kind": kind, **metrics}


def evaluate_crops(samples: Sequence[Sample], read: Reader, advance: Advance) -> Metrics:
    """Each crop by itself, and the reader's time for one."""
    readings, texts = [], []
    seconds, unread = 0.0, Unread()
    for sample in samples:
        with unread.noting():
            if sample.text:
                rgb = read_picture(sample.file)
                start_s = time.perf_counter()
                readings.append(read(rgb).text)
                seconds += time.perf_counter() - start_s
                texts.append(sample.text)
        advance()
    unread.check(len(texts))
    ms = 1000 * seconds / max(1, len(texts))
    return reading_metrics(readings, texts) | {"ms_per_crop": rounded(ms)} | unread.told()


def evaluate_tracks(
    samples: Sequence[Sample], score: Scorer, read: Reader, advance: Advance
) -> Metrics:
    """Plate streams: every crop by itself, then Algorithm 1 with readings carried forward.

    `ms_per_frame` is the time of scoring, deciding and reading, averaged over all frames;
    `frame_accuracy_latin`, where there are Chinese plates, leaves their Chinese characters out.
    A frame that cannot be read is missing from its track, and ``unread`` names it.
    """
    tracks: dict[str, list[Sample]] = defaultdict(list)
    for sample in (s for s in samples if s.text):
        # A crop that belongs to no track is a track of its own.
        tracks[sample.track or str(sample.file)].append(sample)
    alone: list[str] = []
    carried: list[str] = []
    texts: list[str] = []
    plates: list[str] = []
    wanted: list[str] = []
    num_reads, seconds, unread = 0, 0.0, Unread()
    recognizer = PlateRecognizer(score, read)
    for track_id, track in enumerate(tracks.values()):
        for sample in sorted(track, key=lambda s: s.frame_index or 0):
            with unread.noting():
                crop = _whole_picture(track_id, sample)
                start_s = time.perf_counter()
                decision = recognizer.push(crop)
                seconds += time.perf_counter() - start_s
                carried.append(decision.reading.text)
                alone.append((decision.own_reading or read(crop.rgb)).text)
                texts.append(sample.text)
            advance()
        if track_id in recognizer.live_tracks:  # not if no frame of it could be read
            plate = recognizer.end(track_id)
            plates.append(plate.reading.text)
            wanted.append(track[0].text)
            num_reads += plate.num_read
    unread.check(len(texts))
    latin = {}
    if any(text[0] in PROVINCES for text in texts):
        latin["frame_accuracy_latin"] = rounded(
            plate_accuracy([_latin(r) for r in carried], [_latin(t) for t in texts])
        )
    return (
        reading_metrics(alone, texts)
        | latin
        | {
            "tracks": len(plates),
            "frame_accuracy": rounded(plate_accuracy(carried, texts)),
            "track_accuracy": rounded(plate_accuracy(plates, wanted)),
            "reads_per_track": rounded(num_reads / max(1, len(plates))),
            "ms_per_frame": rounded(1000 * seconds / max(1, len(texts))),
        }
        | unread.told()
    )


def evaluate_videos(
    passages: Sequence[Passage], networks: Networks, detector: Detector, advance: Advance
) -> Metrics:
    """Videos: how many labelled passages stand in the events exactly, by the default rule.

    Unlabelled plates also drive by, so readings that match no passage are counted as events
    and not as errors; a passage that no event spells exactly is a miss. A video that breaks off
    counts in no figure, and is named.
    """
    by_file: dict[Path, list[str]] = defaultdict(list)
    for passage in passages:
        by_file[passage.file].append(passage.text)
    rule = make_rule(DEFAULT_POLICY)
    pipeline = Pipeline(Engine(detector, networks.score, networks.read, networks.confidence, rule))
    num_read = num_events = num_frames = 0
    readings: list[str] = []
    texts: list[str] = []
    start_s, unread = time.perf_counter(), Unread()
    for file, wanted in by_file.items():
        reported: list[str] = []
        with unread.noting():
            for step in pipeline.run(open_source(file)):
                num_frames += step.frame is not None
                reported += [p.reading.text for p in step.ended if is_reportable(p)]
        if unread.is_news:  # what it would have shown is no miss of ours
            advance()
            continue
        num_events += len(reported)
        for text in wanted:
            readings.append(_nearest(text, reported))
            texts.append(text)
            if text in reported:
                num_read += 1
                reported.remove(text)  # one event cannot stand for two passages
        advance()
    ms = 1000 * (time.perf_counter() - start_s) / max(1, num_frames)
    unread.check(len(texts))
    figures = {
        "passages": len(texts),
        "passages_read": num_read,
        "events": num_events,
        "ms_per_frame": rounded(ms),
    }
    return reading_metrics(readings, texts) | figures | unread.told()


def _latin(text: str) -> str:
    return "".join(c for c in text if c.isascii())


def _nearest(text: str, reported: Iterable[str]) -> str:
    """The reported plate with the lowest character error to a label; empty when there is none."""
    return min(reported, key=lambda r: char_error_rate([r], [text]), default="")


def _whole_picture(track_id: int, sample: Sample) -> PlateCrop:
    rgb: Rgb = read_picture(sample.file)
    height, width = rgb.shape[:2]
    return PlateCrop(track_id, sample.frame_index or 0, 0.0, (0, 0, width, height), rgb)
