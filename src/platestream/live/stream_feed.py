"""A camera's stream, webcam or file: one connection after another, decoded by FFmpeg."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from platestream.core.errors import SourceError, SourceLost, SourceNotFound
from platestream.core.reach import WRONG_LOGIN
from platestream.core.text import counted
from platestream.core.urls import shown_address
from platestream.live.camera_reach import why_no_camera
from platestream.live.feeds import PATIENCE, RawFrame
from platestream.live.timeline import Lag
from platestream.video.decoders import DEFAULT_DECODER, hardware
from platestream.video.pictures import decode_picture, has_too_many_scans
from platestream.video.videos import DECODER_LIMITS

LATE_S, PUNCTUAL_S = 2.0, 0.5
"""When a stream is read later than the first, only key frames are decoded until it is read no
later than the second: what waits on the way must not grow."""

SNAPSHOT_EVERY_S = 1.0
"""An address that gives one picture is asked again after this."""

# A playlist or a session description that a stranger serves must not make FFmpeg read our files.
_PROTOCOLS = "http,https,httpproxy,rtmp,rtmps,rtp,rtsp,rtsps,srt,tcp,tls,udp,crypto"

Skip: TypeAlias = Literal["NONE", "DEFAULT", "NONREF", "BIDIR", "NONINTRA", "NONKEY", "ALL"]
"""What a decoder of FFmpeg leaves out, in its words."""


class _PictureWatch:
    """Watches for pictures, not packets, of one connection.

    Args:
        timeout_s: Longest time without one.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s, self._has_seen = timeout_s, False
        self.seen_s = time.monotonic()

    def silence_s(self, num_images: int, *, is_sparse: bool) -> float | None:
        """How long there has been no picture, if that is too long."""
        now_s = time.monotonic()
        if num_images:
            self.seen_s, self._has_seen = now_s, True
        is_patient = is_sparse or not self._has_seen
        silence_s = now_s - self.seen_s
        return silence_s if silence_s > self._timeout_s * (PATIENCE if is_patient else 1) else None


