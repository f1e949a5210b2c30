"""What pictures are: whole photos, the crops of one plate, or crops of many plates.

It is told from the pictures, not from how folders are named: a sample of them is looked at.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from platestream.core.errors import SourceError
from platestream.core.types import Detection, Reading, Rgb
from platestream.stream.agreement import are_alike
from platestream.video.engine import Engine
from platestream.video.kinds import Kind
from platestream.video.pictures import read_picture
from platestream.video.survey import Judge

SAMPLE = 8
"""Pictures of a folder that are looked at, evenly from first to last."""

SURELY_CROP_PX = 240
"""No camera makes pictures whose longer side is shorter."""

PHOTO_SIDE_PX = 200
"""A picture without a plate that is at least so high and wide shows a scene."""

PLATE_SHARE = 0.6
"""Of a crop's width that its plate takes. Measured: 0.5 to 1 on 23 sets of crops, up to 0.48 on 9
sets of photos."""

LOOSE_SHARE = 0.45
"""The same where the picture is too low or narrow for a photo."""

SURE_READING = 0.8
"""Score of readings that tell whether crops are of one plate."""


Detect: TypeAlias = Callable[[Rgb], Sequence[Detection]]
Read: TypeAlias = Callable[[Rgb], Reading]


def is_photo(rgb: Rgb, detect: Detect) -> bool:
    """Whether a picture shows a scene, and not one plate that was cut out.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        detect: Finds plates; not asked where the size tells.
    """
    height, width = (int(side) for side in rgb.shape[:2])
    if max(height, width) < SURELY_CROP_PX:
        return False
    found = detect(rgb)
    is_large = min(height, width) >= PHOTO_SIDE_PX
    if not found:
        return is_large
    best = max(found, key=lambda detection: detection.score)
    share = (best.box_xyxy[2] - best.box_xyxy[0]) / width
    return share <= (PLATE_SHARE if is_large else LOOSE_SHARE)


def kind_of(files: Sequence[Path], detect: Detect, read: Read) -> Kind:
    """What the pictures of one folder are, as most of a sample say.

    Args:
        files: The pictures, in order; those that are broken have no say.
        detect: Finds plates.
        read: Reads a crop.
    """
    pictures = _sample(files)
    if not pictures:
        return Kind.PHOTOS  # opening them says what is wrong
    photos = sum(is_photo(rgb, detect) for rgb in pictures)
    if 2 * photos > len(pictures):
        return Kind.PHOTOS
    readings = [reading for rgb in pictures if (reading := read(rgb)).score >= SURE_READING]
    others = sum(not are_alike(reading.text, readings[0].text) for reading in readings)
    # One plate of a stream may be misread; two in a row that say something else are others.
    return Kind.CROPS if 2 * others > len(readings) or others >= 3 else Kind.STREAMS


def judge_by(engine: Engine) -> Judge:
    """Tells what pictures are by these networks, see `kind_of`."""
    return partial(kind_of, detect=engine.detector.detect, read=engine.read)


def _sample(files: Sequence[Path]) -> list[Rgb]:
    step = max(1, len(files) // SAMPLE)
    pictures = []
    for file in files[step // 2 :: step][:SAMPLE]:
        try:
            pictures.append(read_picture(file))
        except SourceError:  # who opens it says why
            continue
    return pictures
