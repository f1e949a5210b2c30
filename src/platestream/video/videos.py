"""Frames of a video file, at their real times."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from platestream.core.boundary import told_as
from platestream.core.errors import FrameDecodeError, SourceError, SourceLost, SourceNotFound
from platestream.core.limits import MAX_PICTURE_PIXELS
from platestream.core.types import Frame
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_size
from platestream.video.allocations import bound_allocations
from platestream.video.decoded import DecodedPicture
from platestream.video.decoders import DEFAULT_DECODER, hardware

# Containers whose header states the true duration; elsewhere FFmpeg can only estimate it.
_STATES_DURATION = ("matroska", "mov", "avi")
DECODER_LIMITS = {"max_pixels": str(MAX_PICTURE_PIXELS)}
"""For FFmpeg: it refuses frames of more before it takes memory for them."""

bound_allocations()

# A whole file may end this much before its stated duration: its last frame may not say how
# long it lasts, and durations are rounded.
_SLACK_S, _SLACK_FRAMES = 0.2, 2
_FIRST_YEAR = 1990


class VideoSource:
    """One video file.

    Args:
        path: The file.
        decoder: What decodes it, one of `decoders.DECODER_NAMES`.

    Attributes:
        name: The path as given.
        fps: Average frames per second.
        num_frames: How many frames to expect, for a progress bar; None when unknown.
        num_corrupt: Packets that could not be decoded, so far, in the last `frames` run.
    """

    def __init__(self, path: Path, decoder: str = DEFAULT_DECODER) -> None:
        """Open the file once to see that it is a video and how long it is.

        Raises:
            ConfigError: there is no such decoder here.
            SourceNotFound: it is not there, is empty, or is no video.
        """
        hardware(decoder)
        self.path, self.decoder = path, decoder
        self.name = str(path)
        self.num_corrupt = 0
        with _told(path, SourceNotFound), open_video(path) as container:
            stream = container.streams.video[0]
            self.fps = float(stream.average_rate or stream.guessed_rate or 25)
            self._duration_s = _stated_duration_s(container)
            self.num_frames = _num_frames(container, stream, self.fps)

    def frames(self) -> Iterator[Frame]:
        """Decode the video from its start, skipping what is corrupt.

        ``pts_s`` counts from the first frame and always grows. Frames are turned upright as
        the file's display matrix says.

        Raises:
            FrameDecodeError: no frame at all could be decoded, or frames are of a size that
                no camera makes.
            SourceLost: the file ends well before its stated duration; raised after every
                frame that is there has been given.
        """
        self.num_corrupt = 0
        num_frames = 0
        with _told(self.path, SourceLost), open_video(self.path, self.decoder) as container:
            stream = container.streams.video[0]
            clock = Clock(stream.time_base or Fraction(1, av.time_base), self.fps)
            # Frame threading; libav's default decodes on one core.
            stream.thread_type = "AUTO"
            for picture in self._decode(container, stream, clock):
                frame = Frame(num_frames, clock.pts_s(picture.pts), DecodedPicture(picture))
                if num_frames == 0:
                    check_size(*frame.size, self.name, MIN_CROP_SIDE_PX)
                yield frame
                num_frames += 1
        if num_frames == 0:
            msg = f"{self.path}: not one frame can be decoded; convert or record it again"
            raise FrameDecodeError(msg)
        self._check_whole(num_frames, clock.end_s)

    def _decode(
        self, container: InputContainer, stream: VideoStream, clock: "Clock"
    ) -> Iterator[VideoFrame]:
        for packet in packets_of(container):
            clock.saw(packet)
            if packet.stream.index == stream.index:
                yield from self._decode_packet(stream, packet)
        # What the decoder still holds back.
        yield from self._decode_packet(stream, None)

    def _decode_packet(
        self, stream: VideoStream, packet: "Packet[VideoStream] | None"
    ) -> list[VideoFrame]:
        try:
            return stream.decode(packet)
        except av.error.FFmpegError:
            self.num_corrupt += 1
            return []

    def breaks_off(self, end_s: float) -> bool:
        """Whether a file that reaches to `end_s` ends well before its stated duration."""
        slack_s = max(_SLACK_S, _SLACK_FRAMES / self.fps)
        return self._duration_s is not None and end_s < self._duration_s - slack_s

    def _check_whole(self, num_frames: int, end_s: float) -> None:
        if self.breaks_off(end_s):
            expected = f" of {self.num_frames}" if self.num_frames else ""
            msg = (
                f"{self.path}: the video breaks off after {end_s:.1f} of {self._duration_s:.1f} s"
                f" ({num_frames}{expected} frames); what came before was read, copy the file again"
            )
            raise SourceLost(msg)


class Clock:
    """Times that start at 0 and always grow, whatever the file's timestamps do."""

    def __init__(self, time_base: Fraction, fps: float) -> None:
        # Frames drained at the end of a file know no time base; it is the stream's.
        self._time_base = time_base
        self._step_s = 1 / fps
        self._start_pts: int | None = None
        self._last_s = -self._step_s
        self._first_s = 0.0
        self.end_s = 0.0
        """How far any stream of the file reaches."""

    def saw(self, packet: "Packet[Any]") -> None:
        """Note a packet of any stream for `end_s`."""
        if packet.pts is None:
            return
        begin_s = float(packet.pts * packet.time_base)
        # Some containers count their duration from 0, some from the first packet.
        self._first_s = min(self._first_s, begin_s)
        end_s = begin_s + float((packet.duration or 0) * packet.time_base)
        self.end_s = max(self.end_s, end_s - self._first_s)

    def pts_s(self, pts: int | None) -> float:
        """Seconds from the first picture; one step on where the file's time is missing or old."""
        if self._start_pts is None:
            self._start_pts = pts
        pts_s = -1.0
        if pts is not None and self._start_pts is not None:
            pts_s = float((pts - self._start_pts) * self._time_base)
        self._last_s = pts_s if pts_s > self._last_s else self._last_s + self._step_s
        return self._last_s


