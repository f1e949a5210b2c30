"""How a camera is doing, in numbers for people."""

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from typing import Literal, TypeAlias

import cv2
import numpy as np

from platestream.core.boxes import box_size
from platestream.core.types import Plate, PlateDecision, Rgb
from platestream.stream.life import is_reportable

CameraState: TypeAlias = Literal["connecting", "live", "frozen", "black", "lost", "ended"]
"""``connecting`` before the first picture, ``lost`` when there were some; ``ended`` for files."""

BUSY_SHARE = 0.1
"""Of a camera's frames left out, from which on its machine has too much to do."""

READABLE = 0.5
"""A crop of this quality is more likely read rightly than not."""

NUM_PLATES = 50
NUM_CROPS = 1000


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One look at a camera's state.

    Attributes:
        state: What it shows.
        since: Since when.
        fps_in: Pictures decoded a second, lately.
        fps_done: Frames looked at a second, lately.
        fps_dropped: Frames a second that were left out, lately, because we were busy.
        num_frames: Frames looked at.
        num_dropped: Frames left out because we were busy: newer ones replaced them, or only key
            frames were decoded.
        num_corrupt: Pictures that could not be decoded.
        num_reconnects: How often it came back.
        num_events: Events it gave.
        delay_s: From the picture to the end of all work on it, the last one's.
        plate_width_px: Median of the last plates; None before the first, as the next two.
        sharpness: Median of theirs: variance of the Laplacian of the crop that was read. Blurred
            plates have little, whatever their size.
        readable_share: Of the last crops, how many were worth reading, 0..1.
        reads_saved_share: Of all crops, how many the reader did not have to see, 0..1.
        brightness: Mean luma, 0..1.
        cpu_s: Seconds of the processor, for each stage of `video.profile`.
        counts: Passages over each line each way: ``gate:in`` to their number.
        last_frame_at: When the last picture was taken.
        last_error: What went wrong last, without passwords; empty if nothing did.
        node: The machine of the cluster that it runs on; empty where it is the service's own.
        node_load: What runs there or wants to, for each core, in the last minute; 1 is all it can.
    """

    state: CameraState
    since: datetime
    fps_in: float = 0.0
    fps_done: float = 0.0
    fps_dropped: float = 0.0
    num_frames: int = 0
    num_dropped: int = 0
    num_corrupt: int = 0
    num_reconnects: int = 0
    num_events: int = 0
    delay_s: float = 0.0
    plate_width_px: float | None = None
    sharpness: float | None = None
    readable_share: float | None = None
    reads_saved_share: float | None = None
    brightness: float = 0.0
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    last_frame_at: datetime | None = None
    last_error: str = ""
    node: str = ""
    node_load: float | None = None

    @property
    def is_too_busy(self) -> bool:
        """Whether more frames are left out, lately, than a busy moment explains."""
        return self.fps_dropped > BUSY_SHARE * (self.fps_dropped + self.fps_done)


class Rate:
    """How often something happens, over its last times.

    Args:
        num: How many of them.
        silence_s: After so long without, it does not happen any more.
    """

    def __init__(self, num: int = 100, silence_s: float = 5.0) -> None:
        self._times_s: deque[float] = deque(maxlen=num)
        self._silence_s = silence_s

    def tick(self, now_s: float | None = None) -> None:
        """Note that it happened."""
        now_s = time.monotonic() if now_s is None else now_s
        if self._times_s and now_s - self._times_s[-1] > self._silence_s:
            self._times_s.clear()
        self._times_s.append(now_s)

    def per_s(self, now_s: float | None = None) -> float:
        """Times a second."""
        now_s = time.monotonic() if now_s is None else now_s
        times_s = list(self._times_s)
        if len(times_s) < 2 or now_s - times_s[-1] > self._silence_s:
            return 0.0
        return (len(times_s) - 1) / max(times_s[-1] - times_s[0], 1e-6)


class PlateStatistics:
    """What the plates of a camera look like."""

    def __init__(self) -> None:
        self._seen: deque[tuple[bool, float, float]] = deque(maxlen=NUM_PLATES)
        self._is_readable: deque[bool] = deque(maxlen=NUM_CROPS)
        self._num_crops = self._num_read = 0
        self.counts: Counter[str] = Counter()

    def see(self, decisions: list[PlateDecision]) -> None:
        """Note the crops of a frame."""
        self._is_readable.extend(decision.quality >= READABLE for decision in decisions)

    def end(self, plate: Plate) -> None:
        """Note a finished plate."""
        best = plate.best_crop
        looks = box_size(best.box_xyxy)[0], sharpness(best.rgb)
        self._seen.append((is_reportable(plate), *looks))
        self._num_crops += plate.num_frames
        self._num_read += plate.num_read

    def add_to(self, health: CameraHealth) -> CameraHealth:
        """A camera's health with what its plates tell."""
        is_readable, seen = list(self._is_readable), list(self._seen)
        # What was no plate says nothing of how plates are seen; where none is read, any may be one.
        looks = [look for is_plate, *look in seen if is_plate] or [look for _, *look in seen]
        return replace(
            health,
            plate_width_px=_median([width_px for width_px, _ in looks]),
            sharpness=_median([sharp for _, sharp in looks]),
            readable_share=sum(is_readable) / len(is_readable) if is_readable else None,
            reads_saved_share=max(0.0, 1 - self._num_read / self._num_crops)
            if self._num_crops
            else None,
            counts=dict(self.counts),
        )


def sharpness(rgb: Rgb) -> float:
    """Variance of the Laplacian of a picture's luma."""
    return float(np.var(cv2.Laplacian(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.CV_32F)))


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
