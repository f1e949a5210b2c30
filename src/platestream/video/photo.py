"""A photo to the plates in it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from platestream.core.boxes import round_box, round_quad
from platestream.core.origin import Regions
from platestream.core.types import BoxXyxy, Frame, PlateCrop, Quad, Rgb, ScoredReading
from platestream.models.again import look_again
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture
from platestream.stream.confidence import candidates, masked
from platestream.stream.cut import capped
from platestream.video.engine import Engine, load_engine
from platestream.video.events import NUM_CANDIDATES
from platestream.video.pictures import read_picture
from platestream.video.pipeline import crop_of, is_readable

MAX_PLATES = 50


@dataclass(frozen=True, slots=True)
class FoundPlate:
    """A plate in a picture.

    Attributes:
        plate: Its text.
        plate_masked: The same, with ``?`` for characters that are not sure.
        confidence: That every character is right, 0..1.
        candidates: The most probable texts and their shares, best first.
        regions: Where it is from: codes of regions and their shares, the most probable first.
        quality: Legibility, 0..1.
        box_xyxy: Where it is, in pixels of the picture.
        quad: Its corners: top-left, top-right, bottom-right, bottom-left.
    """

    plate: str
    plate_masked: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    regions: Regions
    quality: float
    box_xyxy: BoxXyxy
    quad: Quad

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def read_image(image: str | Path | Rgb, engine: Engine | None = None) -> list[FoundPlate]:
    """Find and read the plates of a photo.

    Args:
        image: A file, or pixels ``(H, W, 3)`` uint8, **red first**.
        engine: See `load_engine`; loaded when omitted, so give one where there are many photos.

    Returns:
        Surest first.

    Raises:
        SourceError: the file is not there, or no picture.
        ShapeError: the array is none.
    """
    if isinstance(image, str | Path):
        rgb = read_picture(Path(image))
    else:
        rgb = image
        check_picture(rgb, "the image", MIN_CROP_SIDE_PX)
    return find_plates(rgb, engine or load_engine())


def find_plates(rgb: Rgb, engine: Engine) -> list[FoundPlate]:
    """The plates of a picture ``(H, W, 3)`` uint8, surest first."""
    frame = Frame(0, 0.0, rgb)
    found = engine.detector.detect(rgb)
    seen = [plate for plate in found if is_readable(plate.box_xyxy, frame.size)]
    if engine.nearer:
        seen = [engine.nearer(rgb, plate) for plate in seen]
    if not seen:
        seen = look_again(rgb, engine.detector.detect, engine.read)
    plates = [_read(crop_of(frame, plate, 0), engine) for plate in seen[:MAX_PLATES]]
    return sorted((p for p in plates if p.plate), key=lambda plate: -plate.confidence)


def _read(crop: PlateCrop, engine: Engine) -> FoundPlate:
    reading, quality = engine.read(crop.rgb), engine.score(crop.rgb)
    scored = [ScoredReading(reading, quality, is_cut=crop.is_cut)]
    best = candidates(reading, NUM_CANDIDATES)
    return FoundPlate(
        plate=reading.text,
        plate_masked=masked(reading),
        confidence=round(capped(engine.confidence(scored, reading), scored), 4),
        candidates=tuple((text, round(share, 4)) for text, share in best),
        regions=reading.regions,
        quality=round(quality, 4),
        box_xyxy=round_box(crop.box_xyxy, 1),
        quad=round_quad(crop.corners, 1),
    )
