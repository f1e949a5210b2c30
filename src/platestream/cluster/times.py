"""When a source was recorded: told by its name, by what the file says, or by its date."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platestream.cluster.fetching import is_url, shown
from platestream.core.errors import ConfigError, DataError, SourceError
from platestream.video.videos import recorded_at

_DIRECTIVES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{2}",
    "%d": r"\d{2}",
    "%H": r"\d{2}",
    "%I": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%j": r"\d{3}",
    "%f": r"\d{1,6}",
    "%z": r"(?:Z|[+-]\d{2}:?\d{2})",
    "%b": r"[A-Za-z]{3}",
    "%B": r"[A-Za-z]+",
    "%p": r"(?:AM|PM|am|pm)",
    "%%": "%",
}


class Clock:
    """Tells when sources began.

    Args:
        pattern: How their names tell it, as `datetime.strptime` has it; empty where they do not.
        zone: Name of the time zone of names without one; empty for this machine's.

    Raises:
        ConfigError: the pattern or the zone makes no sense.
    """

    def __init__(self, pattern: str = "", zone: str = "") -> None:
        self._pattern = pattern
        self._regex = _regex(pattern) if pattern else None
        try:
            self._zone = ZoneInfo(zone) if zone else None
        except (ZoneInfoNotFoundError, ValueError) as error:
            msg = f"no time zone {zone!r}; write it such as Europe/Rome, or UTC"
            raise ConfigError(msg) from error

    def began(self, source: str, video_s: float = 0.0) -> datetime:
        """When a source began, UTC.

        Args:
            source: Path or address.
            video_s: Its length; a file's date is when it ended.

        Raises:
            DataError: its name does not fit the pattern, or nothing tells when it was.
        """
        if self._regex:
            return self._by_name(source, self._regex)
        if is_url(source):
            msg = f"{shown(source)}: give --time-from; only its name can tell when it was"
            raise DataError(msg)
        return self._by_file(Path(source), video_s)

    def _by_name(self, source: str, regex: re.Pattern[str]) -> datetime:
        for written in reversed(regex.findall(source)):
            try:
                at = datetime.strptime(written, self._pattern)
            except ValueError:
                continue
            # Without a zone of its own, and without one given, it is this machine's.
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        msg = f"{shown(source)}: the name has no time like {self._pattern}; change --time-from"
        raise DataError(msg)

    def _by_file(self, path: Path, video_s: float) -> datetime:
        try:
            said = None if path.is_dir() else recorded_at(path)
            ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (SourceError, OSError) as error:
            msg = f"{path}: does not tell when it was recorded ({error}); give --time-from"
            raise DataError(msg) from error
        return said or ended - timedelta(seconds=video_s)


def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(%.)", pattern)
    unknown = [part for part in parts if part.startswith("%") and part not in _DIRECTIVES]
    if unknown or not {"%d", "%j"} & set(parts):
        what = f"{unknown[0]} is none it knows" if unknown else "it has no day"
        msg = f"--time-from {pattern}: {what}; write such as %Y-%m-%d_%H-%M-%S"
        raise ConfigError(msg)
    return re.compile("".join(_DIRECTIVES.get(part) or re.escape(part) for part in parts))
