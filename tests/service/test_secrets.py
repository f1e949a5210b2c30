"""Forty forms of addresses, each with one password, and every way out of a service."""

import logging
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from platestream.core.errors import ConfigError, SinkError
from platestream.core.urls import Redactor
from platestream.service import running
from platestream.service.config import ServiceConfig
from platestream.service.secrets import discreet, secrets_of
from platestream.service.web.context import Services
from tests.addresses import FORMS, SECRET
from tests.service.site import VIEWER_TOKEN, answering
from tests.service.web.live_site import ENGINE

RIGHT = [form for form in FORMS if not form.startswith("ftp:")]


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(running, "load_configured", lambda _config: ENGINE)
    monkeypatch.chdir(tmp_path)
    return {
        "store": {"url": f"sqlite:///{tmp_path}/events.db"},
        "server": {"tokens": {"screen": {"token": VIEWER_TOKEN}}},
    }


def _echo(head: bytes) -> bytes:
    return head.partition(b"\r\n")[0].replace(b"\r", b"")


# What a server answers to whatever it is asked, and most of them say it back.
FAILURES: dict[str, Callable[[bytes], bytes]] = {
    "closes": lambda _head: b"",
    "speaks rubbish": lambda head: b"\0\xff" * 500 + head,
    "refuses the login": lambda head: (
        b'%s 401 %s\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="%s"\r\nContent-Length: 0\r\n\r\n'
        % (b"RTSP/1.0" if b"RTSP/" in head else b"HTTP/1.1", _echo(head), _echo(head))
    ),
    "fails": lambda head: (
        b"%s 500 %s\r\nCSeq: 1\r\nContent-Length: %d\r\n\r\n%s"
        % (b"RTSP/1.0" if b"RTSP/" in head else b"HTTP/1.1", _echo(head), len(head), head)
    ),
    "sends elsewhere": lambda head: (
        b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
        % [*_echo(head).split(b" "), b"/"][1]
    ),
    "breaks off in a picture": lambda _head: (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 9000\r\n\r\n"
        b"\xff\xd8\xff\xe0"
    ),
}


