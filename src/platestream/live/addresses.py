"""Addresses of cameras, as FFmpeg wants them."""

from urllib.parse import quote, urlsplit, urlunsplit

from platestream.core.errors import ConfigError
from platestream.core.urls import shown_address

SCHEMES = frozenset({"http", "https", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp"})
"""Those of cameras: FFmpeg would also open what is none, such as ``file://``."""


def full_address(url: str, username: str = "", password: str = "") -> str:
    """What to open for what a user wrote: webcams by number, credentials put in.

    Raises:
        ConfigError: the credentials cannot be put in.
    """
    if url.isdecimal():
        return f"/dev/video{url}"
    if "://" not in url:
        return url
    if not username:
        return url
    try:
        parts = urlsplit(url)
    except ValueError as error:
        msg = f"{shown_address(url)}: its host is malformed; correct the brackets"
        raise ConfigError(msg) from error
    login = quote(username, safe="") + (f":{quote(password, safe='')}" if password else "")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))
