"""A sheet of what went wrong: plates misread, plates missed, things taken for plates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from platestream.core.detector import Detector
from platestream.core.errors import ConfigError
from platestream.core.metrics import fold
from platestream.core.types import Rgb
from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.sample import Sample
from platestream.lab.missed import Unfound, find_failures
from platestream.lab.unread import each_readable
from platestream.stream.recognizer import Reader
from platestream.video.pictures import write_picture

MAX_PLATES = 96
"""Of one kind on a sheet; of more failures, evenly spaced ones are shown."""

_COLUMNS = 6
_TILE_PX = (210, 64)
_FRAME_TILE_PX = (210, 130)
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


@dataclass(frozen=True, slots=True)
class NumFailures:
    """How many plates of a set were misread and so on.

    Attributes:
        misread: Plates.
        missed: The same.
        false: Things that were found and are no labelled plate.
        refused: Things that a second opinion took for none; plates among them are missed, too.
    """

    misread: int
    missed: int
    false: int
    refused: int = 0

    def __str__(self) -> str:
        counts = f"{self.misread} read wrongly, {self.missed} missed, {self.false} found falsely"
        return f"{counts}, {self.refused} refused" if self.refused else counts


def write_failures(
    samples: Sequence[Sample], read: Reader, path: Path, detector: Detector | None = None
) -> NumFailures:
    """Write a picture of what went wrong, with words below each plate.

    First the plates that were read wrongly, cut by their labels: label, reading and score; O and
    0, I and 1 count as the same. Then those that the detector misses, then what it takes for
    plates, then what a second opinion refused. The sheet shows plates of the data set: keep it as
    private as those are.

    Args:
        samples: Labelled crops, or frames with boxes; see `with_plates`.
        read: The reader.
        path: Of the picture, see `check_sheet`; not written where nothing went wrong.
        detector: For frames with boxes; nothing is searched without it.

    Raises:
        SourceError: no file can be read; of some, the log names those that cannot.
        StoreError: `path` cannot be written.
    """
    misread = []
    for sample, rgb in each_readable(with_plates(samples), cut_sample):
        reading = read(rgb)
        if fold(reading.text) != fold(sample.text):
            words = f"{sample.text} > {reading.text or '-'} {reading.score:.2f}"
            misread.append(_tile(rgb, words))
    unfound = find_failures(samples, detector) if detector else Unfound()
    missed = [_tile(rgb, "missed", _FRAME_TILE_PX) for rgb in unfound.missed]
    false = [
        _tile(rgb, f"no plate? {score:.2f}", _FRAME_TILE_PX)
        for rgb, score in zip(unfound.false, unfound.scores, strict=True)
    ]
    refused = [_tile(rgb, "refused", _FRAME_TILE_PX) for rgb in unfound.refused]
    rows = [row for tiles in (misread, missed, false, refused) for row in _rows(tiles)]
    if rows:
        write_picture(path, np.vstack(rows))
    return NumFailures(len(misread), len(missed), len(false), len(refused))


def _rows(tiles: list[Rgb]) -> list[Rgb]:
    """Tiles of one size in rows, the last one filled up with white; evenly spaced if too many."""
    if not tiles:
        return []
    shown = tiles[:: -(-len(tiles) // MAX_PLATES)]
    shown += [np.full_like(tiles[0], 255)] * (-len(shown) % _COLUMNS)
    return [np.hstack(shown[i : i + _COLUMNS]) for i in range(0, len(shown), _COLUMNS)]


def _tile(rgb: Rgb, words: str, size_px: tuple[int, int] = _TILE_PX) -> Rgb:
    picture = cv2.resize(rgb, size_px, interpolation=cv2.INTER_AREA)
    line = np.full((_TEXT_PX, size_px[0], 3), 255, np.uint8)
    # OpenCV's own face for all scripts, since plates may start with a Chinese character.
    cv2.putText(line, words, (3, _TEXT_PX - 6), (0, 0, 0), cv2.FontFace("uni"), 14)
    return np.asarray(np.vstack([picture, line]), np.uint8)