class StreamFeed:
    """A stream, webcam or video file.

    Args:
        address: As FFmpeg wants it, credentials and all.
        stop: Set when no more is wanted.
        timeout_s: Longest silence.
        transport: Of RTSP.
        loop: Begin again at the end of what has one.
        decoder: What decodes it, one of `decoders.DECODER_NAMES`.
    """

    keeps_all = False

    def __init__(
        self,
        address: str,
        stop: threading.Event,
        *,
        timeout_s: float = 10.0,
        transport: str = "tcp",
        loop: bool = False,
        decoder: str = DEFAULT_DECODER,
    ) -> None:
        self.fps, self.num_corrupt, self.num_skipped = 25.0, 0, 0
        self._address, self._stop, self._loop = address, stop, loop
        self._timeout_s, self._transport, self._decoder = timeout_s, transport, decoder
        self._scheme = address.split("://", 1)[0].lower() if "://" in address else ""
        self._is_rtsp = self._scheme.startswith("rtsp")
        self._is_webcam = address.startswith("/dev/")
        self._begin_s = time.monotonic()

    def frames(self) -> Iterator[RawFrame]:
        """Connect and give what comes, files at their own pace."""
        while not self._stop.is_set():
            with self._connect() as container:
                # A file is read as fast as we take it, also from a web server; a stream is not.
                is_file = not self._is_webcam and (
                    not self._scheme or (bool(container.duration) and not self._is_rtsp)
                )
                is_snapshot = bool(self._scheme) and _is_picture(container)
                if is_snapshot:
                    yield from self._decode_snapshot(container)
                else:
                    yield from self._decode(container, is_paced=is_file)
            if self._stop.is_set():
                return
            if is_snapshot:
                self._stop.wait(SNAPSHOT_EVERY_S)
            elif not is_file:
                msg = f"{self._name}: the stream ended; is the camera on?"
                raise SourceLost(msg)
            elif not self._loop:
                return

    @property
    def _name(self) -> str:
        return shown_address(self._address)

    def _connect(self) -> InputContainer:
        # The limits here too: what a stream holds is found out by decoding some of it.
        options = dict(DECODER_LIMITS)
        if self._scheme:
            options["protocol_whitelist"] = _PROTOCOLS
        if self._is_rtsp:
            options |= {"rtsp_transport": self._transport, "allowed_media_types": "video"}
            # Give what there is at once, and do not watch for seconds first to guess the rate.
            options |= {"fflags": "nobuffer", "fpsprobesize": "2"}
        container, begin_s = None, time.monotonic()
        try:
            container = av.open(
                self._address,
                format="v4l2" if self._is_webcam else None,
                options=options,
                timeout=self._timeout_s if self._scheme else None,
                metadata_errors="replace",
                hwaccel=hardware(self._decoder),
            )
            stream = container.streams.video[0]
            # One thread: frames of several are held back until all have theirs.
            stream.codec_context.thread_count = 1
            stream.codec_context.options = DECODER_LIMITS
        except (OSError, av.error.FFmpegError, IndexError) as error:
            if container:
                container.close()
            waited_s = time.monotonic() - begin_s
            msg = f"{self._name}: cannot be opened ({self._reason(error, waited_s)})"
            raise SourceNotFound(msg) from None  # FFmpeg's own message holds the password
        self.fps = float(stream.average_rate or stream.guessed_rate or 25)
        return container

    def _decode(self, container: InputContainer, *, is_paced: bool) -> Iterator[RawFrame]:
        stream = container.streams.video[0]
        begin_s = heard_s = time.monotonic()
        lag, watch = Lag(), _PictureWatch(self._timeout_s)
        try:
            # All streams: sound that goes on says nothing of a picture that does not.
            packets: Iterator[Packet[Any]] = container.demux()
            for packet in packets:
                heard_s = time.monotonic()
                is_ours = packet.stream.index == stream.index
                images = self._decode_packet(stream, packet) if is_ours else []
                self._check_silence(watch, stream, len(images), is_paced=is_paced)
                for image in images:
                    late_s = 0.0
                    if is_paced:
                        due_s = begin_s + _seconds(image, stream)
                        self._stop.wait(max(0.0, due_s - time.monotonic()))
                    elif self._is_rtsp and image.time is not None:
                        late_s = lag.see(time.monotonic(), image.time)
                        stream.codec_context.skip_frame = skipping(
                            late_s, before=stream.codec_context.skip_frame
                        )
                    at = datetime.now(UTC) - timedelta(seconds=late_s)
                    yield RawFrame(image, time.monotonic() - self._begin_s - late_s, at)
                    watch.seen_s = time.monotonic()  # whoever takes the frame may take long
                if self._stop.is_set():
                    return
        except IndexError:
            msg = f"{self._name}: a stream came in between, as when a camera is set anew"
            raise SourceLost(msg) from None
        except (OSError, av.error.FFmpegError) as error:
            if isinstance(error, av.error.EOFError):
                return
            msg = f"{self._name}: broke off ({self._reason(error, time.monotonic() - heard_s)})"
            raise SourceLost(msg) from None

    def _check_silence(
        self, watch: _PictureWatch, stream: VideoStream, num_images: int, *, is_paced: bool
    ) -> None:
        is_sparse = stream.codec_context.skip_frame == "NONKEY"
        silence_s = watch.silence_s(num_images, is_sparse=is_sparse)
        if silence_s is not None and not is_paced:
            broken = counted(self.num_corrupt, "broken packet")
            msg = (
                f"{self._name}: no picture for {silence_s:.1f} s, though data comes "
                f"({broken} so far); see to the camera's encoder"
            )
            raise SourceLost(msg)

    def _decode_snapshot(self, container: InputContainer) -> Iterator[RawFrame]:
        """One picture, by the decoder that all pictures pass."""
        at, elapsed_s = datetime.now(UTC), time.monotonic() - self._begin_s
        try:
            data = next((bytes(packet) for packet in container.demux() if packet.size), b"")
        except (OSError, av.error.FFmpegError) as error:
            msg = f"{self._name}: broke off ({self._reason(error, 0.0)})"
            raise SourceLost(msg) from None
        try:
            rgb = decode_picture(data, self._name)
        except SourceError:
            self.num_corrupt += 1
            raise
        yield RawFrame(rgb, elapsed_s, at)

    def _decode_packet(
        self, stream: VideoStream, packet: "Packet[VideoStream]"
    ) -> list[VideoFrame]:
        if stream.codec_context.name == "mjpeg" and has_too_many_scans(bytes(packet)):
            self.num_corrupt += 1
            return []
        try:
            images = stream.decode(packet)
        except av.error.FFmpegError:
            self.num_corrupt += 1
            return []
        # Not by the packet: RTSP calls some key frames that the decoder does not.
        if not images and stream.codec_context.skip_frame == "NONKEY":
            self.num_skipped += 1
        whole = [image for image in images if not image.is_corrupt]
        self.num_corrupt += len(images) - len(whole)
        return whole

    def _reason(self, error: Exception, waited_s: float) -> str:
        """Why, in words, and what to do; FFmpeg knows not always that it was told to give up."""
        if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
            return WRONG_LOGIN
        if isinstance(error, IndexError):
            return "it holds no video; check the address"
        if self._scheme and waited_s >= self._timeout_s:
            return f"no answer for {self._timeout_s:g} s; check the address and the network"
        if self._scheme and (why := why_no_camera(self._address)):
            return why
        reason = getattr(error, "strerror", None) or type(error).__name__
        if isinstance(error, FileNotFoundError) and not self._scheme:
            # Of the name as it is shown: what looks like a login has no place in it.
            return f"{reason}; looked for {Path(self._name).absolute()}; correct the path"
        return f"{reason}; check the address"


def skipping(late_s: float, *, before: Skip) -> Skip:
    """What FFmpeg's decoder should skip of a stream that is read so late, see `LATE_S`."""
    if late_s > LATE_S:
        return "NONKEY"
    return "DEFAULT" if late_s < PUNCTUAL_S else before


def _is_picture(container: InputContainer) -> bool:
    return container.format.name == "image2" or container.format.name.endswith("_pipe")


def _seconds(image: VideoFrame, stream: VideoStream) -> float:
    """Time of a file's frame, from the file's start."""
    if image.pts is None or stream.time_base is None:
        return 0.0
    return float((image.pts - (stream.start_time or 0)) * stream.time_base)
