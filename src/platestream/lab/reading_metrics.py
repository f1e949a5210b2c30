"""What every kind of evaluation reports of its readings."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from platestream.core.metrics import char_error_rate, fold, plate_accuracy

Metrics: TypeAlias = dict[str, int | float | str]
Advance: TypeAlias = Callable[[], None]
"""Called after each file."""


def reading_metrics(readings: Sequence[str], labels: Sequence[str]) -> Metrics:
    """The figures every kind has; nothing labelled counts as nothing right."""
    return {
        "num": len(labels),
        "plate_accuracy": rounded(plate_accuracy(readings, labels)),
        "plate_accuracy_folded": rounded(
            plate_accuracy([fold(r) for r in readings], [fold(t) for t in labels])
        ),
        "char_error_rate": rounded(char_error_rate(readings, labels)),
    }


def rounded(value: float) -> float:
    """To what is worth printing."""
    return round(value, 4)
