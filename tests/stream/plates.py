"""Plates and decisions out of nothing but text, time and confidence."""

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading


def make_reading(text: str, **doubts: float) -> Reading:
    """A doubt such as ``s1_8=0.2`` gives character 1 to 8 with 0.2."""
    probs = np.zeros((NUM_STEPS, NUM_CLASSES), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = 1
    for place, share in doubts.items():
        probs[int(place[1])] *= 1 - share
        probs[int(place[1]), encode(place[-1])[0]] = share
    return Reading.from_probs(probs)


def make_crop(track: int, at_s: float) -> PlateCrop:
    rgb = np.zeros((1, 1, 3), np.uint8)
    left = 10.0 * track  # far from all others
    return PlateCrop(track, round(at_s * 10), at_s, (left, 0, left + 1, 1), rgb)


def make_plate(
    text: str,
    first_s: float,
    last_s: float,
    track: int = 1,
    confidence: float = 0.9,
    **doubts: float,
) -> Plate:
    return Plate(
        track_id=track,
        reading=make_reading(text, **doubts),
        confidence=confidence,
        quality=0.5,
        best_crop=make_crop(track, first_s),
        first_pts_s=first_s,
        last_pts_s=last_s,
        first_frame=round(first_s * 10),
        last_frame=round(last_s * 10),
        num_frames=10,
        num_read=2,
    )


def decide(text: str, at_s: float, track: int = 1, confidence: float = 0.9) -> PlateDecision:
    return PlateDecision(make_crop(track, at_s), 0.5, make_reading(text), confidence, None, 0.5)
