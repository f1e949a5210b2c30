"""Parts of a long video: where it can be cut, and one part of it as a source.

A cut is at a key frame, where decoding can begin. Frames keep the index and the time they have in
the whole video, so that what is read of a part is said as if the whole had been read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from platestream.core.errors import FrameDecodeError, SourceLost
from platestream.core.types import Frame
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_size
from platestream.video.decoded import DecodedPicture
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.videos import Clock, VideoSource, open_video


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame that decoding can begin at.

    Attributes:
        index: Its frame index, in the order frames are shown.
        pts: Its time in the file's own unit.
    """

    index: int
    pts: int


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """Where a video can be cut.

    Attributes:
        frames: In order; the first is the first frame.
        num_frames: Of the whole video.
        unit_s: The file's unit of time, in seconds.
    """

    frames: tuple[KeyFrame, ...]
    num_frames: int
    unit_s: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a video.

    Attributes:
        start: The key frame where decoding begins: before `begin`, so that tracks settle.
        first_pts: Time of the whole video's first frame, in the file's unit.
        begin: Index of the first frame that counts.
        end: Index after the last one that counts; frames go on after it.
    """

    start: KeyFrame
    first_pts: int
    begin: int
    end: int


def key_frames(path: Path) -> KeyFrames | None:
    """Look through a video, without decoding it, for where it can be cut.

    Returns:
        None where it cannot: a file whose packets have no clean times, or that breaks off.

    Raises:
        SourceNotFound: it is no video.
    """
    source = VideoSource(path)
    times: list[int] = []
    keys: list[int] = []
    try:
        with open_video(path) as container:
            stream = container.streams.video[0]
            unit = stream.time_base
            clock = Clock(unit or Fraction(1), source.fps)
            for packet in container.demux():
                if not packet.size:
                    continue
                clock.saw(packet)
                if packet.stream.index != stream.index or packet.is_discard:
                    continue
                if packet.pts is None or packet.is_corrupt:
                    return None
                times.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
    except av.error.FFmpegError:
        return None
    if source.breaks_off(clock.end_s):
        return None
    if not unit or not keys or len(set(times)) < len(times) or keys[0] != min(times):
        return None
    order = {pts: index for index, pts in enumerate(sorted(times))}
    frames = tuple(KeyFrame(order[pts], pts) for pts in sorted(keys))
    return KeyFrames(frames, len(times), float(unit))


def cut(keys: KeyFrames, num_parts: int, warm_up_s: float) -> list[Segment]:
    """Cut a video into parts of about as many frames each.

    Args:
        keys: Where it can be cut.
        num_parts: How many are wanted; with few key frames they are fewer.
        warm_up_s: How long before a part its decoding begins, at least.
    """
    indices = [key.index for key in keys.frames]
    wanted = [keys.num_frames * part / num_parts for part in range(num_parts)]
    begins = sorted({_nearest(indices, index) for index in wanted})
    ends = [*(indices[begin] for begin in begins[1:]), keys.num_frames]
    first_pts = keys.frames[0].pts
    return [
        Segment(_before(keys, keys.frames[begin], warm_up_s), first_pts, indices[begin], end)
        for begin, end in zip(begins, ends, strict=True)
    ]


def _nearest(indices: list[int], wanted: float) -> int:
    after = min(bisect_left(indices, wanted), len(indices) - 1)
    return min((max(0, after - 1), after), key=lambda place: abs(indices[place] - wanted))


def _before(keys: KeyFrames, key: KeyFrame, warm_up_s: float) -> KeyFrame:
    latest_pts = key.pts - warm_up_s / keys.unit_s
    place = bisect_right(keys.frames, latest_pts, key=lambda frame: frame.pts)
    return keys.frames[max(0, place - 1)]


class SegmentSource(VideoSource):
    """One part of a video.

    Attributes:
        name: The path as given.
        fps: Average frames per second of the whole video.
        num_frames: How many frames to expect up to the part's end.
        num_corrupt: Packets that could not be decoded, so far, in the last `frames` run.
    """

    def __init__(self, path: Path, segment: Segment, decoder: str = DEFAULT_DECODER) -> None:
        """Open the file once.

        Raises:
            SourceNotFound: it is not there, is empty, or is no video.
        """
        super().__init__(path, decoder)
        self._segment = segment
        self.num_frames = segment.end - segment.start.index

    def frames(self) -> Iterator[Frame]:
        """Decode from the part's start to the end of the video; the caller stops earlier.

        Raises:
            FrameDecodeError: decoding does not begin at the frame that was looked for.
            SourceLost: the file has fewer frames than when it was cut.
        """
        self.num_corrupt = 0
        index = self._segment.start.index
        with open_video(self.path, self.decoder) as container:
            stream = container.streams.video[0]
            unit_s = stream.time_base or Fraction(1, av.time_base)
            for picture in self._pictures(container, stream):
                pts_s = float(((picture.pts or 0) - self._segment.first_pts) * unit_s)
                yield Frame(index, pts_s, DecodedPicture(picture))
                index += 1
        if index < self._segment.end:
            msg = f"{self.path}: ends before frame {self._segment.end - 1}; copy the file again"
            raise SourceLost(msg)

    def _pictures(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        start = self._segment.start
        stream.thread_type = "AUTO"
        container.seek(start.pts, stream=stream)
        decoded = self._decode(container, stream, Clock(stream.time_base or Fraction(1), self.fps))
        shown = (p for p in decoded if p.pts is not None and p.pts >= start.pts)
        first = next(shown, None)
        if first is None or first.pts != start.pts:
            msg = f"{self.path}: cannot be read from frame {start.index} on; copy the file again"
            raise FrameDecodeError(msg)
        check_size(*DecodedPicture(first).size, self.name, MIN_CROP_SIDE_PX)
        yield first
        yield from shown
