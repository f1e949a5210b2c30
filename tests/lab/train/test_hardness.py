"""Hard crops are seen more often."""

from collections.abc import Sequence

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, encode
from platestream.core.types import Reading, Rgb
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.hardness import hardness

WIDE, NARROW = np.zeros((20, 80, 3), np.uint8), np.zeros((40, 60, 3), np.uint8)


def always_ab0(rgbs: Sequence[Rgb]) -> list[Reading]:
    return [Reading.from_probs(np.eye(NUM_CLASSES, dtype=np.float32)[encode("AB0")])] * len(rgbs)


def test_what_is_read_wrongly_and_what_has_two_rows_counts_more() -> None:
    shown = [("AB0", WIDE), ("ABO", WIDE), ("AB1", WIDE), ("AB0", NARROW), ("AB1", NARROW)]
    crops = [LabelledCrop("real", text, rgb) for text, rgb in shown]
    lift = hardness(crops, always_ab0, wrong=3.0, two_rows=2.0)
    assert lift.tolist() == [1, 1, 3, 2, 6]


def test_nothing_is_read_where_it_changes_nothing() -> None:
    def never(rgbs: Sequence[Rgb]) -> list[Reading]:
        raise AssertionError

    assert hardness([LabelledCrop("a", "AB0", NARROW)], never, 1.0, 2.0).tolist() == [2]
