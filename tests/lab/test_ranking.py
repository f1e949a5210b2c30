"""How scores rank the frames of a plate: worked out by hand."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.detections import slanted

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import DataError
from platestream.core.types import Detection, Reading, Rgb
from platestream.lab.data.sample import Sample
from platestream.lab.ranking import (
    ScoredTrack,
    rank_tracks,
    ranking_metrics,
    sharpness,
    tracks_of,
)
from platestream.video.pictures import write_picture

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


def track(right: Sequence[int], **scores: Sequence[float]) -> ScoredTrack:
    named = {name: np.array(values, float) for name, values in scores.items()}
    return ScoredTrack(np.array(right, bool), named)


def test_pairs_are_counted_inside_tracks_only() -> None:
    metrics = ranking_metrics(
        [
            # Right 3 and 1 against wrong 2: one of two pairs in order.
            track([1, 0, 1], q=[3, 2, 1]),
            # Far lower scores, but in order: two of two pairs.
            track([0, 0, 1], q=[-3, -2, -1]),
            # All wrong: no pair, and no frame to find.
            track([0, 0], q=[9, 8]),
        ]
    )
    assert metrics["q"]["pairs"] == pytest.approx(3 / 4)
    assert metrics["q"]["best_frame"] == pytest.approx(2 / 3, abs=1e-4)
    assert metrics["q"]["lost"] == 0


def test_ties_count_half() -> None:
    metrics = ranking_metrics([track([1, 0], q=[5, 5])])
    assert metrics["q"]["pairs"] == 0.5
    assert metrics["q"]["best_frame"] == 0.5
    assert metrics["q"]["lost"] == 0.5


def test_discarding_the_worst_of_ten() -> None:
    right = [1] * 5 + [0] * 5
    good, bad = (ranking_metrics([track(right, q=q)])["q"] for q in (range(10, 0, -1), range(10)))
    # Kept 10, 9, ..., 1 frames, of which the best five are right.
    wrong = [max(0, kept - 5) / kept for kept in range(10, 0, -1)]
    assert good["discard_error"] == pytest.approx(np.mean(wrong), abs=1e-4)
    assert bad["discard_error"] == pytest.approx(
        np.mean([min(5, kept) / kept for kept in range(10, 0, -1)]), abs=1e-4
    )


def test_a_blurred_plate_is_less_sharp() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (32, 128, 3), np.uint8)
    assert sharpness(np.asarray(cv2.GaussianBlur(rgb, (0, 0), 2), np.uint8)) < sharpness(rgb)


class Everywhere:
    """Finds a plate that fills the picture, as sure as it is red."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        height, width = rgb.shape[:2]
        return [slanted((0.0, 0.0, float(width), float(height)), float(rgb[0, 0, 0]) / 255)]


def test_frames_of_tracks_are_scored_in_every_way(tmp_path: Path) -> None:
    samples = []
    for index, red in enumerate((200, 100)):
        rgb = np.zeros((16 + index, 40, 3), np.uint8)
        rgb[..., 0] = red
        write_picture(tmp_path / f"{index}.png", rgb)
        box = (0.0, 0.0, 40.0, 16.0 + index)
        samples.append(Sample(tmp_path / f"{index}.png", "dev", "R200", box, None, "t", index))
    calls = []
    metrics = rank_tracks(
        tracks_of(samples),
        score=lambda rgb: -float(rgb[0, 0, 0]),
        read=lambda rgb: Reading(f"R{rgb[0, 0, 0]}", PROBS, float(rgb[0, 0, 0]) / 255),
        detector=Everywhere(),
        advance=lambda: calls.append(1),
    )
    pairs = {name: figures["pairs"] for name, figures in metrics.items()}
    # The red frame is the readable one; it is also the lower, and both are flat.
    assert pairs == {"quality": 0, "reader": 1, "detector": 1, "height": 0, "sharpness": 0.5}
    assert len(calls) == 2


def test_crops_without_tracks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="belongs to a track"):
        tracks_of([Sample(tmp_path / "a.png", "dev", "AB1", None, None, None, None)])
