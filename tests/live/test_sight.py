"""Which frames are looked at for being frozen or black."""

from fractions import Fraction

import numpy as np
import pytest
from av.video.frame import VideoFrame

from platestream.core.types import Frame
from platestream.live import sight as module
from platestream.live.feeds import RawFrame
from platestream.live.frozen import Gray
from platestream.live.sight import STEP_PX, SightSampler
from tests.live.films import film
from tests.live.test_frozen import STREET


class Looked:
    """A frame that knows how often it was looked at."""

    def __init__(self) -> None:
        self.num = 0

    def luma(self, step_px: int) -> Gray:
        assert step_px == STEP_PX
        self.num += 1
        return STREET


def test_two_neighbours_are_looked_at_and_then_none_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.random, "uniform", lambda low, high: (low + high) / 2)
    sampler, frames = SightSampler(30), [Looked() for _ in range(60)]
    seen = [sampler.look(frame, n / 25) for n, frame in enumerate(frames)]
    # Half a second after a pair, at 0.04 s and 0.58 s and so on, the next one is looked at.
    looked = [n for n, frame in enumerate(frames) if frame.num]
    assert looked == [0, 1, 14, 15, 28, 29, 42, 43, 56, 57]
    assert [n for n, sight in enumerate(seen) if sight] == looked[1::2]


def test_who_was_lost_is_judged_from_the_start_again() -> None:
    sampler = SightSampler(2)
    sights = [sampler.look(Looked(), float(n)) for n in range(8)]
    assert sights[-1] == "frozen"
    assert sampler.brightness == pytest.approx(STREET.mean() / 255)
    sampler.look(Looked(), 9.0)
    sampler.begin()
    assert sampler.look(Looked(), 10.0) is None  # what was seen before is no neighbour of it
    assert sampler.look(Looked(), 11.0) == "live"


def test_never_frozen_where_nobody_asks() -> None:
    sampler = SightSampler(None)
    assert "frozen" not in {sampler.look(Looked(), float(n)) for n in range(1000)}


def test_luma_is_the_brightness_of_every_eighth_pixel() -> None:
    (rgb,) = film(1)
    decoded = VideoFrame.from_ndarray(rgb, format="rgb24")
    decoded.time_base = Fraction(1, 25)
    raw = RawFrame(decoded, 0.0, None)  # type: ignore[arg-type]
    luma = raw.luma(8)
    assert luma.shape == tuple(-(-side // 8) for side in rgb.shape[:2])
    weights = np.array([0.299, 0.587, 0.114])
    assert np.abs(luma - rgb[::8, ::8] @ weights).max() <= 2
    assert (Frame(0, 0.0, raw.pixels()).rgb == rgb).all()
