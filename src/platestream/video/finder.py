"""Where and when to look for plates, so that each is found soon and nothing is looked at twice.

The detector costs most of a video's time. New plates show within a tenth of a second where
something moved; those that are known are followed in small windows around where they are
expected; what stands still is remembered.
"""

from collections.abc import Sequence
from typing import Final

from platestream.core.boxes import iou
from platestream.core.detector import Detector, WindowDetector
from platestream.core.types import Detection, Frame
from platestream.video.follow import Followed
from platestream.video.motion import MotionMap
from platestream.video.tracking import ExpectedPlate
from platestream.video.windows import Window, join, look_at, window_around

LOOK_S: Final = 0.1
"""So much later than at every frame a new plate may be found."""

IDLE_LOOK_S: Final = 0.13
"""How often to look while no plate is in view."""

STILL_S: Final = 1.0
"""Longest time without a look at the whole frame, however still. These looks are at the first frame
of each such span of the source's own time, not so long after the last one: then two runs over one
video that began at different places look at the same frames from there on."""

FINE_S: Final = 0.2
"""Looks in between are coarse, at half the size: they find new plates that are not small."""

_COARSE: Final = 0.5
_WHOLE_SHARE: Final = 0.7
"""Of the frame; parts that cover more are looked at as a whole."""

_SAME_IOU: Final = 0.3


class Finder:
    """Finds the plates of each frame of one source.

    Args:
        detector: Finds plates in pictures. Only a `WindowDetector` is shown parts of frames.
        every_frame: Look at the whole of every frame, whatever it shows.
    """

    def __init__(self, detector: Detector, *, every_frame: bool = False) -> None:
        self._detector, self._every_frame = detector, every_frame
        self._windowed = detector if isinstance(detector, WindowDetector) else None
        self._motion = MotionMap()
        self._now_s = -STILL_S
        self._fine_s = self._looked_s = float("-inf")
        self._guessed: list[Detection] = []

    def find(
        self, frame: Frame, expected: Sequence[ExpectedPlate], *, is_idle: bool
    ) -> Sequence[Detection]:
        """Find the plates of the next frame.

        Args:
            frame: The next one of its source.
            expected: The plates of the last frame.
            is_idle: Whether no plate is in view, nor might come back.

        Returns:
            As the detector does; what stands still is as it was when it was last looked at.
        """
        if self._every_frame:
            return self._detector.detect(frame.rgb)
        last_s, self._now_s = self._now_s, frame.pts_s
        has_coasted, self._guessed = bool(self._guessed), []
        is_new_second = frame.pts_s < last_s or frame.pts_s // STILL_S != last_s // STILL_S
        is_due = self._is_due(frame.pts_s, is_idle=is_idle)
        if self._windowed and not (is_new_second or is_due or expected):
            return []
        has_moved = self._motion.see(frame.luma)
        if is_new_second:
            return self._look_at_all(frame)
        if not has_moved:
            return [plate.seen for plate in expected]
        if self._windowed is None:
            return self._look_at_all(frame) if is_due or not is_idle else []
        return self._look_at_parts(
            self._windowed, frame, expected, is_due=is_due, has_coasted=has_coasted
        )

    def has_guessed(self, plate: Detection) -> bool:
        """Whether nobody looked for this very plate that the last `find` gave."""
        return any(plate is each for each in self._guessed)

    def _is_due(self, now_s: float, *, is_idle: bool) -> bool:
        """Whether it is time to look for new plates."""
        waited_s = now_s - self._looked_s
        # A thousandth more: three frames of 30 a second are a tenth of a second.
        return waited_s >= IDLE_LOOK_S if is_idle else waited_s > LOOK_S + 0.001

    def _look_at_all(self, frame: Frame) -> Sequence[Detection]:
        self._fine_s = self._looked_s = frame.pts_s
        self._motion.looked_at(Window(0, 0, *frame.size))
        return self._detector.detect(frame.rgb)

    def _look_at_parts(
        self,
        detector: WindowDetector,
        frame: Frame,
        expected: Sequence[ExpectedPlate],
        *,
        is_due: bool,
        has_coasted: bool,
    ) -> Sequence[Detection]:
        size, scale = frame.size, detector.scale(*frame.size)
        parts: list[Window] = []
        coarse: list[Detection] = []
        if is_due:
            self._looked_s = frame.pts_s
            parts = self._motion.moved()
            is_whole = sum(part.area_px for part in parts) > _WHOLE_SHARE * size[0] * size[1]
            if frame.pts_s - self._fine_s >= FINE_S:
                if is_whole:
                    return self._look_at_all(frame)
                self._fine_s = frame.pts_s
            else:
                parts = [Window(0, 0, *size)] if is_whole else parts
                for part in parts:
                    coarse += look_at(detector, frame, part, scale * _COARSE, is_exact=False)
                # What is small may have been missed: these parts still count as changed.
                parts = []
        plates = [Followed(plate, size, scale) for plate in expected]
        kept: list[Detection] = []
        for plate in plates:
            if not self._motion.has_moved(plate.window):
                kept.append(plate.expected.seen)
            elif not is_due and plate.may_coast(again=has_coasted):
                self._guessed.append(plate.coasted())
            else:
                parts.append(plate.window)
        own = {plate.window: plate.zoom for plate in plates}
        windows = join(parts)
        if is_due:
            windows = join(window_around(window.box, size, scale) for window in windows)
        fresh: list[Detection] = []
        for window in windows:
            is_followed = any(window.touches(plate.window) for plate in plates)
            zoom = scale * own.get(window, 1.0)
            fresh += look_at(detector, frame, window, zoom, is_exact=is_followed)
            self._motion.looked_at(window)
        fresh.sort(key=lambda plate: -plate.score)
        return _once([*fresh, *kept, *self._guessed, *coarse])


def _once(plates: Sequence[Detection]) -> list[Detection]:
    """Leave out what shows a plate again; the first one counts."""
    kept: list[Detection] = []
    for plate in plates:
        boxes = [other.box_xyxy for other in kept]
        if not kept or iou(boxes, plate.box_xyxy).max() <= _SAME_IOU:
            kept.append(plate)
    return kept
