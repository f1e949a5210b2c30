"""Sources that lie elsewhere: fetched for as long as they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from platestream.cluster.units import Unit
from platestream.core.errors import ConfigError, SourceNotFound, StoreError


def is_url(source: str) -> bool:
    """Whether a source has an address, such as ``s3://...``, instead of a path."""
    scheme, found, _ = source.partition("://")
    return bool(found) and len(scheme) > 1


def shown(source: str) -> str:
    """A source as messages name it: of an address neither user nor parameters."""
    if not is_url(source):
        return source
    scheme, _, rest = source.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def file_system(url: str) -> tuple[Any, str]:
    """What opens an address, and the address as it takes it.

    Raises:
        ConfigError: fsspec or what it needs for this address is not installed, or it knows none.
    """
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        msg = "addresses need fsspec: pip install 'platestream[cluster]'"
        raise ConfigError(msg) from error
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        msg = f"{shown(url)}: cannot be opened ({error})"
        raise ConfigError(msg) from error
    return system, path


@contextmanager
def fetched(unit: Unit) -> Iterator[Path | None]:
    """Where to read a unit's source: a copy of an address; None where it is a path."""
    if not is_url(unit.source):
        yield None
        return
    with TemporaryDirectory(prefix="platestream-") as folder:
        copy = Path(folder) / f"source{Path(unit.source.partition('?')[0]).suffix}"
        _fetch(unit.source, copy)
        yield copy


def _fetch(url: str, copy: Path) -> None:
    system, path = file_system(url)
    try:
        system.get_file(path, str(copy))
    except FileNotFoundError as error:
        msg = f"{shown(url)}: there is no such file; check the address"
        raise SourceNotFound(msg) from error
    except Exception as error:  # each kind of address has errors of its own
        if isinstance(error, OSError) and error.errno == ENOSPC:
            msg = f"{copy.parent}: no room for a copy of {shown(url)}; make room, or set TMPDIR"
            raise StoreError(msg) from error
        msg = f"{shown(url)}: cannot be fetched ({error}); check the network and your rights"
        raise SourceNotFound(msg) from error
