"""A camera as a source of frames: decoded in a thread of its own, connected to again and again."""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from platestream.core.backoff import Backoff
from platestream.core.errors import SourceError
from platestream.core.types import Frame
from platestream.live.feeds import PATIENCE, FeedSettings, RawFrame
from platestream.live.health import CameraHealth, Rate
from platestream.live.registry import open_feed
from platestream.live.sight import SightSampler
from platestream.live.slot import RateLimit, Slot
from platestream.live.status import CameraStatus
from platestream.live.timeline import Timeline
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_size
from platestream.video.decoders import DEFAULT_DECODER

SILENCE_S = 5.0
"""After so long without a frame, `LiveSource.frames` ends: every plate that was in view has left
(`stream.passages` waits four seconds), and its event must not wait until the camera is back."""

STABLE_S = 10.0
"""A connection that held for so long was a good one: the next wait is short again."""

CLOSE_S = 3.0
"""How long closing waits for the decoding thread, which may hang in a dead connection."""


class LiveSource:
    """A camera, or what stands for one, as a `FrameSource` without end.

    Args:
        name: What to call it.
        url: ``rtsp://``, ``http://``, a webcam (device or number), a video file or a folder; see
            `registry.FEEDS`.
        username: Put into the url.
        password: The same; neither this nor one in the url is ever told.
        transport: Of RTSP: "tcp" or "udp".
        timeout_s: Longest time without a picture before connecting anew.
        loop: Play a file again and again.
        existing: Whether a folder's files that are there already are read too.
        max_fps: Leave out frames that come faster; a folder's never.
        frozen_after_s: So long the same picture, and the camera is frozen; None never.
        decoder: What decodes its video, one of `decoders.DECODER_NAMES`.
        backoff: Waits between attempts.

    Attributes:
        name: As given.
        num_frames: None: nobody knows.

    Raises:
        ConfigError: the url is of a kind that no camera has.
    """

    num_frames: int | None = None

    def __init__(
        self,
        name: str,
        url: str,
        *,
        username: str = "",
        password: str = "",
        transport: str = "tcp",
        timeout_s: float = 10.0,
        loop: bool = False,
        existing: bool = False,
        max_fps: float | None = None,
        frozen_after_s: float | None = 30.0,
        decoder: str = DEFAULT_DECODER,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self._stop = threading.Event()
        self._feed = open_feed(
            FeedSettings(
                url=url,
                stop=self._stop,
                report=self.note,
                username=username,
                password=password,
                transport=transport,
                timeout_s=timeout_s,
                loop=loop,
                existing=existing,
                decoder=decoder,
            )
        )
        # Pictures of a folder come when somebody makes one.
        silence_s = math.inf if self._feed.keeps_all else PATIENCE * timeout_s
        self._status = CameraStatus(name, silence_s)
        self._slot: Slot[tuple[float, RawFrame]] = Slot()
        if self._feed.keeps_all:
            self._put, self._sight, max_fps = self._slot.put_when_free, None, None
        else:
            self._put, self._sight = self._slot.put, SightSampler(frozen_after_s)
        self._max_fps, self._limit = max_fps, RateLimit(max_fps)
        self._backoff = backoff or Backoff()
        self._timeline = Timeline()
        self._drops, self._num_noted = Rate(), 0
        self._decode_s = 0.0
        self._num_given = 0
        self._thread = threading.Thread(target=self._run, name=f"decode-{name}", daemon=True)

    @property
    def fps(self) -> float:
        """Frames per second as the camera states them, or as they are limited to."""
        return min(self._feed.fps, self._max_fps or self._feed.fps)

    @property
    def num_corrupt(self) -> int:
        """Frames, or a folder's files, that could not be decoded."""
        return self._feed.num_corrupt

    @property
    def num_dropped(self) -> int:
        """Frames left out: a newer one replaced them, or only key frames were decoded."""
        return self._slot.num_dropped + self._feed.num_skipped

    @property
    def is_over(self) -> bool:
        """Whether no frame will ever come again."""
        return self._slot.is_empty_for_good

    def frames(self) -> Iterator[Frame]:
        """Give the newest frame whenever one is asked for and there is one.

        Ends after `SILENCE_S` without any, and goes on where it ended when called again, unless
        the source `is_over`.
        """
        if self._thread.ident is None:
            self._thread.start()
        while taken := self._slot.take(SILENCE_S):
            pts_s, raw = taken
            frame = Frame(self._num_given, pts_s, raw.pixels())
            check_size(*frame.size, self.name, MIN_CROP_SIDE_PX)
            self._num_given += 1
            yield frame

    def wall_time(self, pts_s: float) -> datetime:
        """When a frame that was given was taken, UTC."""
        return self._timeline.wall_time(pts_s)

    def close(self, within_s: float = CLOSE_S) -> None:
        """Stop; frames that were decoded already may still be taken."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def stop(self) -> None:
        """Ask it to stop, and do not wait."""
        self._stop.set()
        self._slot.close()

    def health(self) -> CameraHealth:
        """How the camera does; what is read of it is not known here."""
        return replace(
            self._status.health(),
            fps_dropped=self._drops.per_s(),
            cpu_s={"decode": self._decode_s},
            num_dropped=self.num_dropped,
            num_corrupt=self.num_corrupt,
            brightness=self._sight.brightness if self._sight else 0.0,
        )

    def note(self, problem: str) -> None:
        """Log what is wrong with this camera, and show it in its health."""
        self._status.note(problem)

    def note_unexpected(self, error: Exception) -> None:
        """The same for what should not happen: where it did goes to the log, without passwords."""
        self._status.note_unexpected(error)

    def _run(self) -> None:
        """Connect, decode, and connect again, until stopped or the feed is over."""
        while not self._stop.is_set():
            begin_s = time.monotonic()
            try:
                for raw in self._feed.frames():
                    self._see(raw)
                break
            except SourceError as error:
                self.note(str(error))
            except Exception as error:  # noqa: BLE001 - whatever it was, the camera must go on
                self.note_unexpected(error)
            self._status.lose()
            if time.monotonic() - begin_s > STABLE_S:
                self._backoff.succeed()
            self._stop.wait(self._backoff.fail())
        self._status.end()
        self._slot.close()

    def _see(self, raw: RawFrame) -> None:
        """Note what a frame tells of the camera, and offer it to who reads."""
        now_s = time.monotonic()
        self._status.tick(now_s)
        if not self._status.is_connected:
            self._status.begin()
            if self._sight:
                self._sight.begin()
        if self._sight and (sight := self._sight.look(raw, now_s)):
            self._status.show(sight)
        if self._limit.lets_pass(now_s):
            self._status.take(raw.at)
            self._put((self._timeline.stamp(raw.elapsed_s, raw.at), raw))
        for _ in range(self.num_dropped - self._num_noted):
            self._drops.tick(now_s)
            self._num_noted += 1
        self._decode_s = time.thread_time()  # this thread does nothing else
