"""How well a score ranks the frames of one plate: what a quality network is for.

Scores of different tracks are never compared: Algorithm 1 asks only which frame of *this*
plate is worth reading.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.boxes import iou
from platestream.core.detector import Detector
from platestream.core.errors import DataError
from platestream.core.types import Rgb
from platestream.lab.data.cutting import cut_from, with_plates
from platestream.lab.data.sample import Passage, Sample
from platestream.lab.unread import each_readable
from platestream.models.preprocess import make_patch
from platestream.stream.recognizer import Reader, Scorer
from platestream.video.pictures import read_picture

Ranking: TypeAlias = dict[str, dict[str, float]]
"""Name of a score to its figures, see `ranking_metrics`."""


@dataclass(frozen=True, slots=True)
class ScoredTrack:
    """The frames of one plate.

    Attributes:
        right: ``(N,)`` whether the reader reads each frame exactly.
        scores: Name of a score to its ``(N,)`` values; higher should mean more readable.
    """

    right: NDArray[np.bool_]
    scores: dict[str, NDArray[np.float64]]


def tracks_of(items: Sequence[Sample] | Sequence[Passage]) -> dict[str, list[Sample]]:
    """The labelled samples of each track.

    Raises:
        DataError: nothing there belongs to a track.
    """
    tracks: dict[str, list[Sample]] = defaultdict(list)
    for sample in with_plates(item for item in items if isinstance(item, Sample)):
        if sample.track:
            tracks[sample.track].append(sample)
    if not tracks:
        msg = "no labelled sample belongs to a track: give plate streams, with a column `track`"
        raise DataError(msg)
    return tracks


def rank_tracks(
    tracks: Mapping[str, Sequence[Sample]],
    score: Scorer,
    read: Reader,
    detector: Detector,
    advance: Callable[[], None],
) -> Ranking:
    """Judge the quality network beside the scores that cost nothing extra.

    ``quality`` is the network's, ``reader`` the reader's own least confident character,
    ``sharpness`` the variance of the Laplacian of the grey patch, ``height`` the plate's in
    pixels, and ``detector``, on full frames, the score of the detection on the labelled box.

    Raises:
        SourceError: no file can be read; of some, the log names those that cannot.
    """
    scored = []
    pictures = each_readable(
        (sample for track in tracks.values() for sample in track), lambda s: read_picture(s.file)
    )
    of_track: dict[str, list[tuple[bool, dict[str, float]]]] = defaultdict(list)
    for sample, picture in pictures:
        of_track[sample.track or ""].append(_look(picture, sample, score, read, detector))
        advance()
    for rows in of_track.values():
        names = set.intersection(*(set(row[1]) for row in rows))
        scored.append(
            ScoredTrack(
                np.array([right for right, _ in rows]),
                {name: np.array([row[name] for _, row in rows]) for name in sorted(names)},
            )
        )
    return ranking_metrics(scored)


def ranking_metrics(tracks: Sequence[ScoredTrack]) -> Ranking:
    """What each score is worth.

    Returns:
        For each score ``pairs``: of all pairs of one readable and one unreadable frame of a
        track, the share ordered rightly (ties count half); ``best_frame``: share of tracks whose
        highest frame is readable, and ``lost``: how far that is below the share with any readable
        frame; ``discard_error``: mean share of unreadable frames left when the worst 0 %, 10 %,
        ... 90 % of each track are discarded.
    """
    names = set.intersection(*(set(track.scores) for track in tracks)) if tracks else set()
    possible = float(np.mean([track.right.any() for track in tracks])) if tracks else 0.0
    metrics = {}
    for name in sorted(names):
        pairs = np.sum([_pairs(track.scores[name], track.right) for track in tracks], axis=0)
        best = float(np.mean([_best_is_right(t.scores[name], t.right) for t in tracks]))
        error = float(np.mean([_discard_error(t.scores[name], t.right) for t in tracks]))
        metrics[name] = {
            "pairs": round(float(pairs[0] / pairs[1]), 4) if pairs[1] else 0.5,
            "best_frame": round(best, 4),
            "lost": round(possible - best, 4),
            "discard_error": round(error, 4),
        }
    return metrics


def sharpness(rgb: Rgb) -> float:
    """Variance of the Laplacian of the grey patch, the usual measure of focus."""
    grey = cv2.cvtColor(make_patch(rgb), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())


def _look(
    picture: Rgb, sample: Sample, score: Scorer, read: Reader, detector: Detector
) -> tuple[bool, dict[str, float]]:
    rgb = cut_from(picture, sample)
    reading = read(rgb)
    scores = {
        "quality": score(rgb),
        "reader": reading.score,
        "sharpness": sharpness(rgb),
        "height": float(rgb.shape[0]),
    }
    if sample.box_xyxy is not None:
        found = detector.detect(picture)
        overlaps = iou([detection.box_xyxy for detection in found], sample.box_xyxy)[:, 0]
        scores["detector"] = max(
            (d.score for d, share in zip(found, overlaps, strict=True) if share >= 0.5),
            default=0.0,
        )
    return reading.text == sample.text, scores


def _pairs(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, int]:
    """Pairs ordered rightly, and all pairs of one right and one wrong frame."""
    ahead = scores[right][:, None] - scores[~right][None]
    return float((ahead > 0).sum() + 0.5 * (ahead == 0).sum()), int(ahead.size)


def _best_is_right(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Whether the highest frame is right; of several that tie, the share that is."""
    return float(right[scores == scores.max()].mean())


def _discard_error(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    kept = [order[: max(1, round(len(order) * (1 - tenths / 10)))] for tenths in range(10)]
    return float(np.mean([1 - right[rows].mean() for rows in kept]))
