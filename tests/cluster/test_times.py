"""When a source began: by its name, by what it says, by its date."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from platestream.cluster.times import Clock
from platestream.core.errors import ConfigError, DataError

from .road import film_road


def at(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "zone", "source", "began"),
    [
        ("%Y-%m-%d_%H-%M-%S", "UTC", "cam/2026-01-31_23-59-58.mp4", at(2026, 1, 31, 23, 59, 58)),
        ("%Y-%m-%d_%H-%M-%S", "Europe/Rome", "2026-07-01_12-00-00.ts", at(2026, 7, 1, 10)),
        ("%Y%m%dT%H%M%S%z", "Europe/Rome", "x_20260701T120000+0300_y.mp4", at(2026, 7, 1, 9)),
        ("%Y/%m/%d/%H.%M", "UTC", "s3://b/2026/02/03/04.05.mkv", at(2026, 2, 3, 4, 5)),
        # The last that fits: the folder's date is not the video's.
        ("%Y-%m-%d", "UTC", "/a/2020-01-01/b-2021-02-03.mp4", at(2021, 2, 3)),
        ("%d%b%y", "UTC", "03Feb24.avi", at(2024, 2, 3)),
    ],
)
def test_names_tell(pattern: str, zone: str, source: str, began: datetime) -> None:
    assert Clock(pattern, zone).began(source) == began


@pytest.mark.parametrize("name", ["gate.mp4", "2026-13-31_23-59-58.mp4"])
def test_a_name_that_does_not_fit_is_an_error(name: str) -> None:
    with pytest.raises(DataError, match="no time like %Y-%m-%d_%H-%M-%S"):
        Clock("%Y-%m-%d_%H-%M-%S").began(name)


@pytest.mark.parametrize("pattern", ["%Q-%d", "%H-%M", "plain"])
def test_a_pattern_that_tells_no_day_is_an_error(pattern: str) -> None:
    with pytest.raises(ConfigError, match="--time-from"):
        Clock(pattern)


def test_no_such_zone() -> None:
    with pytest.raises(ConfigError, match="Europe/Rome"):
        Clock("%Y%m%d", "Europe/Atlantis")


def test_the_file_tells_else_its_date(tmp_path: Path) -> None:
    path = film_road(tmp_path / "road.mp4", 1)
    ended = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()
    os.utime(path, (ended, ended))
    assert Clock().began(str(path), 7.0) == at(2025, 3, 4, 5, 6, 0)
    with pytest.raises(DataError, match="--time-from"):
        Clock().began(str(tmp_path / "gone.mp4"))
    with pytest.raises(DataError, match="--time-from"):
        Clock().began("s3://bucket/gate.mp4")