def packets_of(container: InputContainer) -> Iterator["Packet[Any]"]:
    """Every packet up to the end, or to where the container breaks off.

    Packets of a stream that appears in mid-file, which PyAV does not know, are passed over.
    """
    while True:
        try:
            # FFmpeg ends with one empty packet a stream, which would flush the decoder.
            yield from (packet for packet in container.demux() if packet.size)
        except IndexError:
            continue
        except av.error.FFmpegError:
            return
        return


def _told(path: Path, kind: type[SourceError]) -> AbstractContextManager[None]:
    return told_as(kind, str(path), "what came before was read; copy the file again")


def open_video(path: Path, decoder: str = DEFAULT_DECODER) -> InputContainer:
    """Open a file that holds a video; the caller closes it.

    Raises:
        ConfigError: there is no such decoder here.
        SourceNotFound: it is not there, is empty, or is no video.
    """
    problem, hwaccel = "cannot be opened", hardware(decoder)
    try:
        if path.stat().st_size == 0:
            problem = "the file is empty"
        else:
            container = av.open(
                path, metadata_errors="replace", options=DECODER_LIMITS, hwaccel=hwaccel
            )
            if container.streams.video and not _is_no_video(container.format.name):
                container.streams.video[0].codec_context.options = DECODER_LIMITS
                return container
            container.close()
            problem = "holds no video"
    except (OSError, av.error.FFmpegError) as error:
        problem = f"cannot be opened as a video ({error.strerror})"
    msg = f"{path}: {problem}; check the path, or copy the file again if its end is missing"
    raise SourceNotFound(msg)


def _is_no_video(format_name: str) -> bool:
    """Whether FFmpeg would draw a text as a terminal's screen, or the file is one picture.

    Those are decoded by `pictures` alone, which bounds what they cost.
    """
    return format_name in ("tty", "image2") or format_name.endswith("_pipe")


def recorded_at(path: Path) -> datetime | None:
    """When a video says it was recorded, UTC; None where it does not.

    Raises:
        SourceNotFound: it is not there, is empty, or is no video.
    """
    with open_video(path) as container:
        said = container.metadata.get("creation_time", "")
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    # Recorders without a clock write the first moment there is.
    return None if at.year < _FIRST_YEAR else at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def _stated_duration_s(container: InputContainer) -> float | None:
    known = container.format.name.startswith(_STATES_DURATION)
    return container.duration / av.time_base if known and container.duration else None


def _num_frames(container: InputContainer, stream: VideoStream, fps: float) -> int | None:
    if stream.frames:
        return stream.frames
    return round(container.duration / av.time_base * fps) if container.duration else None