@contextmanager
def failing_camera(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """The port of a server that answers so to everybody."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(2)
            with suppress(OSError):
                self.request.sendall(answer(self.request.recv(4000)))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def nobody_there() -> Iterator[int]:
    """A port where nothing listens."""
    yield 9


def told(client: httpx.Client) -> str:
    """All that a viewer can see."""
    paths = ("/", "/cameras", "/api/v1/cameras", "/api/v1/sinks", "/metrics", "/nothing", "/api/x")
    return "".join(client.get(path).text for path in paths)


@pytest.mark.parametrize("failure", ["is not there", *FAILURES])
def test_no_form_of_a_cameras_address_gets_out(
    failure: str,
    tmp_path: Path,
    configured: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    camera = failing_camera(FAILURES[failure]) if failure in FAILURES else nobody_there()
    with ExitStack() as stack:
        port = stack.enter_context(camera)
        forms = [form.replace(":9", f":{port}") for form in RIGHT]
        cameras = {f"c{i}": {"url": form, "timeout_s": 1} for i, form in enumerate(forms)}
        config = ServiceConfig.model_validate({**configured, "cameras": cameras})
        app = stack.enter_context(running.running(config))
        services: Services = app.state.services
        headers = {"Authorization": f"Bearer {VIEWER_TOKEN}"}
        with answering(app) as url, httpx.Client(base_url=url, headers=headers, timeout=20) as c:
            until_s = time.monotonic() + 20
            while time.monotonic() < until_s:
                errors = [health.last_error for health in services.health().values()]
                if all(errors):
                    break
                time.sleep(0.05)
            everything = told(c)
    assert sum(map(bool, errors)) >= len(RIGHT) - 2
    assert not any("unexpected" in error for error in errors), "each of them is foreseen"
    printed = capfd.readouterr()
    written = [path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*.*")]
    assert written
    for out in (everything, "".join(errors), caplog.text, printed.out, printed.err, *written):
        assert SECRET not in out
        assert VIEWER_TOKEN not in out


@pytest.mark.parametrize("form", [form for form in FORMS if "://" in form])
def test_no_error_tells_the_address_it_is_about(configured: dict[str, Any], form: str) -> None:
    url = f"gopher{form[form.index(':') :]}"
    camera = {"url": url, "username": "u", "password": SECRET}
    config = ServiceConfig.model_validate({**configured, "cameras": {"gate": camera}})
    with pytest.raises(ConfigError, match="gopher") as caught, running.running(config):
        pass
    assert SECRET not in str(caught.value)


def test_a_malformed_host_is_no_traceback(configured: dict[str, Any]) -> None:
    camera = {"url": "rtsp://[::1/main", "username": "u", "password": SECRET}
    config = ServiceConfig.model_validate({**configured, "cameras": {"gate": camera}})
    with pytest.raises(ConfigError, match="host is malformed"), running.running(config):
        pass


def test_every_secret_of_a_configuration_is_known() -> None:
    config = ServiceConfig.model_validate(
        {
            "cameras": {
                "gate": {"url": "rtsp://cam/user=a_password=Secret001_x", "password": "Secret002"}
            },
            "sinks": {
                "hook": {
                    "type": "webhook",
                    "url": "https://h/services/Secret003",
                    "secret": "Secret004",
                },
                "mqtt": {"type": "mqtt", "host": "h", "password": "Secret005"},
            },
            "store": {"url": "postgresql://u:Secret006@h/d", "hash_key": "Secret007 and more"},
            "server": {
                "users": {"otto": {"password": "Secret008"}},
                "tokens": {"t": {"token": "Secret009"}},
            },
        }
    )
    redact = Redactor(secrets_of(config))
    for number in range(1, 10):
        secret = f"Secret00{number}"
        full = {3: "services/Secret003", 7: "Secret007 and more"}
        assert secret not in redact(f"it said {full.get(number, secret)} to me"), secret


@pytest.mark.parametrize("url", ["gate.mp4", "films/gate.mp4", "/films/gate.mp4", "uploads"])
def test_the_path_of_a_film_is_no_secret(url: str) -> None:
    config = ServiceConfig.model_validate({"cameras": {"gate": {"url": url}}})
    told = f"{url}: cannot be opened"
    assert Redactor(secrets_of(config))(told) == told


def test_a_slash_makes_no_address_of_a_password() -> None:
    camera = {"url": "rtsp://cam/main", "username": "u", "password": "ab/Secret001"}
    token = {"token": "cd/Secret002+xyz="}
    config = ServiceConfig.model_validate(
        {"cameras": {"gate": camera}, "server": {"tokens": {"screen": token}}}
    )
    redact = Redactor(secrets_of(config))
    assert redact("it said ab/Secret001, cd/Secret002+xyz=") == "it said ***, ***"


def test_the_log_of_every_library_is_discreet(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    logger = logging.getLogger("some.library")
    with discreet(Redactor([SECRET])):
        logger.error("cannot open %s as %r", f"rtsp://u:{SECRET}@cam/", {"password": SECRET})
        logger.error(f"wrong: {SECRET} %d", "no number")  # noqa: G004
        try:
            raise SinkError(SECRET)  # noqa: TRY301
        except SinkError:
            logger.exception("it happened")
        logger.error("a path %s", "/x\nERROR forged \x1b[2J")
    assert SECRET not in caplog.text
    assert "it happened" in caplog.text
    assert "Traceback" in caplog.text
    assert "\\nERROR forged \\x1b" in caplog.text
    assert logging.getLogRecordFactory() is before


def test_an_error_that_leaves_a_service_is_discreet() -> None:
    def fail() -> None:
        with discreet(Redactor([SECRET])):
            raise SinkError(SECRET)

    with pytest.raises(SinkError) as caught:
        fail()
    assert str(caught.value) == "***"
