"""What flows through the house, in order: from a frame to the plate it ends in.

What holds pixels or probabilities compares by identity: arrays have no one truth value.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias, get_args

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

Rgb: TypeAlias = NDArray[np.uint8]
"""A picture: ``(H, W, 3)`` uint8, red first."""


Luma: TypeAlias = NDArray[np.uint8]
"""Brightness alone: ``(H, W)`` uint8."""


class Picture(Protocol):
    """A decoded picture that is made RGB where and when somebody wants it, and no further."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""

    def rgb(self) -> Rgb:
        """All of it, ``(H, W, 3)`` uint8; not to be written to."""

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        """The same for some columns and rows; right and bottom are exclusive."""

    def small_part(self, left: int, top: int, right: int, bottom: int, scale: float) -> Rgb:
        """The same, shrunk by averaging; `scale` 1 leaves it as it is."""

    def luma(self) -> Luma:
        """Its brightness; not to be written to."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture of a source.

    Attributes:
        index: Counts from 0 in the source.
        pts_s: Presentation time in seconds from the start of the source.
        pixels: ``(H, W, 3)`` uint8 RGB, or what they can be had from.
    """

    index: int
    pts_s: float
    pixels: Rgb | Picture

    @property
    def rgb(self) -> Rgb:
        """``(H, W, 3)`` uint8; not to be written to."""
        return self.pixels if isinstance(self.pixels, np.ndarray) else self.pixels.rgb()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        if isinstance(self.pixels, np.ndarray):
            return self.pixels.shape[1], self.pixels.shape[0]
        return self.pixels.size

    @property
    def luma(self) -> Luma:
        """``(H, W)`` uint8; green stands in for it where there is nothing but RGB."""
        return self.pixels[..., 1] if isinstance(self.pixels, np.ndarray) else self.pixels.luma()

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        """Some columns and rows of `rgb`; right and bottom are exclusive."""
        if isinstance(self.pixels, np.ndarray):
            return self.pixels[top:bottom, left:right]
        return self.pixels.part(left, top, right, bottom)


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
    """

    text: str
    char_probs: NDArray[np.float32]
    score: float

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
    """

    crop: PlateCrop
    quality: float
    reading: Reading
    confidence: float
    own_reading: Reading | None
    best_quality: float
    parted: "Plate | None" = None
    stacked: Stacked | None = None

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

    @property
    def all_readings(self) -> tuple[ScoredReading, ...]:
        """Those of single crops and of `stacked`."""
        return self.readings + (self.stacked.readings if self.stacked else ())

    @property
    def is_cut(self) -> bool:
        """Whether it was never read whole: characters may be missing at an end."""
        return bool(self.readings) and all(scored.is_cut for scored in self.all_readings)


State: TypeAlias = Literal["provisional", "improved", "sure", "final", "withdrawn"]
"""What becomes of a passage, see `stream.life`."""

STATES: tuple[State, ...] = get_args(State)

Way: TypeAlias = Literal["api", "receivers"]
"""Who is told of events, beside files and exports, which have everything."""

_OF_RUN: dict[str, tuple[Way, ...]] = {"ways": ()}
"""Of fields that mean something only beside the run's other results."""


@dataclass(frozen=True, slots=True)
class PlateEvent:
    """One passage of one vehicle, as it is reported: plain values, ready for JSON.

    What else is said of it, and who is told what, stands in `core.event_fields`.

    Attributes:
        plate: The plate's text.
        plate_masked: The same, with ``?`` for characters that are not sure.
        confidence: That every character is right, 0..1.
        candidates: The most probable texts and their shares, best first, from the combined
            distribution alone; the plate's own share is no confidence.
        regions: Codes of the regions whose plates are written so; a hint, not a finding.
        quality: Legibility of the crop that was read, 0..1.
        track_id: Counts from 1 in each source; the passage's first where it had several.
        continued: The others, see `Plate`.
        source: What was read.
        first_pts_s: When the plate came into view, seconds from the source's start.
        last_pts_s: When it was last seen.
        best_pts_s: When the crop that was read was taken.
        first_frame: Frame index of the first sight.
        last_frame: Frame index of the last.
        best_frame: Frame index of the crop that was read.
        box_xyxy: Where that crop lies in its frame, pixels.
        num_frames: Frames the plate was seen in.
        num_scored: Crops the quality network saw, which is all of them: `num_frames`.
        num_read: Readings: of single crops, and of several on top of each other.
        crop: File of the crop that was read, relative to the output folder.
        quad: The plate's corners in that frame; None where they are not known.
        id: The passage's, a UUID: the same in all that is told of it.
        is_cut: Whether the plate was never seen whole: characters may be missing at an end.
        num_stacked: Frames whose average was read too; 0 where none was.
        stack: File of that average, relative to the output folder; empty where there is none.
    """

    plate: str
    plate_masked: str
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    regions: tuple[str, ...]
    quality: float
    track_id: int = field(metadata=_OF_RUN)
    continued: tuple[int, ...] = field(metadata=_OF_RUN)
    source: str = field(metadata=_OF_RUN)
    first_pts_s: float = field(metadata=_OF_RUN)
    last_pts_s: float = field(metadata=_OF_RUN)
    best_pts_s: float = field(metadata=_OF_RUN)
    first_frame: int = field(metadata=_OF_RUN)
    last_frame: int = field(metadata=_OF_RUN)
    best_frame: int = field(metadata=_OF_RUN)
    box_xyxy: BoxXyxy
    num_frames: int
    num_scored: int = field(metadata={"ways": ("api",)})
    num_read: int
    crop: str = field(metadata=_OF_RUN)
    quad: Quad | None = None
    id: str = ""
    is_cut: bool = False
    num_stacked: int = field(default=0, metadata={"ways": ("api",)})
    stack: str = field(default="", metadata=_OF_RUN)

    @property
    def corners(self) -> Quad:
        """The plate's corners in that frame; those of its box where they are not known."""
        return self.quad or box_corners(self.box_xyxy)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a line of ``events.jsonl``."""
        return asdict(self)
