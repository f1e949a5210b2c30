import numpy as np
import pytest

from platestream.core.types import Frame
from platestream.live import frames
from platestream.live.frames import FrameShelf


def frame(index: int) -> Frame:
    rgb = np.full((48, 64, 3), 10 + index, np.uint8)
    return Frame(index, index / 10, rgb)


def test_what_is_wanted_stays_and_all_else_goes() -> None:
    shelf = FrameShelf()
    shelf.keep(frame(0), {0})
    shelf.keep(frame(1), {0})
    shelf.keep(frame(2), {0, 2})
    assert shelf.get(1) is None
    assert [int(shelf.get(index).max()) for index in (0, 2)] == [10, 12]  # type: ignore[union-attr]
    shelf.keep(frame(3), {2})
    assert shelf.get(0) is None


def test_above_its_limit_the_oldest_are_packed_and_still_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "MAX_RAW_BYTES", 3 * frame(0).rgb.nbytes)
    shelf = FrameShelf()
    for index in range(10):
        shelf.keep(frame(index), set(range(10)))
    assert (sorted(shelf._raw), sorted(shelf._packed)) == ([7, 8, 9], list(range(7)))
    for index in range(10):
        kept = shelf.get(index)
        assert kept is not None
        assert np.abs(kept.astype(int) - (10 + index)).max() <= 2
