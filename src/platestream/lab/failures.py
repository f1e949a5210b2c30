"""A sheet of the plates that were read wrongly: most errors of a reader are visible."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from platestream.core.errors import ConfigError
from platestream.core.metrics import fold
from platestream.core.types import Rgb
from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.sample import Sample
from platestream.stream.recognizer import Reader
from platestream.video.pictures import write_picture

MAX_PLATES = 96
"""On one sheet; of more failures, evenly spaced ones are shown."""

_COLUMNS = 6
_TILE_PX = (210, 64)
_TEXT_PX = 22


def check_sheet(path: Path) -> None:
    """Refuse a sheet that could not be written, before minutes of reading.

    Raises:
        ConfigError: `path` names no PNG or JPEG, or its folder is missing.
    """
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg") or not path.parent.is_dir():
        msg = (
            f"{path}: the sheet is a picture in a folder that exists; end its name in .png or .jpg"
        )
        raise ConfigError(msg)


def write_failures(samples: Sequence[Sample], read: Reader, path: Path) -> int:
    """Write a picture of the plates that were read wrongly: label, reading and score below each.

    O and 0, I and 1 count as the same. The sheet shows plates of the data set: keep it as
    private as those are.

    Args:
        samples: Labelled crops, or frames with boxes; see `with_plates`.
        read: The reader.
        path: Of the picture, see `check_sheet`; not written where all plates are right.

    Returns:
        How many plates were read wrongly.

    Raises:
        SourceError: a file cannot be read.
        StoreError: `path` cannot be written.
    """
    tiles = []
    for sample in with_plates(samples):
        rgb = cut_sample(sample)
        reading = read(rgb)
        if fold(reading.text) != fold(sample.text):
            words = f"{sample.text} > {reading.text or '-'} {reading.score:.2f}"
            tiles.append(_tile(rgb, words))
    if tiles:
        shown = tiles[:: -(-len(tiles) // MAX_PLATES)]
        shown += [np.full_like(tiles[0], 255)] * (-len(shown) % _COLUMNS)
        rows = [np.hstack(shown[i : i + _COLUMNS]) for i in range(0, len(shown), _COLUMNS)]
        write_picture(path, np.vstack(rows))
    return len(tiles)


def _tile(rgb: Rgb, words: str) -> Rgb:
    picture = cv2.resize(rgb, _TILE_PX, interpolation=cv2.INTER_AREA)
    line = np.full((_TEXT_PX, _TILE_PX[0], 3), 255, np.uint8)
    # OpenCV's own face for all scripts, since plates may start with a Chinese character.
    cv2.putText(line, words, (3, _TEXT_PX - 6), (0, 0, 0), cv2.FontFace("uni"), 14)
    return np.asarray(np.vstack([picture, line]), np.uint8)
