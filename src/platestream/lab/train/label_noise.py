"""Labels that a trained reader contradicts with confidence: mostly wrong, so not learned from."""

from collections.abc import Callable, Sequence

from platestream.core.alphabet import PROVINCES
from platestream.core.metrics import edit_distance, fold
from platestream.core.types import Reading, Rgb
from platestream.lab.train.crops import LabelledCrop

SURE = 0.9
"""Score from which one differing character is enough."""

QUITE_SURE = 0.6
"""Score from which two are; by eye, more than half of the labels left out are wrong."""


def contradicts(label: str, reading: str, score: float) -> bool:
    """Whether a reading speaks against a label; O and 0, I and 1 count as the same.

    A province alone does not: readers take rare ones for common ones.
    """
    if label[0] in PROVINCES and label[1:] == reading[1:]:
        return False
    edits = edit_distance(fold(label), fold(reading))
    return (edits >= 1 and score >= SURE) or (edits >= 2 and score >= QUITE_SURE)


def without_doubtful(
    crops: Sequence[LabelledCrop],
    read_all: Callable[[Sequence[Rgb]], Sequence[Reading]],
    may_be_wrong: Callable[[LabelledCrop], bool] = lambda crop: True,
) -> list[LabelledCrop]:
    """The crops whose labels a reader does not contradict.

    One that saw a wrong label for long enough repeats it: what is left out is a lower bound.

    Args:
        crops: With labels from people or machines.
        read_all: A trained reader of many crops.
        may_be_wrong: Whether the label of a crop can be wrong rather than the reader: not where
            people have looked at it, nor where the reader cannot say what stands there.
    """
    doubted = [crop for crop in crops if may_be_wrong(crop)]
    readings = read_all([crop.rgb for crop in doubted])
    wrong = {
        id(crop)
        for crop, reading in zip(doubted, readings, strict=True)
        if contradicts(crop.text, reading.text, reading.score)
    }
    return [crop for crop in crops if id(crop) not in wrong]
