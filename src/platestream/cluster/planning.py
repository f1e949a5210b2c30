"""From sources to units: which are cut, and where."""

from pathlib import Path

from platestream.cluster.archive import Found
from platestream.cluster.fetching import is_url
from platestream.cluster.reading import WARM_UP_S
from platestream.cluster.units import Unit
from platestream.core.errors import SourceError
from platestream.video.pictures import PICTURE_SUFFIXES
from platestream.video.segments import cut, key_frames
from platestream.video.videos import VideoSource

_LEAST_BYTES_PER_S = 2_000
"""No video is smaller: a file that would be too short to cut even so is not opened."""


def plan(found: Found, segment_s: float) -> list[Unit]:
    """The units of a source: one, or for a long video one for each part.

    Args:
        found: The source.
        segment_s: About how long a part is, in seconds, at least one; 0 cuts nothing.
    """
    whole = Unit(found.source, found.version)
    num_parts = _num_parts(found, segment_s)
    if num_parts < 2:
        return [whole]
    try:
        keys = key_frames(Path(found.source))
    except SourceError:
        return [whole]  # reading it says why
    segments = cut(keys, num_parts, WARM_UP_S) if keys else []
    if len(segments) < 2:
        return [whole]
    return [
        Unit(found.source, found.version, part, len(segments), segment)
        for part, segment in enumerate(segments)
    ]


def whole(unit: Unit) -> Unit:
    """The unit that reads the source of a part in one piece."""
    return Unit(unit.source, unit.version)


def _num_parts(found: Found, segment_s: float) -> int:
    path = Path(found.source)
    is_short = found.num_bytes < _LEAST_BYTES_PER_S * segment_s
    if segment_s <= 0 or is_short or is_url(found.source) or path.is_dir():
        return 1
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return 1
    try:
        source = VideoSource(path)
    except SourceError:
        return 1
    return round((source.num_frames or 0) / source.fps / max(segment_s, 1.0))
