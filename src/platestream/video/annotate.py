"""Video with the plates drawn on it, see `drawing`."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from platestream.core.errors import StoreError
from platestream.core.private import open_private
from platestream.core.types import Frame, PlateDecision
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.video.drawing import Annotator

_ENCODER_ERRORS = (OSError, av.error.FFmpegError)
_TIME_BASE = Fraction(1, 90_000)

MAX_GAP_S = 3600.0
"""A longer pause between two frames is drawn as this: the file format holds none of half a day,
and broken sources have frames that are a year apart."""


class AnnotatedVideo:
    """Writes annotated frames to an MP4 file, each at its own presentation time.

    Args:
        path: The file to make.
        min_confidence: See `Annotator`.

    Raises:
        StoreError: it cannot be written.
    """

    def __init__(self, path: Path, min_confidence: float = MIN_CONFIDENCE) -> None:
        self._path = path
        self._annotator = Annotator(min_confidence)
        self._last_pts = -1
        self._last_s = self._skipped_s = 0.0
        try:
            # PyAV opens the file only at its first packet, and for everybody to read.
            open_private(path, "wb").close()
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
        drawn = self._annotator.draw(frame.rgb, decisions)[:height, :width]
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24")
        at_s = frame.pts_s - self._skipped_s
        if at_s - self._last_s > MAX_GAP_S:
            self._skipped_s += at_s - self._last_s - MAX_GAP_S
            at_s = self._last_s + MAX_GAP_S
        self._last_s = max(self._last_s, at_s)
        # Times must rise, even where a broken source repeats one.
        self._last_pts = max(self._last_pts + 1, round(at_s / _TIME_BASE))
        picture.pts, picture.time_base = self._last_pts, _TIME_BASE
        try:
            self._container.mux(self._stream.encode(picture))
        except _ENCODER_ERRORS as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> StoreError:
        return StoreError(f"{self._path}: cannot write the annotated video: {error}")
