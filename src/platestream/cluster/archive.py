"""What an archive holds: files, folders with their sub-folders, patterns and addresses."""

import glob
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from platestream.cluster.fetching import file_system, is_url, shown
from platestream.core.errors import PlatestreamError, SourceNotFound
from platestream.video.pictures import PICTURE_SUFFIXES, natural_key
from platestream.video.sources import VIDEO_SUFFIXES
from platestream.video.survey import Judge, survey


@dataclass(frozen=True, slots=True)
class Found:
    """A source of an archive.

    Attributes:
        source: Its path or address.
        version: Changes when the source does.
        num_bytes: How large it is; 0 for a folder of crops.
    """

    source: str
    version: str
    num_bytes: int = 0


def find(given: str, judge: Judge) -> list[Found]:
    """Find all sources at a path, a pattern or an address.

    Args:
        given: A file, a folder, a pattern with ``*``, ``?``, ``[...]`` or ``**``, or any of these
            at an address that fsspec opens.
        judge: Tells photos from plate streams, see `survey`; of an address all are photos.

    Returns:
        In natural order.

    Raises:
        SourceNotFound: there is nothing.
        ConfigError: an address that nothing installed opens.
    """
    if is_url(given):
        return _find_at_address(given)
    path = Path(given)
    if path.is_file():
        found = [path]
    elif path.exists() or not glob.has_magic(given):
        found = [each.path for each in survey(path, judge).found]
    else:
        # Unlike pathlib's, this takes a pattern that begins at the root.
        matches = sorted(map(Path, glob.iglob(given, recursive=True)), key=_by_parts)  # noqa: PTH207
        found = [each for match in matches for each in _at_match(match, judge)]
    if not found:
        msg = f"{given}: nothing there that can be read; give videos, pictures or folders of them"
        raise SourceNotFound(msg)
    return [_local(path) for path in dict.fromkeys(found)]


def _at_match(path: Path, judge: Judge) -> list[Path]:
    if not path.is_dir():
        return [path] if path.suffix.lower() in PICTURE_SUFFIXES | VIDEO_SUFFIXES else []
    try:
        return [each.path for each in survey(path, judge).found]
    except SourceNotFound:
        return []


def _by_parts(path: Path) -> list[list[str | int]]:
    return [natural_key(Path(part)) for part in path.parts]


def _local(path: Path) -> Found:
    try:
        if path.is_dir():
            return Found(str(path), _folder_version(path))
        status = path.stat()
    except OSError:
        return Found(str(path), "unreadable")
    return Found(str(path), f"{status.st_size} {status.st_mtime_ns}", status.st_size)


def _folder_version(folder: Path) -> str:
    files = sorted((p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in folder.iterdir())
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16]


def _find_at_address(url: str) -> list[Found]:
    system, path = file_system(url)
    try:
        if glob.has_magic(path):
            infos: dict[str, dict[str, Any]] = system.glob(path, detail=True)
        elif system.isdir(path):
            infos = system.find(path, detail=True)
        else:
            return [_remote(url, system.info(path))]
    except FileNotFoundError as error:
        msg = f"{shown(url)}: nothing is there; check the address"
        raise SourceNotFound(msg) from error
    except PlatestreamError:
        raise
    except Exception as error:  # each kind of address has errors of its own
        msg = f"{shown(url)}: cannot be listed ({error}); check the network and your rights"
        raise SourceNotFound(msg) from error
    readable = PICTURE_SUFFIXES | VIDEO_SUFFIXES
    names = [name for name in infos if PurePosixPath(name).suffix.lower() in readable]
    if not names:
        msg = f"{shown(url)}: nothing there that can be read; give videos or pictures"
        raise SourceNotFound(msg)
    names.sort(key=lambda name: _by_parts(Path(name)))
    return [_remote(system.unstrip_protocol(name), infos[name]) for name in names]


def _remote(url: str, info: dict[str, Any]) -> Found:
    known = (info.get(key) for key in ("ETag", "LastModified", "mtime", "created"))
    num_bytes = int(info.get("size") or 0)
    return Found(url, " ".join(str(value) for value in (num_bytes, *known) if value), num_bytes)
