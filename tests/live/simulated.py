"""A camera whose hours pass as fast as its pictures can be looked at, for the code of live ones."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from platestream.core.types import Frame, Rgb
from platestream.live.health import CameraHealth

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class SimulatedCamera:
    """Stands for a `LiveSource`, with a clock of its own that stands still between two frames.

    Args:
        name: Of the camera.
        picture: What it shows at a second.
        fps: Frames a second of its own clock.
        hours: For how long.
        on_second: Told of each second that has passed, of its own clock.
    """

    num_frames: int | None = None
    num_corrupt = num_dropped = 0

    def __init__(
        self,
        name: str,
        picture: Callable[[float], Rgb],
        *,
        fps: float,
        hours: float,
        on_second: Callable[[int], None] = lambda _second: None,
    ) -> None:
        self.name, self.fps = name, fps
        self.is_over = False
        self.troubles: list[str] = []
        self._picture, self._num = picture, round(hours * 3600 * fps)
        self._on_second = on_second

    def frames(self) -> Iterator[Frame]:
        for index in range(self._num):
            at_s = index / self.fps
            if int(at_s) > int((index - 1) / self.fps):
                self._on_second(int(at_s))
            yield Frame(index, at_s, self._picture(at_s))
            if self.is_over:
                break
        self.is_over = True

    def wall_time(self, pts_s: float) -> datetime:
        return NOON + timedelta(seconds=pts_s)

    def health(self) -> CameraHealth:
        return CameraHealth("ended" if self.is_over else "live", NOON)

    def note(self, problem: str) -> None:
        self.troubles.append(problem)

    def note_unexpected(self, error: Exception) -> None:
        self.troubles.append(repr(error))

    def stop(self) -> None:
        self.is_over = True

    def close(self, within_s: float = 0.0) -> None:
        self.is_over = True
