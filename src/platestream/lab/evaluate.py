"""How well the shipped weights read: crops, tracks, full frames and videos with labels.

Runs on the bare install: it needs the ONNX models, not torch.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from platestream.core.alphabet import PROVINCES
from platestream.core.metrics import char_error_rate, fold, match_boxes, plate_accuracy
from platestream.core.types import BoxXyxy, PlateCrop, Rgb
from platestream.lab.data.layouts import kind_of
from platestream.lab.data.sample import Passage, Sample
from platestream.models.bundle import Networks
from platestream.models.preprocess import cut
from platestream.stream.recognizer import PlateRecognizer, Reader, Scorer
from platestream.stream.rules import DEFAULT_POLICY, make_rule
from platestream.video.pictures import read_picture
from platestream.video.pipeline import Detector, Pipeline, is_readable
from platestream.video.recording import is_reportable
from platestream.video.sources import open_source

Metrics: TypeAlias = dict[str, int | float | str]
Advance: TypeAlias = Callable[[], None]


def evaluate(
    items: list[Sample] | list[Passage], networks: Networks, detector: Detector, advance: Advance
) -> Metrics:
    """Measure on labelled crops, tracks, frames or videos, each in the way its kind asks for.

    Args:
        items: As `read_dataset` gives them.
        networks: Reader and quality network.
        detector: For full frames and videos.
        advance: Called after each file.

    Raises:
        SourceError: a file cannot be read.
    """
    kind = kind_of(items)
    passages = [item for item in items if isinstance(item, Passage)]
    samples = [item for item in items if isinstance(item, Sample)]
    if kind == "video":
        metrics = evaluate_videos(passages, networks, detector, advance)
    elif kind == "frames":
        metrics = evaluate_frames(samples, networks.read, detector, advance)
    elif kind == "tracks":
        metrics = evaluate_tracks(samples, networks.score, networks.read, advance)
    else:
        metrics = evaluate_crops(samples, networks.read, advance)
    return {"kind": kind, **metrics}


def reading_metrics(readings: Sequence[str], labels: Sequence[str]) -> Metrics:
    """The figures every kind has; nothing labelled counts as nothing right."""
    return {
        "num": len(labels),
        "plate_accuracy": _rounded(plate_accuracy(readings, labels)),
        "plate_accuracy_folded": _rounded(
            plate_accuracy([fold(r) for r in readings], [fold(t) for t in labels])
        ),
        "char_error_rate": _rounded(char_error_rate(readings, labels)),
    }


def evaluate_crops(samples: Sequence[Sample], read: Reader, advance: Advance) -> Metrics:
    """Each crop by itself, and the reader's time for one."""
    readings, texts = [], []
    seconds = 0.0
    for sample in samples:
        if sample.text:
            rgb = read_picture(sample.file)
            start_s = time.perf_counter()
            readings.append(read(rgb).text)
            seconds += time.perf_counter() - start_s
            texts.append(sample.text)
        advance()
    ms = 1000 * seconds / max(1, len(texts))
    return reading_metrics(readings, texts) | {"ms_per_crop": _rounded(ms)}


def evaluate_tracks(
    samples: Sequence[Sample], score: Scorer, read: Reader, advance: Advance
) -> Metrics:
    """Plate streams: every crop by itself, then Algorithm 1 with readings carried forward.

    `ms_per_frame` is the time of scoring, deciding and reading, averaged over all frames;
    `frame_accuracy_latin`, where there are Chinese plates, leaves their Chinese characters out.
    """
    tracks: dict[str, list[Sample]] = defaultdict(list)
    for sample in (s for s in samples if s.text):
        # A crop that belongs to no track is a track of its own.
        tracks[sample.track or str(sample.file)].append(sample)
    alone: list[str] = []
    carried: list[str] = []
    texts: list[str] = []
    plates: list[str] = []
    num_reads, seconds = 0, 0.0
    recognizer = PlateRecognizer(score, read)
    for track_id, track in enumerate(tracks.values()):
        for sample in sorted(track, key=lambda s: s.frame_index or 0):
            crop = _whole_picture(track_id, sample)
            start_s = time.perf_counter()
            decision = recognizer.push(crop)
            seconds += time.perf_counter() - start_s
            carried.append(decision.reading.text)
            # A crop that was just read need not be read again.
            alone.append(decision.reading.text if decision.was_read else read(crop.rgb).text)
            texts.append(sample.text)
            advance()
        plate = recognizer.end(track_id)
        plates.append(plate.reading.text)
        num_reads += plate.num_read
    latin = {}
    if any(text[0] in PROVINCES for text in texts):
        latin["frame_accuracy_latin"] = _rounded(
            plate_accuracy([_latin(r) for r in carried], [_latin(t) for t in texts])
        )
    return (
        reading_metrics(alone, texts)
        | latin
        | {
            "tracks": len(plates),
            "frame_accuracy": _rounded(plate_accuracy(carried, texts)),
            "track_accuracy": _rounded(
                plate_accuracy(plates, [t[0].text for t in tracks.values()])
            ),
            "reads_per_track": _rounded(num_reads / max(1, len(plates))),
            "ms_per_frame": _rounded(1000 * seconds / max(1, len(texts))),
        }
    )


