"""Finds and reads the plates of one picture that somebody sent."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from platestream.core.boxes import round_box
from platestream.core.syntax import regions
from platestream.core.types import BoxXyxy, Detection, Rgb, ScoredReading
from platestream.live.engine import Engine
from platestream.models.preprocess import cut_plate
from platestream.stream.confidence import candidates, masked
from platestream.video.events import MASK_BELOW, NUM_CANDIDATES
from platestream.video.pipeline import is_readable

MAX_PIXELS = 25_000_000
"""A picture of more is refused before it is decoded."""

MAX_PLATES = 50


@dataclass(frozen=True, slots=True)
class FoundPlate:
    """A plate in a picture.

    Attributes:
        plate: Its text.
        plate_masked: The same, with ``?`` for characters that are not sure.
        confidence: That every character is right, 0..1.
        candidates: The most probable texts and their shares, best first.
        regions: Codes of the regions whose plates are written so.
        quality: Legibility, 0..1.
        box_xyxy: Where it is, in pixels of the picture.
    """

    plate: str
    plate_masked: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    regions: tuple[str, ...]
    quality: float
    box_xyxy: BoxXyxy


class FindsPlates(Protocol):
    """What reads an uploaded picture."""

    def __call__(self, rgb: Rgb, /) -> Sequence[FoundPlate]:
        """The plates of a picture ``(H, W, 3)`` uint8, surest first."""


class ImageReader:
    """The cameras' networks behind one call; one picture at a time, so that cameras come first.

    Args:
        engine: Detector and networks.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def __call__(self, rgb: Rgb, /) -> list[FoundPlate]:
        """The plates of a picture ``(H, W, 3)`` uint8, surest first."""
        with self._lock:
            seen = [d for d in self._engine.detector.detect(rgb) if is_readable(d.box_xyxy)]
            found = [self._read(rgb, detection) for detection in seen[:MAX_PLATES]]
        return sorted((p for p in found if p.plate), key=lambda plate: -plate.confidence)

    def _read(self, rgb: Rgb, detection: Detection) -> FoundPlate:
        crop = cut_plate(rgb, detection)
        reading, quality = self._engine.read(crop), self._engine.score(crop)
        confidence = self._engine.confidence([ScoredReading(reading, quality)], reading)
        best = candidates(reading, NUM_CANDIDATES)
        return FoundPlate(
            plate=reading.text,
            plate_masked=masked(reading, MASK_BELOW),
            confidence=round(confidence, 4),
            candidates=tuple((text, round(share, 4)) for text, share in best),
            regions=regions(reading.text),
            quality=round(quality, 4),
            box_xyxy=round_box(detection.box_xyxy, 1),
        )
