"""Video with each plate's outline, reading, score and state drawn on it."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from platestream.core.errors import StoreError
from platestream.core.types import Frame, PlateDecision, Rgb

READ_COLOUR = (40, 200, 80)
CARRIED_COLOUR = (255, 176, 0)
_ENCODER_ERRORS = (OSError, av.error.FFmpegError)
_TIME_BASE = Fraction(1, 90_000)


def draw_decisions(rgb: Rgb, decisions: Sequence[PlateDecision]) -> Rgb:
    """Draw plates on a copy of a frame.

    A green plate was read in this very frame, an amber one carries its reading forward. The
    label gives the reading, its confidence, and this frame's quality.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        decisions: The plates in view.
    """
    canvas = rgb.copy()
    size = max(14, rgb.shape[0] // 36)
    font = cv2.FontFace("sans")
    for decision in decisions:
        colour = READ_COLOUR if decision.was_read else CARRIED_COLOUR
        x1, y1, _, y2 = (round(v) for v in decision.crop.box_xyxy)
        outline = np.rint(decision.crop.corners).astype(np.int32)
        cv2.polylines(canvas, [outline], True, colour, max(2, size // 10), cv2.LINE_AA)
        state = "read" if decision.was_read else "kept"
        reading = decision.reading
        label = f"{reading.text or '?'}  {decision.confidence:.2f}  q{decision.quality:.2f} {state}"
        width = cv2.getTextSize((0, 0), label, (0, 0), font, size)[2]
        left = int(np.clip(x1, 0, max(0, rgb.shape[1] - width - 8)))
        bottom = y1 - 4 if y1 > size + 12 else y2 + size + 10
        cv2.rectangle(canvas, (left, bottom - size - 6), (left + width + 8, bottom), colour, -1)
        cv2.putText(canvas, label, (left + 4, bottom - size // 3), (0, 0, 0), font, size)
    return canvas


class AnnotatedVideo:
    """Writes annotated frames to an MP4 file, each at its own presentation time.

    Args:
        path: The file to make.

    Raises:
        StoreError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last_pts = -1
        try:
            path.touch()  # PyAV opens the file only at its first packet
            self._container = av.open(str(path), "w", format="mp4")
        except _ENCODER_ERRORS as error:
            raise self._error(error) from error
        self._stream: av.VideoStream | None = None

    def __enter__(self) -> "AnnotatedVideo":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            try:
                if self._stream:
                    self._container.mux(self._stream.encode(None))
            finally:
                self._container.close()
        except _ENCODER_ERRORS as failure:
            raise self._error(failure) from failure

    def write(self, frame: Frame, decisions: Sequence[PlateDecision]) -> None:
        """Draw on a frame and append it.

        Raises:
            StoreError: the file cannot be written, for example because the disk is full.
        """
        # 4:2:0 video has even sides.
        height, width = (side // 2 * 2 for side in frame.rgb.shape[:2])
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=25)
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = _TIME_BASE
            self._stream.options = {"preset": "veryfast", "crf": "23"}
        drawn = draw_decisions(frame.rgb, decisions)[:height, :width]
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24")
        # Times must rise, even where a broken source repeats one.
        self._last_pts = max(self._last_pts + 1, round(frame.pts_s / _TIME_BASE))
        picture.pts, picture.time_base = self._last_pts, _TIME_BASE
        try:
            self._container.mux(self._stream.encode(picture))
        except _ENCODER_ERRORS as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> StoreError:
        return StoreError(f"{self._path}: cannot write the annotated video: {error}")
