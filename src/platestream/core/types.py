"""What flows through the house, in order: from a frame to the plate it ends in.

What holds pixels or probabilities compares by identity: arrays have no one truth value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import END, MAX_PLATE_CHARS, decode, encode
from platestream.core.boxes import BoxXyxy as BoxXyxy
from platestream.core.boxes import Point as Point
from platestream.core.boxes import Quad as Quad
from platestream.core.boxes import (
    box_corners,
    round_box,
    round_quad,
    scale_box,
    scale_quad,
    shift_box,
    shift_quad,
)
from platestream.core.frame import Frame as Frame
from platestream.core.frame import Luma as Luma
from platestream.core.frame import Picture as Picture
from platestream.core.frame import Rgb as Rgb
from platestream.core.origin import Regions, fused, origin


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a detector sees a plate.

    Attributes:
        box_xyxy: In pixels of the frame.
        score: The detector's own, in 0..1, uncalibrated.
        quad: The plate's corners in pixels of the frame, which may lie outside it; None where
            the detector tells boxes only.
    """

    box_xyxy: BoxXyxy
    score: float
    quad: Quad | None = None

    @property
    def corners(self) -> Quad:
        """The plate's corners; those of its box where they are not known."""
        return self.quad or box_corners(self.box_xyxy)

    def shifted(self, dx: float, dy: float) -> "Detection":
        """The same, in a picture that begins `dx` pixels further left and `dy` further up."""
        return replace(
            self,
            box_xyxy=shift_box(self.box_xyxy, dx, dy),
            quad=self.quad and shift_quad(self.quad, dx, dy),
        )

    def scaled(self, x: float, y: float) -> "Detection":
        """The same, in a picture `x` times as wide and `y` times as high."""
        return replace(
            self,
            box_xyxy=scale_box(self.box_xyxy, x, y),
            quad=self.quad and scale_quad(self.quad, x, y),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PlateCrop:
    """One plate cut out of one frame: an item of a plate stream.

    Attributes:
        track_id: The stream it belongs to.
        frame_index: The frame it was cut from.
        pts_s: That frame's time in seconds.
        box_xyxy: Where in the frame it was cut; the whole picture when it came as a crop.
        rgb: ``(H, W, 3)`` uint8, as cut out: upright where the corners are known.
        quad: The plate's corners in the frame; None where they are not known.
        is_cut: Whether a part of the plate may be missing, cut off by the picture's edge.
    """

    track_id: int
    frame_index: int
    pts_s: float
    box_xyxy: BoxXyxy
    rgb: Rgb
    quad: Quad | None = None
    is_cut: bool = False

    @property
    def corners(self) -> Quad:
        """The plate's corners in the frame; those of its box where they are not known."""
        return self.quad or box_corners(self.box_xyxy)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the reader says of one crop.

    Attributes:
        text: Of one look the greedy reading; of several what they agree on, see `Fusion`.
        char_probs: ``(T, C)`` float32, rows summing to 1; rows after the end symbol mean nothing.
        score: Probability of the least confident character (the end symbol counts), in 0..1.
            This is the quality target alpha of EQ-LPR; it is not calibrated.
        region_log_probs: ``(len(REGIONS),)`` float32, where the picture says the plate is from,
            see `core.origin`; None where the reader does not say.
    """

    text: str
    char_probs: NDArray[np.float32]
    score: float
    region_log_probs: NDArray[np.float32] | None = None

    @classmethod
    def from_probs(cls, char_probs: NDArray[np.float32]) -> "Reading":
        """Read the most probable character of each step, up to the end symbol."""
        best = char_probs.argmax(axis=1)
        ends = np.flatnonzero(best == END)
        num_steps = int(ends[0]) + 1 if len(ends) else len(best)
        return cls(
            decode(best[:MAX_PLATE_CHARS]),
            char_probs,
            float(char_probs.max(axis=1)[:num_steps].min()),
        )

    @property
    def text_probs(self) -> NDArray[np.float32]:
        """``(len(text) + 1,)``: probability of each character of the text, and of its end."""
        steps = np.arange(min(len(self.text) + 1, len(self.char_probs)))
        return np.asarray(self.char_probs[steps, encode(self.text)[: len(steps)]], np.float32)

    @property
    def regions(self) -> Regions:
        """Where the plate is from, by its picture and by how its text is written."""
        first = self.text_probs[:1]
        return origin(self.text, self.region_log_probs, float(first[0]) if len(first) else 0.0)

    def of_pictures(self, readings: "Iterable[Reading]") -> "Reading":
        """The same, from where the pictures say of which `readings` were combined."""
        said = fused(reading.region_log_probs for reading in readings)
        return self if said is self.region_log_probs else replace(self, region_log_probs=said)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredReading:
    """A reading, and the crop or the stack of crops it was made of.

    Attributes:
        reading: What it says.
        quality: Legibility of the crop in 0..1; of a stack, of the best crop in it.
        frame_index: The frame that crop was cut from.
        pts_s: That frame's time in seconds.
        is_cut: Whether a part of the plate may be missing there.
        looks: As how many crops it counts: 1, and more where a stack was read.
    """

    reading: Reading
    quality: float
    frame_index: int = 0
    pts_s: float = 0.0
    is_cut: bool = False
    looks: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """The average of several crops of one plate, laid on top of each other: real frames only.

    Attributes:
        rgb: ``(H, W, 3)`` uint8, not sharpened.
        num_frames: How many crops.
        readings: What was read of it, one a look; each counts as several crops, see `looks`.
    """

    rgb: Rgb
    num_frames: int
    readings: tuple[ScoredReading, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PlateDecision:
    """The answer for one frame of one stream, given at once.

    Attributes:
        crop: The crop it answers, under the heart's own count of streams, from 1: what a tracker
            holds for one track may be two, see `parted`.
        quality: This crop's legibility in 0..1.
        reading: The reading now in force, carried forward where this crop was not read.
        confidence: That it is right, 0..1.
        own_reading: What the reader says of this very crop; None where it was not read.
        best_quality: The highest quality of the stream so far.
        parted: The plate that the tracker's track showed until now, where it went over to
            another vehicle with this crop; None else, which is nearly always.
        stacked: The picture of many crops that was read, while that counts; None where none was.
        was_passed: Whether it was told from memory: the crop is the last one that was cut out, as
            if it were seen where the plate is now.
    """

    crop: PlateCrop
    quality: float
    reading: Reading
    confidence: float
    own_reading: Reading | None
    best_quality: float
    parted: "Plate | None" = None
    stacked: Stacked | None = None
    was_passed: bool = False

    @property
    def track_id(self) -> int:
        """The stream it is about."""
        return self.crop.track_id

    @property
    def was_read(self) -> bool:
        """Whether the reader ran on this very crop."""
        return self.own_reading is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "track_id": self.track_id,
            "plate": self.reading.text,
            "confidence": round(self.confidence, 4),
            "regions": self.reading.regions,
            "quality": round(self.quality, 4),
            "was_read": self.was_read,
            "pts_s": round(self.crop.pts_s, 3),
            "frame": self.crop.frame_index,
            "box_xyxy": round_box(self.crop.box_xyxy, 1),
            "quad": round_quad(self.crop.corners, 1),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """What a finished stream settled on.

    Attributes:
        track_id: The stream, as the heart counts it.
        reading: The final reading, of one crop or combined from several.
        confidence: That every character of it is right, 0..1.
        quality: Quality of `best_crop`.
        best_crop: The best crop that was read as `reading` says; where no single one was, the
            best that was read.
        first_pts_s: Time of the stream's first crop, seconds.
        last_pts_s: Time of its last crop, seconds.
        first_frame: Frame index of the first crop.
        last_frame: Frame index of the last crop.
        num_frames: In which it was in view, looked for or not.
        num_read: Readings: of single crops, and of the stack of them.
        continued: Tracks that turned out to be the same passage, later ones last; of very many
            the latest.
        readings: Those of single crops that were combined, in time order: the best by quality
            where there were many.
        stacked: The picture of many crops that was read beside them; None where none was.
        first_box: Where it was first seen, pixels; None where nobody knows.
        last_box: Where it was last seen.
        num_passed: Frames of `num_frames` in which it was told from memory: nothing was cut out.
    """

    track_id: int
    reading: Reading
    confidence: float
    quality: float
    best_crop: PlateCrop
    first_pts_s: float
    last_pts_s: float
    first_frame: int
    last_frame: int
    num_frames: int
    num_read: int
    continued: tuple[int, ...] = ()
    readings: tuple[ScoredReading, ...] = ()
    stacked: Stacked | None = None
    first_box: BoxXyxy | None = None
    last_box: BoxXyxy | None = None
    num_passed: int = 0

    @property
    def all_readings(self) -> tuple[ScoredReading, ...]:
        """Those of single crops and of `stacked`."""
        return self.readings + (self.stacked.readings if self.stacked else ())

    @property
    def is_cut(self) -> bool:
        """Whether it was never read whole: characters may be missing at an end."""
        return bool(self.readings) and all(scored.is_cut for scored in self.all_readings)
