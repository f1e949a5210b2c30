"""A car that stands before a camera for long: its passage costs no more than a short one's."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from platestream.core.types import Reading, Rgb
from platestream.live.follow import View
from platestream.live.plate_rules import PlateRules
from platestream.live.updates import nobody
from platestream.live.workers import CameraWorker, Listeners
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.config import ServiceConfig
from platestream.service.telling import Telling
from platestream.store.records import Query
from platestream.store.store import EventStore, open_store
from platestream.stream.confidence import least_certain
from platestream.stream.rules import make_rule
from platestream.video.engine import Engine
from tests.live.simulated import SimulatedCamera
from tests.live.test_workers import Bright
from tests.service.scenes import reading
from tests.waiting import wait_until

FPS, MINUTES, WARM_S = 4.0, 6, 180
ROOM_BYTES = 300_000
"""Five whole frames, or forty crops: what each time that it is lost and found would soon exceed."""


def street(left: int | None) -> Rgb:
    """A grey street, with a plate whose left edge is there."""
    rgb = np.full((120, 160, 3), 20, np.uint8)
    if left is not None:
        # Stripes, so that crops can be laid on each other.
        rgb[50:74, left : left + 96] = np.where(np.arange(96) // 6 % 2, 100, 220)[None, :, None]
    return rgb


def hidden_now_and_then(at_s: float) -> Rgb:
    """Somebody stands before it for two seconds in each twenty."""
    return street(None if at_s % 20 > 18 else 40)


def looped(at_s: float) -> Rgb:
    """It drives in, and a second after it is gone it drives in again, from the start."""
    return street(int(at_s % 5 * 12) if at_s % 5 < 4 else None)


def engine(sure: float) -> Engine:
    """Networks that are so sure of each character, and find each crop as good as they like."""
    noise = np.random.default_rng(1)

    def read(_rgb: Rgb) -> Reading:
        return reading("AB123CD", sure)

    def score(_rgb: Rgb) -> float:
        return float(noise.uniform(0.5, 0.9))

    return Engine(Bright(), score, read, least_certain, make_rule("stacking", "best"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = open_store(f"{tmp_path}/events.db", tmp_path / "pictures")
    yield store
    store.close()


@pytest.mark.parametrize(("picture", "sure"), [(hidden_now_and_then, 0.7), (looped, 0.99)])
def test_a_passage_that_goes_on_takes_no_more_memory_and_stays_one_event(
    picture: Callable[[float], Rgb], sure: float, store: EventStore
) -> None:
    held: list[int] = []

    def note(second: int) -> None:
        if second >= WARM_S and second % 60 == 0:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])

    config = ServiceConfig.model_validate({"cameras": {"gate": {"url": "rtsp://10.0.0.7/"}}})
    keeper = Bookkeeper(store, Telling(config, {}), lambda: None)
    camera = SimulatedCamera("gate", picture, fps=FPS, hours=MINUTES / 60, on_second=note)
    worker = CameraWorker(
        camera,  # type: ignore[arg-type]
        View(),
        PlateRules([], None),
        engine(sure),
        Listeners(lambda *_: None, keeper.keep, nobody),
    )
    tracemalloc.start()
    try:
        worker.start()
        wait_until(lambda: camera.is_over, 300)
        worker.join(10)
    finally:
        tracemalloc.stop()
    assert camera.troubles == []
    assert len(held) >= 3
    assert held[-1] - held[0] < ROOM_BYTES, held
    (event,) = store.find(Query()).events
    assert event.state == "final"
    assert (event.ended_at - event.started_at).total_seconds() > (MINUTES - 1) * 60
