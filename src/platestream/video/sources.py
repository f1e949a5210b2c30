"""From a path to what can be read: videos, pictures, plate streams.

Which is which:

- a file with a picture's suffix is a picture: one frame;
- any other file is a video;
- a folder that holds pictures, given by itself to `open_source`, is one plate stream: crops of
  one plate, cut out already, in the natural order of their names.

`list_sources` looks into a folder, one level deep: its pictures and videos are sources, each on
its own, and each subfolder that holds pictures is a plate stream.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from platestream.core.errors import FrameDecodeError, SourceError, SourceNotFound
from platestream.core.types import Frame, PlateCrop
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.pictures import (
    first_bytes,
    is_picture,
    list_folder,
    list_pictures,
    natural_key,
    read_picture,
)
from platestream.video.videos import VideoSource

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".h264", ".hevc", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"}
    | {".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
"""What a folder's videos are known by; a file named by itself may have any suffix."""


@runtime_checkable
class FrameSource(Protocol):
    """Whole frames of a scene, in time order.

    Attributes:
        name: What to call it in events and messages.
        num_frames: How many to expect, for a progress bar; None when unknown.
    """

    name: str
    num_frames: int | None

    @property
    def fps(self) -> float:
        """Average frames per second."""

    @property
    def num_corrupt(self) -> int:
        """How many frames could not be decoded and were skipped, so far."""

    def frames(self) -> Iterator[Frame]:
        """Give the frames from the start; raises `SourceError` after the last good one."""


class PictureSource:
    """One picture: a scene of one frame, at time 0."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.fps = 1.0
        self.num_frames: int | None = 1
        self.num_corrupt = 0
        self._frame = Frame(0, 0.0, read_picture(path))

    def frames(self) -> Iterator[Frame]:
        """Give the one frame."""
        yield self._frame


class CropStream:
    """One plate stream: a folder of crops of one plate.

    Attributes:
        name: The folder as given.
        num_frames: How many crops there are.
        num_corrupt: How many could not be decoded and were skipped, so far.
    """

    def __init__(self, folder: Path, track_id: int = 1, fps: float = 30.0) -> None:
        """List the crops.

        Args:
            folder: Holds the pictures; or one picture, which is all there is of its plate.
            track_id: For the crops; they count from 1 in each source.
            fps: Pictures carry no time, so crop ``i`` is given ``i / fps`` seconds.

        Raises:
            SourceNotFound: the folder holds no pictures.
        """
        self.name = str(folder)
        self.num_corrupt = 0
        self._files = list_pictures(folder) if folder.is_dir() else [folder]
        self._track_id = track_id
        self._fps = fps
        self.num_frames = len(self._files)
        if not self._files:
            msg = f"{folder}: the folder holds no pictures; give one with the crops of one plate"
            raise SourceNotFound(msg)

    def crops(self) -> Iterator[PlateCrop]:
        """Give the crops in order, skipping what is corrupt.

        Raises:
            FrameDecodeError: not one crop could be decoded.
        """
        self.num_corrupt = 0
        for index, file in enumerate(self._files):
            try:
                rgb = read_picture(file)
            except SourceError as error:
                self.num_corrupt += 1
                if self.num_corrupt == len(self._files):
                    msg = f"{self.name}: not one picture can be read; the last: {error}"
                    raise FrameDecodeError(msg) from error
                continue
            height, width = rgb.shape[:2]
            box_xyxy = (0.0, 0.0, float(width), float(height))
            yield PlateCrop(self._track_id, index, index / self._fps, box_xyxy, rgb)


Source: TypeAlias = FrameSource | CropStream


def list_sources(path: str | Path) -> list[Path]:
    """Find what to open, one by one, with `open_source`.

    Opening is left to the caller so that one broken file need not stop the others.

    Returns:
        The path itself for a file; a folder's pictures, videos and plate streams in natural
        order, found by the rule at the top of this module.

    Raises:
        SourceNotFound: there is no such path, or the folder holds nothing to read.
    """
    path = Path(path)
    if not path.exists():
        msg = f"{path}: no such file or folder; check the path"
        raise SourceNotFound(msg)
    if not path.is_dir():
        return [path]
    visible = (p for p in list_folder(path) if not p.name.startswith("."))
    found = sorted((p for p in visible if _is_source(p)), key=natural_key)
    if not found:
        msg = f"{path}: the folder holds no pictures, videos or plate streams; give one that does"
        raise SourceNotFound(msg)
    return found


def open_source(path: Path, decoder: str = DEFAULT_DECODER) -> Source:
    """Open one video, picture or plate stream.

    Args:
        path: A file, or the folder of a plate stream.
        decoder: What decodes a video, one of `decoders.DECODER_NAMES`.

    Raises:
        SourceNotFound: it is not there, is empty, or is nothing we can read.
        FrameDecodeError: the picture is broken, too small or too large.
    """
    if path.is_dir():
        return CropStream(path)
    return PictureSource(path) if is_picture(path) else VideoSource(path, decoder)


def is_video(path: Path) -> bool:
    """Whether a file of a folder is a video: by its suffix, or where it has none by its content."""
    if path.suffix:
        return path.suffix.lower() in VIDEO_SUFFIXES
    head = first_bytes(path)
    return head[4:8] == b"ftyp" or head.startswith((b"\x1aE\xdf\xa3", b"RIFF", b"\0\0\1\xba"))


def _is_source(path: Path) -> bool:
    if path.is_dir():
        try:
            return bool(list_pictures(path))
        except SourceNotFound:
            return True  # opening it says why, and stops no other source
    return is_picture(path) or is_video(path)
