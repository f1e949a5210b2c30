"""Times as people say them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.zones import in_zone

from platestream.core.errors import ConfigError
from platestream.core.local_time import local, parse_time

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    with in_zone("CET-1CEST,M3.5.0,M10.5.0/3"):
        yield


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("today", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("Yesterday", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("now", NOW),
        ("2h", NOW - timedelta(hours=2)),
        ("90 min", NOW - timedelta(minutes=90)),
        ("1.5d", NOW - timedelta(hours=36)),
        ("1w", NOW - timedelta(days=7)),
        ("2026-11-23", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("2026-07-01T12:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-11-23T08:00+03:00", datetime(2026, 11, 23, 5, tzinfo=UTC)),
        ("2026-11-23T08:00Z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
)
def test_what_people_say(said: str, meant: datetime) -> None:
    assert parse_time("--since", said, NOW) == meant


def test_a_day_begins_at_its_own_midnight_when_the_clock_changed() -> None:
    # On 25 October 2026 Berlin goes from CEST to CET: that day began at 22:00 UTC.
    at = datetime(2026, 10, 25, 12, tzinfo=UTC)
    assert parse_time("--since", "today", at) == datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize("said", ["soon", "2 moons", "", "9" * 400 + "d", "2026-13-01"])
def test_what_nobody_understands_is_said_to_be_so(said: str) -> None:
    with pytest.raises(ConfigError, match=r"--since .*yesterday"):
        parse_time("--since", said, NOW)


def test_a_time_is_shown_with_the_name_of_its_zone() -> None:
    assert local(NOW) == "2026-11-23 09:30:00 CET"
    assert local(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01 02:00:00 CEST"
