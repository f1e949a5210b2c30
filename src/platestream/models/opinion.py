"""A second opinion on what the detector is not sure of: does it read like a plate?

Wheels, lamps and shop signs look like plates from afar; close up, the reader makes nothing of them.
A worn plate at night looks like nothing much, and reads as clearly as any. Only what the detector
doubts is asked about, so it costs a reading now and then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final, Protocol

from platestream.core.boxes import box_around, box_size, clip_box, iou, shift_quad
from platestream.core.detector import Detector, WindowDetector
from platestream.core.types import Detection, Quad, Rgb
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_plate, grown
from platestream.stream.recognizer import Reader, Scorer

SURE_SCORE: Final = 0.6
"""The detector's score from which on nobody is asked: foreign letters are plates, too."""

MIN_LOG_ODDS: Final = -0.75
"""Of being a plate, below which a find is refused."""

_BIAS, _DETECTOR, _QUALITY, _READER = 0.69, 2.36, 0.74, 1.06
"""A logistic model, fitted on 1,850 finds on the `train` frames of the data sets. Those that read
surely and are not labelled were left out, for they are plates."""

SIGNS: Final = ("TAXI", "TAX1", "TAXL")
"""What is read of signs on cars that look as plates do. Who has it on a plate is found surely."""

HINT_READING: Final = 0.8
"""Score of a reading that makes a plate of a hint, and its least length. It has a digit, for most
signs have none."""
HINT_LENGTH: Final = 4
HINT_QUALITY: Final = 0.3
"""Quality of a hint's crop from which on it is read at all."""

HINT_MARGIN: Final = 0.4
"""How much the box of a hint grows until its corners are looked for: it is seen badly, and mostly
in part."""

_CLIP: Final = 0.01
_SAME_IOU: Final = 0.2


class HintDetector(WindowDetector, Protocol):
    """A detector that also tells what may be a plate."""

    def detect_with_hints(self, rgb: Rgb) -> tuple[list[Detection], list[Detection]]:
        """As `detect`, and what scored too low for that, best first; no two overlap."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is held of the finds of one frame.

    Attributes:
        plates: Best first, hints that were confirmed among them.
        refused: What the detector took for plates, and the reader did not.
    """

    plates: list[Detection]
    refused: list[Detection]


class SecondOpinion:
    """A detector whose doubtful finds the other two networks are asked about; see the module.

    Args:
        detector: Finds plates.
        score: The quality network.
        read: The reader, at its first look.
        find: Finds the corners of the plate in a crop; hints are read as they lie when omitted.
    """

    def __init__(
        self,
        detector: HintDetector,
        score: Scorer,
        read: Reader,
        find: Callable[[Rgb], Quad | None] | None = None,
    ) -> None:
        self._detector, self._score, self._read, self._find = detector, score, read, find

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the plates of ``(H, W, 3)`` uint8 RGB, best first."""
        return self.judge(rgb).plates

    def judge(self, rgb: Rgb) -> Opinion:
        """The same, and what was refused."""
        found, hints = self._detector.detect_with_hints(rgb)
        refused = [plate for plate in found if self._is_refused(rgb, plate)]
        plates = [plate for plate in found if plate not in refused]
        for hint in hints:
            plate = self._confirmed(rgb, hint)
            if plate and not _is_among(plate, plates):
                plates.append(plate)
        return Opinion(plates, refused)

    def scale(self, width_px: int, height_px: int) -> float:
        """As the detector's."""
        return self._detector.scale(width_px, height_px)

    def look(self, rgb: Rgb) -> Sequence[Detection]:
        """As the detector's: nobody is asked about parts of frames, which follow plates."""
        return self._detector.look(rgb)

    def _is_refused(self, rgb: Rgb, plate: Detection) -> bool:
        if plate.score >= SURE_SCORE or not _is_readable(plate):
            return False
        crop = cut_plate(rgb, plate)
        reading = self._read(crop)
        if reading.text.startswith(SIGNS):
            return True
        read_score = reading.score if reading.text else 0.0
        log_odds = (
            _BIAS
            + _DETECTOR * _log_odds(plate.score)
            + _QUALITY * self._score(crop)
            + _READER * _log_odds(read_score)
        )
        return log_odds < MIN_LOG_ODDS

    def _confirmed(self, rgb: Rgb, hint: Detection) -> Detection | None:
        """A hint that reads like a plate, where its corners lie; else None."""
        if not _is_readable(hint) or self._score(cut_plate(rgb, hint)) < HINT_QUALITY:
            return None
        plate = self._at_corners(rgb, hint)
        reading = self._read(cut_plate(rgb, plate))
        is_plate = (
            reading.score >= HINT_READING
            and may_be_plate(reading.text)
            and not reading.text.startswith(SIGNS)
        )
        return plate if is_plate else None

    def _at_corners(self, rgb: Rgb, hint: Detection) -> Detection:
        """A hint with the box and the corners of the plate around it, where one is seen."""
        left, top, right, bottom = grown(rgb, hint.box_xyxy, HINT_MARGIN)
        corners = self._find(rgb[top:bottom, left:right]) if self._find else None
        if corners is None:
            return hint
        quad = shift_quad(corners, left, top)
        box = clip_box(box_around(quad), rgb.shape[1], rgb.shape[0])
        plate = replace(hint, box_xyxy=box, quad=quad) if box else hint
        return plate if _is_readable(plate) else hint


def judged(detector: Detector, rgb: Rgb) -> Opinion:
    """What any detector finds, and what it refused where a second opinion was asked for."""
    if isinstance(detector, SecondOpinion):
        return detector.judge(rgb)
    return Opinion(list(detector.detect(rgb)), [])


def _is_among(plate: Detection, others: Sequence[Detection]) -> bool:
    """Whether one of them is that plate: by its corners a hint may be of a plate found before."""
    boxes = [other.box_xyxy for other in others]
    return bool(boxes) and bool(iou(boxes, plate.box_xyxy).max() > _SAME_IOU)


def _is_readable(plate: Detection) -> bool:
    return min(box_size(plate.box_xyxy)) >= MIN_CROP_SIDE_PX


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, _CLIP), 1 - _CLIP)
    return log(clipped / (1 - clipped))


def may_be_plate(text: str) -> bool:
    """Whether what was read of a hint is as long as a plate, and has a digit in it."""
    return len(text) >= HINT_LENGTH and any(character.isdigit() for character in text)
