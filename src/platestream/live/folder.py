"""A folder that grows: a camera's uploads, or a recorder's segments, taken once they are whole."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import TypeAlias

from platestream.core.errors import SourceError, SourceLost
from platestream.live.feeds import RawFrame
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.pictures import is_picture, natural_key, read_picture
from platestream.video.sources import is_video
from platestream.video.survey import walk_files
from platestream.video.videos import VideoSource

_Look: TypeAlias = tuple[int, int]
"""Size and time of change: what a file that still grows does not keep."""

SAME_SCENE_S = 3.0
"""Two videos whose times touch by so much are one scene: segments of one recording."""

NEXT_SCENE_S = 10.0
"""From one video to the next where their own times say otherwise. Longer than any plate is waited
for, so that no two scenes become one passage."""

NEXT_PICTURE_S = 2.0
"""From one picture to the next, at least. So long that nothing is tracked from one to the other,
and so short that the same plate on both is one passage: cameras upload a car in bursts."""


class FolderFeed:
    """New pictures and videos of a folder and its sub-folders, none left out.

    Args:
        folder: Where they appear.
        stop: Set when no more is wanted.
        report: Told of files that cannot be read.
        existing: Whether to take what is there already.
        decoder: What decodes its videos, one of `decoders.DECODER_NAMES`.
        settle_s: So long a file must stay as it is to count as whole.
        poll_s: How often to look.
    """

    keeps_all = True

    def __init__(
        self,
        folder: Path,
        stop: threading.Event,
        report: Callable[[str], None],
        *,
        existing: bool = False,
        decoder: str = DEFAULT_DECODER,
        settle_s: float = 2.0,
        poll_s: float = 0.5,
    ) -> None:
        self.fps, self.num_corrupt, self.num_skipped = 25.0, 0, 0
        self._folder, self._stop, self._report = folder, stop, report
        self._settle_s, self._poll_s = settle_s, poll_s
        self._decoder = decoder
        self._taken: dict[Path, _Look] = {}
        self._growing: dict[Path, tuple[_Look, float]] = {}
        self._skips_existing = not existing
        self._end_s = 0.0  # of the last file, in elapsed seconds
        self._origin: datetime | None = None

    def frames(self) -> Iterator[RawFrame]:
        """Wait for files and give what is in them; ends only when stopped."""
        while not self._stop.is_set():
            for path in self._whole_files():
                try:
                    yield from self._frames_of(path)
                except SourceLost as error:
                    self._report(str(error))  # what came before its break was given
                except SourceError as error:
                    self.num_corrupt += 1
                    self._report(str(error))
                if self._stop.is_set():
                    return
            self._stop.wait(self._poll_s)

    def _whole_files(self) -> list[Path]:
        """Files that are new or were written anew, and have settled, in the order they came."""
        now_s = time.monotonic()
        found = {path: look for path in walk_files(self._folder) if (look := _look(path))}
        if self._skips_existing:
            self._skips_existing, self._taken = False, dict(found)
        # Files that are gone are forgotten, or the folder would fill our memory.
        self._taken = {path: look for path, look in self._taken.items() if path in found}
        fresh = {path: look for path, look in found.items() if self._taken.get(path) != look}
        self._growing = {path: self._growing[path] for path in fresh if path in self._growing}
        for path, look in fresh.items():
            if path not in self._growing or self._growing[path][0] != look:
                self._growing[path] = (look, now_s)
        whole = [
            p for p, (_, since_s) in self._growing.items() if now_s - since_s >= self._settle_s
        ]
        for path in whole:
            self._taken[path], _ = self._growing.pop(path)
        return sorted(whole, key=lambda path: (self._taken[path][1], natural_key(path)))

    def _frames_of(self, path: Path) -> Iterator[RawFrame]:
        ended_at = datetime.fromtimestamp(self._taken[path][1] / 1e9, UTC)
        if is_picture(path):
            rgb = read_picture(path)
            self._end_s = max(self._elapsed_s(ended_at), self._end_s + NEXT_PICTURE_S)
            yield RawFrame(rgb, self._end_s, ended_at)
            return
        video = VideoSource(path, self._decoder)
        self.fps = video.fps
        # A file is last changed when its recording ends.
        began_at = ended_at - timedelta(seconds=(video.num_frames or 0) / video.fps)
        begin_s = self._elapsed_s(began_at)
        if abs(begin_s - self._end_s) <= SAME_SCENE_S:
            begin_s = max(begin_s, self._end_s + 1 / video.fps)
        elif begin_s < self._end_s:
            begin_s = self._end_s + NEXT_SCENE_S
        try:
            for frame in video.frames():
                self._end_s = begin_s + frame.pts_s
                yield RawFrame(frame.rgb, self._end_s, began_at + timedelta(seconds=frame.pts_s))
        finally:
            self.num_corrupt += video.num_corrupt

    def _elapsed_s(self, at: datetime) -> float:
        """Seconds since the first file, which begins where no earlier one ended."""
        self._origin = self._origin or at - timedelta(seconds=NEXT_SCENE_S)
        return (at - self._origin).total_seconds()


def _look(path: Path) -> _Look | None:
    """How a file looks now; None for what is neither picture nor video, or is gone again."""
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode) or not (is_picture(path) or is_video(path)):
            return None
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
