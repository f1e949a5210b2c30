"""The one gate: every request passes here before any route sees it.

It checks, in this order: the host it was sent to, its size, who sends it, that no other site
made the browser send it, and that who sends it may. What is not named here needs a login; what
changes anything needs an operator.
"""

import logging
import re
from collections import Counter
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platestream.service.web.auth import Auth, Identity, TooManyTries
from platestream.service.web.error_answers import answer, wants_page
from platestream.service.web.headers import SECURITY_HEADERS
from platestream.service.web.proxies import came_through_a_proxy, has_mark
from platestream.service.web.reachability import Exposure
from platestream.service.web.rendering import COOKIE
from platestream.sinks.links import PATH as SIGNED

logger = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PUBLIC = frozenset({"/login", "/healthz", "/readyz"})
VIEWERS_MAY_POST = frozenset({"/login", "/logout", "/api/v1/read"})
UPLOADS = frozenset({"/api/v1/read", "/api/v1/watch/import", "/watch/import"})
MAX_BODY_BYTES = 64 * 1024
MAX_UPLOADS, MAX_UPLOADS_EACH = 4, 2
"""Uploads that are received or read at a time, in all and of one user, token or address."""

_IS_HOST = re.compile(r"[a-z0-9_.-]{1,255}|\[[0-9a-f:.]{2,45}\]")


