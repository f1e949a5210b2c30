"""What a live source is: frames of a camera, or of what stands for one, and what opens it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame

from platestream.core.types import Picture, Rgb
from platestream.live.frozen import Gray
from platestream.video.decoded import DecodedPicture
from platestream.video.decoders import DEFAULT_DECODER

PATIENCE = 2
"""Times `timeout_s` without a picture while only key frames are decoded, or before the first one:
a camera may send one each ten seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class RawFrame:
    """A frame as it was decoded, and when it was taken.

    Attributes:
        image: It becomes upright pixels only when somebody takes it.
        elapsed_s: Seconds since the feed was made, of a clock that does not jump.
        at: The time of day.
    """

    image: VideoFrame | Rgb
    elapsed_s: float
    at: datetime

    def pixels(self) -> Rgb | Picture:
        """All of it, upright."""
        return DecodedPicture(self.image) if isinstance(self.image, VideoFrame) else self.image

    def luma(self, step_px: int) -> Gray:
        """Brightness of every so many-th pixel each way: cheap, and noise stays noise."""
        if isinstance(self.image, VideoFrame):
            luma = self.image.reformat(format="gray", threads=1).to_ndarray()
        else:
            luma = self.image[:, :, 1]
        return np.ascontiguousarray(luma[::step_px, ::step_px])


class Feed(Protocol):
    """Frames of a camera, or of what stands for one.

    Attributes:
        keeps_all: Whether each frame counts, as of files in a folder: it waits until somebody
            takes it. Otherwise it is a running picture: the newest frame counts, others may be
            left out, and one that stands still is frozen.
        fps: Frames per second as stated, once connected.
        num_corrupt: Frames or files that could not be decoded, so far.
        num_skipped: Frames that were not decoded because we were too slow, so far.
    """

    keeps_all: bool
    fps: float
    num_corrupt: int
    num_skipped: int

    def frames(self) -> Iterator[RawFrame]:
        """Connect and give what comes; ends when there is nothing more to come, ever.

        Raises:
            SourceNotFound: there is no connection to be had, now.
            SourceLost: it broke off.
        """


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FeedSettings:
    """What a feed is opened with; each kind takes what concerns it.

    Attributes:
        url: As the user wrote it.
        stop: Set when no more is wanted.
        report: Told of trouble that does not end the feed, such as one file that is broken.
        username: Of the camera.
        password: Of that user.
        transport: Of RTSP: "tcp" or "udp".
        timeout_s: Longest time without a picture.
        loop: Play a file again and again.
        existing: Whether a folder's files that are there already are read too.
        decoder: What decodes video, one of `decoders.DECODER_NAMES`.
    """

    url: str
    stop: threading.Event
    report: Callable[[str], None]
    username: str = ""
    password: str = ""
    transport: str = "tcp"
    timeout_s: float = 10.0
    loop: bool = False
    existing: bool = False
    decoder: str = DEFAULT_DECODER
