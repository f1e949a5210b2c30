"""Folders without a label file: what a picture or a folder is called is what the plate says.

``AB12CDE_01.jpg`` shows AB12CDE: the name counts up to the first ``_`` or ``.``. A subfolder is
a plate stream: ``AB12CDE_gate/0001.png``, ``AB12CDE_gate/0002.png``, ... all show AB12CDE.
"""

import re
from pathlib import Path

from platestream.core.errors import DataError
from platestream.lab.data.sample import Sample, parse_plate, select
from platestream.video.pictures import list_pictures, natural_key


def read_folder(folder: Path, split: str = "test") -> list[Sample]:
    """Read a folder's own pictures, then its plate streams, in natural order.

    Args:
        folder: Holds pictures, folders of pictures, or both.
        split: What to make of them all.

    Raises:
        ConfigError: there is no such split.
        DataError: it holds no pictures, or a name is no plate; names it.
    """
    if not folder.is_dir():
        msg = f"{folder}: no such folder; check the path"
        raise DataError(msg)
    samples = [Sample(file, split, _plate(file)) for file in list_pictures(folder)]
    for track in sorted((p for p in folder.iterdir() if p.is_dir()), key=natural_key):
        files = list_pictures(track)
        text = _plate(track) if files else ""
        samples += [
            Sample(file, split, text, track=track.name, frame_index=index)
            for index, file in enumerate(files)
        ]
    if not samples:
        msg = f"{folder}: no pictures in it or in its folders; give the folder that holds them"
        raise DataError(msg)
    return select(samples, split)


def _plate(path: Path) -> str:
    """The plate that a file or folder is called for."""
    try:
        plate = parse_plate(re.split(r"[_.]", path.name)[0])
    except DataError as error:
        msg = f"{path}: {error}; rename it to PLATE_anything"
        raise DataError(msg) from error
    if not plate:
        msg = f"{path}: the name starts with no plate; rename it to PLATE_anything"
        raise DataError(msg)
    return plate
