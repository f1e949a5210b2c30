"""A camera as a source of frames: decoded in a thread of its own, connected to again and again."""

import logging
import random
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from platestream.core.backoff import Backoff
from platestream.core.errors import SourceError
from platestream.core.types import Frame, Rgb
from platestream.core.urls import mask_url
from platestream.live.feeds import Feed, Picture, Shot, StreamFeed, full_address
from platestream.live.folder import FolderFeed
from platestream.live.frozen import Gray, SightWatch
from platestream.live.health import CameraHealth, CameraState, Rate
from platestream.live.slot import Slot
from platestream.live.timeline import Timeline
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture
from platestream.video.videos import upright_rgb

logger = logging.getLogger(__name__)

SILENCE_S = 5.0
"""After so long without a frame, `LiveSource.frames` ends: every plate that was in view has left
(`stream.passages` waits four seconds), and its event must not wait until the camera is back."""

LOOK_EVERY_S = 0.5
"""How often two pictures are looked at for being frozen or black, on average: at regular times they
might always be key frames."""

LOOK_STEP_PX = 8

STABLE_S = 10.0
"""A connection that held for so long was a good one: the next wait is short again."""

CLOSE_S = 3.0
"""How long closing waits for the decoding thread, which may hang in a dead connection."""


class LiveSource:
    """A camera, or what stands for one, as a `FrameSource` without end.

    Args:
        name: What to call it.
        url: ``rtsp://``, ``http://``, a webcam (device or number), a video file or a folder.
        username: Put into the url.
        password: The same; neither this nor one in the url is ever told.
        transport: Of RTSP: "tcp" or "udp".
        timeout_s: Longest silence before connecting anew.
        loop: Play a file again and again.
        existing: Whether a folder's files that are there already are read too.
        max_fps: Leave out pictures that come faster.
        frozen_after_s: So long the same picture, and the camera is frozen; None never.
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
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self._address = full_address(url, username, password)
        self._stop = threading.Event()
        self._feed: Feed
        if _is_folder(self._address):
            folder = Path(self._address)
            self._feed = FolderFeed(folder, self._stop, self.note, existing=existing)
        else:
            self._feed = StreamFeed(
                self._address, self._stop, timeout_s=timeout_s, transport=transport, loop=loop
            )
        self._least_gap_s = 1 / max_fps if max_fps else 0.0
        self._watch = SightWatch(frozen_after_s or float("inf"))
        self._backoff = backoff or Backoff()
        self._before: Gray | None = None
        self._slot: Slot[tuple[float, Picture]] = Slot()
        self._timeline = Timeline()
        self._thread = threading.Thread(target=self._run, name=f"decode-{name}", daemon=True)
        self._begin_s = self._next_s = self._next_look_s = time.monotonic()
        self._num_given = self._num_reconnects = 0
        self._rate = Rate()
        self._state: CameraState = "connecting"
        self._since = datetime.now(UTC)
        self._last_frame_at: datetime | None = None
        self._last_error = ""

    @property
    def fps(self) -> float:
        """Frames per second as the camera states them, or as they are limited to."""
        return min(self._feed.fps, 1 / self._least_gap_s) if self._least_gap_s else self._feed.fps

    @property
    def num_corrupt(self) -> int:
        """Pictures that could not be decoded."""
        return self._feed.num_corrupt

    @property
    def num_dropped(self) -> int:
        """Pictures that a newer one replaced before anybody looked at them."""
        return self._slot.num_dropped

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
            pts_s, picture = taken
            rgb = _pixels(picture)
            check_picture(rgb, self.name, MIN_CROP_SIDE_PX)
            self._num_given += 1
            yield Frame(self._num_given - 1, pts_s, rgb)

    def wall_time(self, pts_s: float) -> datetime:
        """When a frame that was given was taken, UTC."""
        return self._timeline.wall_time(pts_s)

    def close(self) -> None:
        """Stop; frames that were decoded already may still be taken."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)

    def stop(self) -> None:
        """Ask it to stop, and do not wait."""
        self._stop.set()
        self._slot.close()

    def health(self) -> CameraHealth:
        """What a camera without a reader can know of itself."""
        return CameraHealth(
            state=self._state,
            since=self._since,
            fps_in=self._rate.per_s(),
            num_dropped=self.num_dropped,
            num_corrupt=self.num_corrupt,
            num_reconnects=self._num_reconnects,
            brightness=self._watch.brightness,
            last_frame_at=self._last_frame_at,
            last_error=self._last_error,
        )

    def note(self, problem: str) -> None:
        """Log what is wrong with this camera, and show it in its health."""
        problem = mask_url(problem)
        if problem != self._last_error:
            logger.warning("camera %s: %s", self.name, problem)
        self._last_error = problem

    def note_unexpected(self, error: Exception) -> None:
        """The same for what should not happen: where it did goes to the log, without passwords."""
        where = "".join(traceback.format_exception(error))
        logger.error("camera %s: an unexpected error\n%s", self.name, mask_url(where))
        self.note(f"an unexpected error ({type(error).__name__}); see the log")

    def _run(self) -> None:
        """Connect, decode, and connect again, until stopped or the feed is over."""
        while not self._stop.is_set():
            begin_s = time.monotonic()
            try:
                for shot in self._feed.shots():
                    self._put(shot)
                break
            except SourceError as error:
                self.note(str(error))
            except Exception as error:  # noqa: BLE001 - whatever it was, the camera must go on
                self.note_unexpected(error)
            self._set_state("connecting" if self._state == "connecting" else "lost")
            if time.monotonic() - begin_s > STABLE_S:
                self._backoff.succeed()
            self._stop.wait(self._backoff.fail())
        self._set_state("ended")
        self._slot.close()

    def _put(self, shot: Shot) -> None:
        now_s = time.monotonic()
        self._rate.tick(now_s)
        if self._state in ("connecting", "lost"):
            self._num_reconnects += self._state == "lost"
            self._set_state("live")
            # How it looked before it was lost tells nothing of now.
            self._watch, self._before = SightWatch(self._watch.frozen_after_s), None
        # Files of a folder are no camera's running picture.
        if self._feed.may_drop and now_s >= self._next_look_s:
            self._look(shot.picture, now_s)
        if self._feed.may_drop:
            if now_s < self._next_s:
                return
            self._next_s = max(self._next_s + self._least_gap_s, now_s - self._least_gap_s)
        elapsed_s = shot.elapsed_s - self._begin_s if self._feed.may_drop else shot.elapsed_s
        pts_s = self._timeline.stamp(elapsed_s, shot.at)
        self._last_frame_at = shot.at
        put = self._slot.put if self._feed.may_drop else self._slot.put_when_free
        put((pts_s, shot.picture))

    def _look(self, picture: Picture, now_s: float) -> None:
        gray = _gray(picture)
        if self._before is None:
            self._before = gray
            return
        self._set_state(self._watch.see(self._before, gray, now_s))
        self._before = None
        self._next_look_s = now_s + LOOK_EVERY_S * random.uniform(0.5, 1.5)

    def _set_state(self, state: CameraState) -> None:
        if state != self._state:
            logger.info("camera %s: %s", self.name, state)
            self._state, self._since = state, datetime.now(UTC)


def _is_folder(address: str) -> bool:
    """Whether an address is a folder, or may become one: no file is there, and none is named."""
    if "://" in address or address.startswith("/dev/"):
        return False
    path = Path(address)
    return path.is_dir() or not (path.exists() or path.suffix)


def _pixels(picture: Picture) -> Rgb:
    return upright_rgb(picture) if isinstance(picture, VideoFrame) else picture


def _gray(picture: Picture) -> Gray:
    """Luma of every eighth pixel each way: cheap, and noise stays noise."""
    if isinstance(picture, VideoFrame):
        luma = picture.reformat(format="gray").to_ndarray()
    else:
        luma = picture[:, :, 1]
    return np.ascontiguousarray(luma[::LOOK_STEP_PX, ::LOOK_STEP_PX])
