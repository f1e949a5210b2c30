"""Attacks before any login: connections held, heads and bodies that trickle, clients that hang."""

import asyncio
import contextlib
import itertools
import logging
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from platestream.core.urls import Redactor
from platestream.service.secrets import discreet
from platestream.service.web.api import events as api_events
from platestream.service.web.connections import ConnectionLimits, Places, raise_descriptor_limit
from platestream.service.web.quiet import Quiet
from tests.service.site import OPERATOR_TOKEN, VIEWER_TOKEN, Site, locked, serving
from tests.waiting import wait_until

LIMITS = ConnectionLimits(max_connections=30, head_s=0.6, body_s=0.6, write_s=0.6)


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, locked(), limits=LIMITS) as site:
        yield site


def connected(site: Site, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", site.port), 5)
    connection.sendall(sent)
    return connection


def seconds_until_closed(connection: socket.socket, trickle: bytes = b"") -> float:
    """How long the server bears a connection that sends a byte now and then."""
    began_s = time.monotonic()
    connection.settimeout(0.1)
    while time.monotonic() - began_s < 5:
        with contextlib.suppress(TimeoutError):
            try:
                if trickle:
                    connection.sendall(trickle)
                if not connection.recv(65536):
                    break
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
                break
    return time.monotonic() - began_s


def test_silent_connections_keep_nobody_out(narrow: Site) -> None:
    held = [connected(narrow, b"GET / HT" if i % 2 else b"") for i in range(100)]
    try:
        began_s = time.monotonic()
        for _ in range(5):
            assert httpx.get(f"{narrow.url}/healthz", timeout=5).text == "ok\n"
        assert time.monotonic() - began_s < 10
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    ("sent", "trickle"),
    [
        (b"", b""),
        (b"", b"G"),
        (b"GET /healthz HTTP/1.1\r\nX: ", b"x"),
        (b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET ", b"x"),
        (b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n", b"x"),
        (
            b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\nx\r\n",
        ),
    ],
)
def test_what_trickles_is_cut_off(narrow: Site, sent: bytes, trickle: bytes) -> None:
    with connected(narrow, sent) as connection:
        assert seconds_until_closed(connection, trickle) < 3


def test_who_takes_nothing_of_an_answer_is_cut_off(narrow: Site) -> None:
    ask = f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {OPERATOR_TOKEN}\r\n"
    with connected(narrow) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(0.2)
        began_s = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began_s < 30:
                with contextlib.suppress(TimeoutError):
                    connection.sendall(f"{ask}\r\n".encode() * 50)  # pipelined, never read
        assert time.monotonic() - began_s < 30


def test_an_upload_as_slow_as_its_size_allows_is_taken(narrow: Site) -> None:
    body = bytes(300_000)  # 0.6 s and three more
    head = (
        f"POST /api/v1/read HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {OPERATOR_TOKEN}"
        f"\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with connected(narrow, head.encode()) as connection:
        for at in range(0, len(body), 100_000):
            time.sleep(0.4)
            connection.sendall(body[at : at + 100_000])
        assert connection.recv(100).startswith(b"HTTP/1.1 422")


def test_one_address_has_its_share_and_a_proxy_has_not() -> None:
    class Fake:
        def __init__(self, is_idle: bool) -> None:
            self.is_idle, self.is_dropped = is_idle, False

        def drop(self) -> None:
            self.is_dropped = True

    def come(address: str, is_idle: bool = True) -> tuple[Fake, bool]:
        connection = Fake(is_idle)
        return connection, places.take(connection, address)  # type: ignore[arg-type]

    places = Places(ConnectionLimits(max_connections=6, max_per_address=2), ["10.0.0.9"])
    first, _ = come("2001:db8::1")
    come("2001:db8::2", is_idle=False)
    assert come("2001:db8::3", is_idle=False)[1]
    assert first.is_dropped, "the one that waits makes room"
    assert not come("2001:db8::4")[1], "the others of this network are being answered"
    assert all(come("10.0.0.9", is_idle=False)[1] for _ in range(4))
    assert len(places) == 6
    assert not come("10.0.0.9")[1]


def test_uploads_are_held_back_before_their_bodies(tmp_path: Path) -> None:
    with serving(tmp_path, locked()) as site:
        head = (
            f"POST /api/v1/read HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {OPERATOR_TOKEN}\r\nContent-Type: multipart/form-data; "
            f"boundary=b\r\nContent-Length: 9000000\r\n\r\n--b\r\n"
        )
        held = [connected(site, head.encode()) for _ in range(20)]
        time.sleep(0.3)
        answers = []
        for connection in held:
            connection.settimeout(0.2)
            try:
                answers.append(connection.recv(12))
            except TimeoutError:
                answers.append(b"")
            connection.close()
        assert answers.count(b"") == 2, "each user has two"
        assert answers.count(b"HTTP/1.1 429") == 18


def test_one_viewer_takes_not_every_place_of_the_stream(locked_site: Site) -> None:
    with locked_site.client(OPERATOR_TOKEN) as client, contextlib.ExitStack() as stack:
        statuses = [
            stack.enter_context(client.stream("GET", "/api/v1/stream")).status_code
            for _ in range(14)
        ]
        assert statuses == [200] * 12 + [429] * 2
        with locked_site.client(VIEWER_TOKEN) as other, other.stream("GET", "/api/v1/stream") as s:
            assert s.status_code == 200


def test_one_viewer_takes_not_every_place_of_the_exports(
    locked_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_events, "csv_lines", lambda _events: itertools.repeat("x" * 9999))
    with locked_site.client(VIEWER_TOKEN) as client:
        for _ in range(3):  # what was left in the middle gives its place back
            with contextlib.ExitStack() as stack:
                statuses = [
                    stack.enter_context(client.stream("GET", "/api/v1/events.csv")).status_code
                    for _ in range(4)
                ]
                assert statuses == [200] * 2 + [429] * 2
                with (
                    locked_site.client(OPERATOR_TOKEN) as other,
                    other.stream("GET", "/api/v1/events.csv") as export,
                ):
                    assert export.status_code == 200
            places = locked_site.app.state.services.export_places
            wait_until(lambda held=places: not held._taken)


def test_the_log_tells_a_kind_once_a_while(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 0.0
    logger = logging.getLogger("platestream.test.noisy")
    logger.addFilter(Quiet(60, lambda: now_s))
    for i in range(1000):
        logger.error(f"socket.accept() out of system resource\nsocket: {i}")  # noqa: G004
    logger.error("another kind")
    now_s = 61.0
    logger.error("socket.accept() out of system resource\nsocket: 1")
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 3
    assert told[2].endswith("(and 999 more of this kind before)")


@pytest.mark.parametrize(
    "log", [contextlib.nullcontext(), discreet(Redactor([]))], ids=["as it is", "discreet"]
)
def test_a_request_that_the_end_cuts_off_is_no_error(
    log: contextlib.AbstractContextManager[None], caplog: pytest.LogCaptureFixture
) -> None:
    """Also where secrets are taken out, which makes text of an error."""
    logger = logging.getLogger(f"test.ends.{type(log).__name__}")
    logger.addFilter(Quiet())
    with log:
        for error in (asyncio.CancelledError("graceful shutdown exceeded"), ValueError("a fault")):
            logger.error("Exception in ASGI application", exc_info=error)
    assert "graceful" not in caplog.text
    assert "a fault" in caplog.text


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        most = raise_descriptor_limit()
        assert most == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
