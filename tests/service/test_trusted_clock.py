"""What is old is judged by a clock that is not believed at once when it jumps ahead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from platestream.service.config import ServiceConfig
from platestream.service.running import Pruning
from platestream.service.trusted_clock import TRUSTED_AFTER_S, TrustedClock
from platestream.store.records import Query
from platestream.store.store import open_store
from tests.service.site import new_event
from tests.waiting import wait_until

YEAR_S = 365 * 24 * 3600.0


class Clocks:
    """One that is put ahead and back, and one that is not."""

    def __init__(self) -> None:
        self.now_s = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
        self.steady_s = 5000.0

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds
        self.steady_s += seconds

    def trusted(self) -> TrustedClock:
        return TrustedClock(lambda: self.now_s, lambda: self.steady_s)


def apart_s(clock: TrustedClock, clocks: Clocks) -> float:
    return clocks.now_s - clock().timestamp()


def test_a_clock_that_is_right_or_corrected_is_followed() -> None:
    clocks = Clocks()
    clock = clocks.trusted()
    for correction_s in (0.0, 0.5, -0.5, 1800.0, -YEAR_S, -3600.0):
        clocks.pass_by(600.0)
        clocks.now_s += correction_s
        assert abs(apart_s(clock, clocks)) < 1e-3


def test_one_that_jumps_ahead_is_followed_a_day_later() -> None:
    clocks = Clocks()
    clock = clocks.trusted()
    clocks.now_s += YEAR_S
    for _ in range(int(TRUSTED_AFTER_S / 600)):
        assert abs(apart_s(clock, clocks) - YEAR_S) < 1e-3, "time goes on as before"
        clocks.pass_by(600.0)
    assert abs(apart_s(clock, clocks)) < 1e-3


def test_one_that_is_put_right_again_was_never_followed() -> None:
    clocks = Clocks()
    clock = clocks.trusted()
    for _ in range(5):
        clocks.now_s += YEAR_S
        assert abs(apart_s(clock, clocks) - YEAR_S) < 1e-3
        clocks.pass_by(TRUSTED_AFTER_S - 1)
        clock()
        clocks.now_s -= YEAR_S
        assert abs(apart_s(clock, clocks)) < 1e-3


def test_a_service_removes_nothing_because_its_clock_is_ahead(tmp_path: Path) -> None:
    config = ServiceConfig.model_validate({"store": {"keep_days": 30}})
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    # Not now, by which both would be old.
    now, ids = datetime.now(UTC) - timedelta(days=100), []
    for days in (31, 1):
        at = now - timedelta(days=days)
        ids.append(f"{days:08}-0000-0000-0000-000000000000")
        store.add(replace(new_event(), id=ids[-1], started_at=at, ended_at=at))
    clocks, pruning = Clocks(), Pruning(config, store)
    clocks.now_s = now.timestamp()
    pruning._clock = clocks.trusted()
    clocks.now_s += YEAR_S
    pruning.start()
    wait_until(lambda: {each.id for each in store.each(Query())} == {ids[1]})
    pruning.stop()
    store.close()
