"""Events by the hour: bars of the last day, and a week by day and hour."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from platestream.core.local_time import midnight
from platestream.service.web.context import UsesServices
from platestream.service.web.rendering import render_page
from platestream.store import records

NUM_DAYS = 7

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour of the last day.

    Attributes:
        hour: When it begins, in the server's zone.
        num: Events in it.
        share: Of the fullest hour, 0..1.
    """

    hour: datetime
    num: int
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the week.

    Attributes:
        day: Which.
        hours: Events of each of its 24 hours.
        steps: How full each is, 0 for none to 4 for the fullest; None for what is yet to come.
    """

    day: date
    hours: list[int]
    steps: list[int | None]


@router.get("/charts")
def charts(
    request: Request, services: UsesServices, camera: Annotated[str, Query(max_length=128)] = ""
) -> Response:
    """How busy it was."""
    now = datetime.now(UTC)
    since = midnight(now.astimezone(), NUM_DAYS - 1)
    query = records.Query(camera=camera, since=since.astimezone(UTC))
    counts = services.store.count_by_hour(query, _hour_of(now).minute)
    by_day, rows = bars(counts, now), week(counts, now)
    context = {
        "bars": by_day,
        "rows": rows,
        "num_of_day": sum(bar.num for bar in by_day),
        "num_of_week": sum(sum(row.hours) for row in rows),
        "camera": camera,
        "cameras": services.camera_names(),
    }
    return render_page(request, "charts.html", context)


def bars(counts: list[tuple[datetime, int]], now: datetime) -> list[Bar]:
    """The last 24 hours, the current one last."""
    this_hour = _hour_of(now)
    of_hour = {hour.astimezone(UTC): num for hour, num in counts}
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(24))]
    most = max((of_hour.get(hour, 0) for hour in hours), default=0) or 1
    return [
        Bar(hour.astimezone(), of_hour.get(hour, 0), of_hour.get(hour, 0) / most) for hour in hours
    ]


def week(counts: list[tuple[datetime, int]], now: datetime) -> list[Row]:
    """The last seven days in the server's zone, today last."""
    of_cell: Counter[tuple[date, int]] = Counter()
    for hour, num in counts:
        local = hour.astimezone()
        of_cell[local.date(), local.hour] += num
    here = now.astimezone()
    days = [here.date() - timedelta(days=back) for back in reversed(range(NUM_DAYS))]
    most = max((of_cell[day, hour] for day in days for hour in range(24)), default=0) or 1
    return [
        Row(
            day,
            [of_cell[day, hour] for hour in range(24)],
            [
                None
                if (day, hour) > (here.date(), here.hour)
                else -(-of_cell[day, hour] * 4 // most)
                for hour in range(24)
            ],
        )
        for day in days
    ]


def _hour_of(at: datetime) -> datetime:
    """When the hour of the server's zone began, in UTC: in India at half past."""
    return at.astimezone().replace(minute=0, second=0, microsecond=0).astimezone(UTC)
