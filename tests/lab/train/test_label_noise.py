"""Which labels are not learned from."""

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, encode
from platestream.core.types import Reading
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.label_noise import contradicts, without_doubtful


@pytest.mark.parametrize(
    ("label", "reading", "score", "doubtful"),
    [
        ("AB123", "AB123", 1.0, False),
        ("ABO23", "AB023", 1.0, False),
        ("AB123", "AB128", 0.95, True),
        ("AB123", "AB128", 0.85, False),
        ("AB123", "AB789", 0.7, True),
        ("AB123", "AB789", 0.5, False),
        ("黑A12345", "皖A12345", 0.99, False),
        ("黑A12345", "皖A12346", 0.99, True),
    ],
)
def test_a_sure_reading_outweighs_a_label(
    label: str, reading: str, score: float, doubtful: bool
) -> None:
    assert contradicts(label, reading, score) is doubtful


def test_contradicted_crops_are_dropped() -> None:
    rgb = np.full((20, 60, 3), 128, np.uint8)
    crops = [LabelledCrop("real", text, rgb) for text in ("AB12", "XY99", "AB12")]
    probs = np.eye(NUM_CLASSES, dtype=np.float32)[encode("AB12")]
    kept = without_doubtful(crops, lambda rgbs: [Reading.from_probs(probs)] * len(rgbs))
    assert [crop.text for crop in kept] == ["AB12", "AB12"]


def test_labels_that_were_looked_at_are_kept() -> None:
    rgb = np.full((20, 60, 3), 128, np.uint8)
    crops = [LabelledCrop(name, "XY99", rgb) for name in ("seen", "unseen")]
    probs = np.eye(NUM_CLASSES, dtype=np.float32)[encode("AB12")]
    kept = without_doubtful(
        crops,
        lambda rgbs: [Reading.from_probs(probs)] * len(rgbs),
        lambda crop: crop.set_name != "seen",
    )
    assert [crop.set_name for crop in kept] == ["seen"]
