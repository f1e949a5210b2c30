"""Times as a person says them and reads them: in the zone of this machine, by its name."""

import re
from datetime import datetime, timedelta

from platestream.core.errors import ConfigError

_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}

_DAYS_AGO = {"today": 0, "yesterday": 1}

EXAMPLES = "today, yesterday, 2h, 3d, 2026-11-23 or 2026-11-23T08:00+01:00"
"""What may be said of a time."""


def local(at: datetime) -> str:
    """A time in this machine's zone, with the zone's name: ``2026-11-23 09:00:00 CET``."""
    here = at.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S} {here.tzname()}"


def parse_time(name: str, text: str, now: datetime | None = None) -> datetime:
    """The time that a person means.

    Args:
        name: Of the option, for messages.
        text: One of `EXAMPLES`. A number with ``s``, ``min``, ``h``, ``d`` or ``w`` is so long
            ago; without a zone it is this machine's.
        now: The time it is; that of the clock when omitted.

    Raises:
        ConfigError: it is none of these.
    """
    now = (now or datetime.now().astimezone()).astimezone()
    said = text.strip().lower()
    if said == "now":
        return now
    if said in _DAYS_AGO:
        return midnight(now, _DAYS_AGO[said])
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)", said)
    try:
        if ago:
            return now - float(ago[1]) * _UNITS[ago[2]]
        at = datetime.fromisoformat(text.strip())
        return at if at.tzinfo else at.astimezone()
    except (ValueError, OverflowError, OSError):
        msg = f"{name} {text!r}: write a time such as {EXAMPLES}"
        raise ConfigError(msg) from None


def midnight(now: datetime, days_ago: int) -> datetime:
    """When a day began here; the clock may have been put forward or back since."""
    day = now.date() - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day).astimezone()
