"""Where the processor's time goes: decoding, converting, detecting, tracking, scoring, reading."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, TypeVar

import numpy as np

from platestream.core.detector import Detector, WindowDetector
from platestream.core.types import Detection, Frame, Luma, Picture, Rgb
from platestream.video.engine import Engine
from platestream.video.sources import CropStream, FrameSource, PictureSource, Source

Stage: TypeAlias = Literal["decode", "convert", "detect", "track", "score", "read", "write"]

STAGES: Final[tuple[Stage, ...]] = (
    "decode",
    "convert",
    "detect",
    "track",
    "score",
    "read",
    "write",
)

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Profile:
    """A watch that one stage at a time runs on: the innermost that was begun.

    It counts time of the processor, not of the clock, of the thread that made it. What another
    thread asks of a picture that was on the watch is not counted.

    Args:
        is_alone: Whether the process does nothing else. What its other threads take is then the
            decoder's; networks asked with several threads would be counted there.

    Attributes:
        num_frames: So far.
    """

    def __init__(self, *, is_alone: bool = True) -> None:
        self.num_frames = 0
        self._is_alone, self._thread = is_alone, threading.get_ident()
        self._stages: list[Stage] = []
        self._spent_s = dict.fromkeys(STAGES, 0.0)
        self._others_s = time.process_time() - time.thread_time()
        self._since_s = time.thread_time()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """What is done meanwhile is of this stage."""
        if not self._is_ours:
            yield
            return
        self._charge()
        self._stages.append(stage)
        try:
            yield
        finally:
            self._charge()
            self._stages.pop()

    def seconds(self) -> dict[Stage, float]:
        """Of the processor, for each stage; to other threads, as of the last change of stage."""
        if self._is_ours:
            self._charge()
        if not self._is_alone:
            return dict(self._spent_s)
        others_s = time.process_time() - time.thread_time() - self._others_s
        return self._spent_s | {"decode": self._spent_s["decode"] + others_s}

    @property
    def _is_ours(self) -> bool:
        return threading.get_ident() == self._thread

    def engine(self, engine: Engine) -> Engine:
        """The same detector and networks, on the watch."""
        kind = _TimedWindows if isinstance(engine.detector, WindowDetector) else _TimedDetector
        return replace(
            engine,
            detector=kind(engine.detector, self),
            score=self._timed("score", engine.score),
            read=self._timed("read", engine.read),
        )

    def source(self, source: Source) -> Source:
        """The same frames, on the watch; crops that are cut out already are left alone."""
        if isinstance(source, CropStream):
            return source
        if isinstance(source, PictureSource):  # decoded by now; the pipeline must know what it is
            self.num_frames += 1
            return source
        return _TimedSource(source, self)

    def _timed(self, stage: Stage, call: Callable[[_In], _Out]) -> Callable[[_In], _Out]:
        def timed(value: _In, /) -> _Out:
            with self.stage(stage):
                return call(value)

        return timed

    def _charge(self) -> None:
        now_s = time.thread_time()
        if self._stages:
            self._spent_s[self._stages[-1]] += now_s - self._since_s
        self._since_s = now_s


class _TimedDetector:
    def __init__(self, detector: Detector, profile: Profile) -> None:
        self._detector, self._profile = detector, profile

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        with self._profile.stage("detect"):
            return self._detector.detect(rgb)


class _TimedWindows(_TimedDetector):
    _detector: WindowDetector

    def scale(self, width_px: int, height_px: int) -> float:
        return self._detector.scale(width_px, height_px)

    def look(self, rgb: Rgb) -> Sequence[Detection]:
        with self._profile.stage("detect"):
            return self._detector.look(rgb)


@dataclass(frozen=True, slots=True)
class _TimedPicture:
    picture: Picture
    profile: Profile

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.size

    def rgb(self) -> Rgb:
        with self.profile.stage("convert"):
            return self.picture.rgb()

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        with self.profile.stage("convert"):
            return self.picture.part(left, top, right, bottom)

    def small_part(self, left: int, top: int, right: int, bottom: int, scale: float) -> Rgb:
        with self.profile.stage("convert"):
            return self.picture.small_part(left, top, right, bottom, scale)

    def luma(self) -> Luma:
        with self.profile.stage("convert"):
            return self.picture.luma()


class _TimedSource:
    def __init__(self, source: FrameSource, profile: Profile) -> None:
        self.name, self.num_frames = source.name, source.num_frames
        self._source, self._profile = source, profile

    @property
    def fps(self) -> float:
        return self._source.fps

    @property
    def num_corrupt(self) -> int:
        return self._source.num_corrupt

    def frames(self) -> Iterator[Frame]:
        frames = self._source.frames()
        while True:
            with self._profile.stage("decode"):
                frame = next(frames, None)
            if frame is None:
                return
            self._profile.num_frames += 1
            pixels = frame.pixels
            if not isinstance(pixels, np.ndarray):
                frame = replace(frame, pixels=_TimedPicture(pixels, self._profile))
            yield frame
