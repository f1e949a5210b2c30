"""Where a file of somebody else's comes in, whatever a library makes of it becomes our error."""

from collections.abc import Iterator
from contextlib import contextmanager

from platestream.core.errors import PlatestreamError


@contextmanager
def told_as(
    kind: type[PlatestreamError], what: str, advice: str, *, quotes: bool = True
) -> Iterator[None]:
    """Turn every foreign error into one of ours; ours pass as they are.

    Args:
        kind: What to raise.
        what: The file, and the place in it where it is known.
        advice: What to do.
        quotes: Whether the library's words are quoted; not where they may hold a secret.

    Raises:
        PlatestreamError: of that kind.
    """
    try:
        yield
    except PlatestreamError:
        raise
    except Exception as error:  # noqa: BLE001 - it is raised again, as ours
        words = str(error).strip().partition("\n")[0][:200]
        said = f"{type(error).__name__}: {words}" if quotes and words else type(error).__name__
        msg = f"{what}: cannot be used ({said}); {advice}"
        raise kind(msg) from (error if quotes else None)
