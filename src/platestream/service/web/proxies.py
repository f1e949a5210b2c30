"""Marks that proxies leave: whoever comes through one may be anybody."""

from starlette.datastructures import Headers
from starlette.requests import Request

FORWARDED = frozenset(
    {"cdn-loop", "cf-connecting-ip", "cf-ray", "client-ip", "fastly-client-ip", "fly-client-ip"}
    | {"forwarded", "forwarded-for", "true-client-ip", "via", "x-client-ip", "x-cluster-client-ip"}
    | {"x-envoy-external-address", "x-original-host", "x-original-url", "x-proxyuser-ip"}
    | {"x-real-ip", "x-rewrite-url"}
)
"""What proxies add, beside all of `_FORWARDED_TOO`: who comes through one may be anybody."""

_FORWARDED_TOO = ("x-forwarded", "x-original-forwarded")
"""How others of those begin."""


def came_through_a_proxy(request: Request) -> bool:
    """Whether a proxy left a mark; nginx as it comes adds no header, but speaks HTTP/1.0."""
    return has_mark(request.headers) or request.scope["http_version"] == "1.0"


def has_mark(headers: Headers) -> bool:
    """Whether a header is one that proxies add."""
    return any(name in FORWARDED or name.startswith(_FORWARDED_TOO) for name in headers)