class Guard:
    """ASGI middleware; leaves an `Identity` in ``request.state.identity``.

    Args:
        app: What it guards.
        auth: Users and tokens that may log in.
        exposure: Host names it answers to.
    """

    def __init__(self, app: ASGIApp, auth: Auth, exposure: Exposure) -> None:
        self._app, self._auth, self._exposure = app, auth, exposure
        self._uploads: Counter[str] = Counter()
        self._has_told = exposure.knows_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":  # the server's own start and stop; we have no websockets
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.identity = None
        app = self._app
        try:
            self._check(request)
        except TooManyTries as error:
            wait = {"Retry-After": str(round(error.wait_s) + 1)}
            app = answer(scope, 429, str(error), headers=wait)
        except HTTPException as error:
            app = answer(scope, error.status_code, error.detail, headers=error.headers)
        except _LoginFirst:
            query = scope["query_string"].decode("latin-1")
            here = scope["path"] + (f"?{query}" if query else "")
            app = RedirectResponse(f"/login?next={quote(here, safe='')}", 303)
        limited = _Limited(receive, self._max_bytes(scope))
        uploader = self._uploader(request) if app is self._app else None
        if uploader and self._is_full(uploader):
            wait = {"Retry-After": "2"}
            app, uploader = answer(scope, 429, _TOO_MANY_UPLOADS, headers=wait), None
        try:
            self._uploads.update([uploader] if uploader else [])
            await app(scope, limited, _with_headers(send))
        finally:
            self._uploads.subtract([uploader] if uploader else [])
            self._uploads += Counter()  # without those who have none

    def _uploader(self, request: Request) -> str | None:
        """Who uploads a picture with this request, if it is one."""
        identity: Identity | None = request.state.identity
        if request.method in SAFE_METHODS or request.scope["path"] not in UPLOADS or not identity:
            return None
        address = request.client.host if request.client and identity.by == "open" else ""
        return f"{identity.by} {identity.name} {address}"

    def _is_full(self, uploader: str) -> bool:
        return self._uploads.total() >= MAX_UPLOADS or self._uploads[uploader] >= MAX_UPLOADS_EACH

    def _check(self, request: Request) -> None:
        self._check_host(request.headers)
        if not self._has_told and has_mark(request.headers):
            self._has_told = True
            logger.warning(
                "requests come through a proxy that `server.proxies` does not name: until it does, "
                "one guesser there makes all wait who come that way"
            )
        if self._auth.is_open and came_through_a_proxy(request):
            message = (
                "this came through a proxy, and nobody has to log in here; add a user or a token "
                "under `server`, or come to it directly"
            )
            raise HTTPException(403, message)
        self._check_length(request)
        request.state.identity = identity = self._identify(request)
        # Not `request.url`: it is made of the Host header, which is anybody's to write.
        path, is_safe = request.scope["path"], request.method in SAFE_METHODS
        if not is_safe:
            self._check_origin(request)
        is_public = path in PUBLIC or path.startswith(("/static/", SIGNED))
        if identity is None and not is_public:
            if is_safe and wants_page(request.scope):
                raise _LoginFirst
            message = "log in, or send a token as `Authorization: Bearer TOKEN`"
            raise HTTPException(401, message, {"WWW-Authenticate": "Bearer"})
        if identity and not is_safe and path not in VIEWERS_MAY_POST and identity.role == "viewer":
            raise HTTPException(403, "that takes an operator; you may look only")

    def _check_host(self, headers: Headers) -> None:
        """Against DNS rebinding: a stranger's name that leads to this machine is not ours."""
        hosts = self._exposure.hosts
        name = _host_name(headers.get("host", ""))
        if not (_IS_HOST.fullmatch(name) if hosts is None else name in hosts):
            message = "this server does not go by that name; add it to `server.hosts`"
            raise HTTPException(421, message)

    def _check_length(self, request: Request) -> None:
        if {"content-length", "transfer-encoding"} <= set(request.headers):
            # Two servers that disagree on which counts disagree on where a request ends.
            raise HTTPException(400, "a request has one length; send either header, not both")
        length = request.headers.get("content-length", "0")
        limit = self._max_bytes(request.scope)
        if not length.isdecimal() or int(length) > limit:
            raise HTTPException(413, f"at most {limit} bytes are taken here")

    def _identify(self, request: Request) -> Identity | None:
        authorization = request.headers.get("authorization")
        if authorization is not None and not self._auth.is_open:
            scheme, _, secret = authorization.partition(" ")
            address = request.client.host if request.client else ""
            identity = None
            if scheme.lower() == "bearer":
                identity = self._auth.by_token(secret.strip(), address)
            if identity is None:
                raise HTTPException(401, "nobody's token", {"WWW-Authenticate": "Bearer"})
            return identity
        return self._auth.by_session(request.cookies.get(COOKIE, ""))

    def _check_origin(self, request: Request) -> None:
        """Against CSRF: what another site's page sends is refused, form token or not."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        is_foreign = site is not None and site not in ("same-origin", "none")
        if origin is not None:
            is_foreign |= _netloc(origin) != request.headers.get("host", "").lower()
        if is_foreign:
            raise HTTPException(403, "another site sent this; use our own page, or a token")
        identity = request.state.identity
        if identity and identity.by == "session" and request.scope["path"].startswith("/api/"):
            cookie, token = request.cookies[COOKIE], request.headers.get("x-csrf-token", "")
            if not self._auth.is_form_token(cookie, token):
                raise HTTPException(403, "send the page's form token as X-CSRF-Token, or a token")

    def _max_bytes(self, scope: Scope) -> int:
        return self._exposure.max_upload_bytes if scope["path"] in UPLOADS else MAX_BODY_BYTES


class _LoginFirst(Exception):  # noqa: N818 - a way to go, not a fault
    """A person without a login asks for a page."""


class _Limited:
    """Receives a body that may not say how long it is, up to a limit."""

    def __init__(self, receive: Receive, max_bytes: int) -> None:
        self._receive, self._max_bytes = receive, max_bytes
        self._num_bytes = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._num_bytes += len(message.get("body", b""))
        if self._num_bytes > self._max_bytes:
            raise HTTPException(413, f"at most {self._max_bytes} bytes are taken here")
        return message


def _with_headers(send: Send) -> Send:
    async def send_all(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_all


_TOO_MANY_UPLOADS = "enough pictures are being sent already; try again"


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None where it is malformed."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()