def evaluate_frames(
    samples: Sequence[Sample], read: Reader, detector: Detector, advance: Advance
) -> Metrics:
    """Full frames: the reader on labelled boxes, the detector, and both end to end.

    A frame without a labelled box is left out: it may show plates that nobody marked.
    `end_to_end` is the share of labelled texts that were found at IoU 0.5 and read exactly.
    """
    by_file: dict[Path, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_file[sample.file].append(sample)
    given: list[str] = []
    texts: list[str] = []
    found_texts: list[str] = []
    num_found = num_labelled = num_matched = 0
    seconds = 0.0
    num_frames = 0
    for file, in_file in by_file.items():
        boxed = [(s, s.box_xyxy) for s in in_file if s.box_xyxy]
        if boxed:
            rgb = read_picture(file)
            start_s = time.perf_counter()
            detections = detector.detect(rgb)
            readings = [_read_box(rgb, d.box_xyxy, read) for d in detections]
            seconds += time.perf_counter() - start_s
            num_frames += 1
            pairs = match_boxes([d.box_xyxy for d in detections], [box for _, box in boxed])
            reading_of = {label: readings[found] for found, label in pairs}
            num_found += len(detections)
            num_labelled += len(boxed)
            num_matched += len(pairs)
            for index, (sample, box) in enumerate(boxed):
                if sample.text:
                    given.append(_read_box(rgb, box, read))
                    found_texts.append(reading_of.get(index, ""))
                    texts.append(sample.text)
        advance()
    folded = plate_accuracy([fold(t) for t in found_texts], [fold(t) for t in texts])
    return reading_metrics(given, texts) | {
        "frames": num_frames,
        "recall": _rounded(num_matched / max(1, num_labelled)),
        "precision": _rounded(num_matched / max(1, num_found)),
        "end_to_end": _rounded(plate_accuracy(found_texts, texts)),
        "end_to_end_folded": _rounded(folded),
        "ms_per_frame": _rounded(1000 * seconds / max(1, num_frames)),
    }


def evaluate_videos(
    passages: Sequence[Passage], networks: Networks, detector: Detector, advance: Advance
) -> Metrics:
    """Videos: how many labelled passages stand in the events exactly, by the default rule.

    Unlabelled plates also drive by, so readings that match no passage are counted as events
    and not as errors; a passage that no event spells exactly is a miss.
    """
    by_file: dict[Path, list[str]] = defaultdict(list)
    for passage in passages:
        by_file[passage.file].append(passage.text)
    rule = make_rule(DEFAULT_POLICY)
    pipeline = Pipeline(
        detector, lambda: rule.recognizer(networks.score, networks.read, networks.confidence)
    )
    num_read = num_events = num_frames = 0
    readings: list[str] = []
    texts: list[str] = []
    start_s = time.perf_counter()
    for file, wanted in by_file.items():
        reported: list[str] = []
        for step in pipeline.run(open_source(file)):
            num_frames += step.frame is not None
            reported += [p.reading.text for p in step.ended if is_reportable(p)]
        num_events += len(reported)
        for text in wanted:
            readings.append(_nearest(text, reported))
            texts.append(text)
            if text in reported:
                num_read += 1
                reported.remove(text)  # one event cannot stand for two passages
        advance()
    ms = 1000 * (time.perf_counter() - start_s) / max(1, num_frames)
    return reading_metrics(readings, texts) | {
        "passages": len(texts),
        "passages_read": num_read,
        "events": num_events,
        "ms_per_frame": _rounded(ms),
    }


def _latin(text: str) -> str:
    return "".join(c for c in text if c.isascii())


def _nearest(text: str, reported: Iterable[str]) -> str:
    """The reported plate with the lowest character error to a label; empty when there is none."""
    return min(reported, key=lambda r: char_error_rate([r], [text]), default="")


def _read_box(rgb: Rgb, box_xyxy: BoxXyxy, read: Reader) -> str:
    return read(cut(rgb, box_xyxy)).text if is_readable(box_xyxy) else ""


def _whole_picture(track_id: int, sample: Sample) -> PlateCrop:
    rgb: Rgb = read_picture(sample.file)
    height, width = rgb.shape[:2]
    return PlateCrop(track_id, sample.frame_index or 0, 0.0, (0, 0, width, height), rgb)


def _rounded(value: float) -> float:
    return round(value, 4)
