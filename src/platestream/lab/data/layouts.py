"""Any data set we can read, told by what lies at its path."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from platestream.core.boundary import told_as
from platestream.core.errors import DataError
from platestream.lab.data.ccpd import parse_name, read_ccpd
from platestream.lab.data.labels_by_name import read_folder
from platestream.lab.data.labels_csv import is_video, read_labels, read_passages
from platestream.lab.data.sample import Passage, Sample, select
from platestream.lab.data.ufpr import read_ufpr

Kind: TypeAlias = Literal["crops", "tracks", "frames", "video"]


def read_dataset(path: Path, split: str | None = None) -> list[Sample] | list[Passage]:
    """Read a label file, UFPR-ALPR, CCPD, or a plain folder named for its plates.

    A csv, or a folder with a `labels.csv`, is a label file; a folder with `track*/track*.txt`
    below it is UFPR-ALPR; one whose pictures' names are CCPD labels is CCPD; any other is a
    plain folder, all of it of split ``test``.

    Args:
        path: The csv or the folder.
        split: Only this split; everything when omitted.

    Raises:
        ConfigError: there is no such split.
        DataError: the data set cannot be read or a label is wrong; names file and line.
    """
    with told_as(DataError, str(path), "correct it, or check the path"):
        return _read_dataset(path, split)


def _read_dataset(path: Path, split: str | None) -> list[Sample] | list[Passage]:
    if not path.is_dir() or (path / "labels.csv").exists():
        return read_passages(path, split) if is_video(path) else read_labels(path, split)
    if any(path.rglob("track*/track*.txt")):
        return read_ufpr(path, split)
    if _is_ccpd(path):
        return read_ccpd(path, split)
    return select(read_folder(path), split)


def kind_of(items: Sequence[Sample] | Sequence[Passage]) -> Kind:
    """What was labelled: ``video``, ``frames`` (with boxes), ``tracks`` (of crops) or ``crops``."""
    samples = [item for item in items if isinstance(item, Sample)]
    if len(samples) < len(items):
        return "video"
    if any(sample.box_xyxy for sample in samples):
        return "frames"
    return "tracks" if any(sample.track for sample in samples) else "crops"


def _is_ccpd(folder: Path) -> bool:
    names = list(islice(folder.rglob("*.jpg"), 1))
    try:
        return bool([parse_name(name, "test") for name in names])
    except DataError:
        return False
