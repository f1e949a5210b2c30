"""What is news of a plate in view, and what was told already."""

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.types import PlateCrop, PlateDecision, Reading
from platestream.stream.updates import Updates

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


def decide(text: str, confidence: float, track_id: int = 1) -> PlateDecision:
    crop = PlateCrop(track_id, 0, 0.0, (0, 0, 1, 1), np.zeros((1, 1, 3), np.uint8))
    return PlateDecision(crop, 0.5, Reading(text, PROBS, 0.5), confidence, None, 0.5)


def test_the_life_of_a_plate() -> None:
    updates = Updates(min_confidence=0.3)
    frames = [
        (decide("", 0.9), []),
        (decide("AB1", 0.2), []),
        (decide("AB1", 0.4), ["provisional"]),
        (decide("AB1", 0.5), []),
        (decide("AB2", 0.5), ["improved"]),
        (decide("AB2", 0.99), ["improved"]),
        (decide("AB2", 0.99), []),
        (decide("AB2", 0.6), []),
        (decide("AB2", 0.99), []),
    ]
    for decision, states in frames:
        assert [update.state for update in updates.see([decision])] == states


def test_tracks_do_not_mix_and_can_be_forgotten() -> None:
    updates = Updates(0.3)
    assert len(updates.see([decide("AB1", 0.5, 1), decide("AB1", 0.5, 2)])) == 2
    assert updates.forget([1, 7])
    assert not updates.forget([1, 7])
    (update,) = updates.see([decide("AB1", 0.5, 1), decide("AB1", 0.5, 2)])
    assert (update.state, update.decision.track_id) == ("provisional", 1)
