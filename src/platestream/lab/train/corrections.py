"""Labels that a person has put right: what stands on the plate in place of what its set says."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from platestream.core.alphabet import encode
from platestream.core.errors import DataError
from platestream.lab.train.crops import LabelledCrop

Corrections: TypeAlias = Mapping[tuple[str, str], str]
"""Name of the set and its label, to what the plate says; to nothing where it is left out."""


def read_corrections(path: Path) -> Corrections:
    """Read a file of the columns ``set, label, text``.

    Raises:
        DataError: it cannot be read, has other columns, or a text that is no plate.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found = {(row["set"], row["label"]): row["text"] for row in rows}
    except (OSError, KeyError, ValueError) as error:
        msg = f"{path}: no file of set, label and text ({error}); see recipes/corrections.csv"
        raise DataError(msg) from error
    for text in found.values():
        encode(text)
    return found


def corrected(crops: Sequence[LabelledCrop], corrections: Corrections) -> list[LabelledCrop]:
    """The crops with their labels put right, without those that are to be left out."""
    texts = [corrections.get((crop.set_name, crop.text), crop.text) for crop in crops]
    return [
        crop if crop.text == text else replace(crop, text=text)
        for crop, text in zip(crops, texts, strict=True)
        if text
    ]
