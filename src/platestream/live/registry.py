"""The kinds of live sources: what opens a camera's url.

A new one is a file beside these and a line here; see ``docs/extending.md``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platestream.core.choices import Choices, nearest
from platestream.core.errors import ConfigError
from platestream.core.urls import shown_address
from platestream.live.addresses import SCHEMES, full_address
from platestream.live.feeds import Feed, FeedSettings
from platestream.live.folder import FolderFeed
from platestream.live.stream_feed import StreamFeed


@dataclass(frozen=True, slots=True)
class FeedKind:
    """One kind of live source.

    Attributes:
        open: Makes the feed; connects only when its frames are asked for.
        schemes: What stands before ``://`` in its urls, in small letters.
        takes: Whether a url without ``://`` is one of its own.
    """

    open: Callable[[FeedSettings], Feed]
    schemes: frozenset[str] = frozenset()
    takes: Callable[[str], bool] = lambda _url: False


def _folder(settings: FeedSettings) -> Feed:
    folder = Path(settings.url).absolute()  # whoever reads of one that is missing sees where it was
    return FolderFeed(
        folder, settings.stop, settings.report, existing=settings.existing, decoder=settings.decoder
    )


def _stream(settings: FeedSettings) -> Feed:
    return StreamFeed(
        full_address(settings.url, settings.username, settings.password),
        settings.stop,
        timeout_s=settings.timeout_s,
        transport=settings.transport,
        loop=settings.loop,
        decoder=settings.decoder,
    )


def is_folder(url: str) -> bool:
    """Whether a path is a folder, or may become one: no file is there, and none is named."""
    if url.isdecimal() or url.startswith("/dev/"):
        return False
    path = Path(url)
    return path.is_dir() or not (path.exists() or path.suffix)


FEEDS: Choices[FeedKind] = Choices(
    "kind of live source",
    {
        "folder": FeedKind(_folder, takes=is_folder),
        "stream": FeedKind(_stream, SCHEMES, takes=lambda url: not is_folder(url)),
    },
)
"""Folders that grow; streams, webcams and video files. The first that takes a url opens it."""


def open_feed(settings: FeedSettings) -> Feed:
    """The feed of a url.

    Raises:
        ConfigError: it is of a kind that no camera has; names the nearest scheme.
    """
    url = settings.url
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    for kind in FEEDS.values():
        if scheme in kind.schemes or (not scheme and kind.takes(url)):
            return kind.open(settings)
    schemes = sorted(scheme for kind in FEEDS.values() for scheme in kind.schemes)
    near = nearest(scheme, schemes)
    use = f"did you mean {near}://? Use" if near else "use"
    shown, known = shown_address(url), ", ".join(schemes)
    msg = f"{shown}: nothing is opened by {scheme}://; {use} one of {known}"
    raise ConfigError(msg)
