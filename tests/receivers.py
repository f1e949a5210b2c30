"""Real servers to tell of events: an HTTP server that fails as told, and a mosquitto broker."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_S = 30.0
USER, PASSWORD = "reader", "s3cret pass"


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for something that another thread or process brings about."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpReceiver:
    """Answers what `answer` says to each request, a status and headers, and then some words."""

    url: str = ""
    answer: Callable[[Request], tuple[int, dict[str, str]]] = lambda _: (204, {})
    words: bytes = b"said\nso"
    requests: list[Request] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


@contextmanager
def http_receiver(tls: ssl.SSLContext | None = None) -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, body)
            with receiver.lock:
                receiver.requests.append(request)
            self._answer(*receiver.answer(request))

        def do_OPTIONS(self) -> None:
            self._answer(405, {})

        def do_GET(self) -> None:
            """Answer; it tells us nothing, and so is no request of those."""
            self._answer(*receiver.answer(Request(self.path, dict(self.headers), b"")))

        def _answer(self, status: int, extra: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.words)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # a handshake that failed is what tests ask for
    scheme = "https" if tls else "http"
    receiver.url = f"{scheme}://127.0.0.1:{server.server_port}/hook?token=hidden"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Broker:
    """A mosquitto with one user, that can be killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if binary is None:
            if os.environ.get("CI") == "true":
                pytest.fail("mosquitto is not installed; .ci/run installs it")
            pytest.skip("needs the Debian package mosquitto")
        self.port = free_port()
        passwords = folder / "passwords"
        subprocess.run(
            ["mosquitto_passwd", "-b", "-c", str(passwords), USER, PASSWORD],
            check=True,
            capture_output=True,
        )
        config = folder / "mosquitto.conf"
        config.write_text(
            # Who started it may read the folder; the user it would change to may not.
            f"user root\nlistener {self.port} 127.0.0.1\n"
            f"allow_anonymous false\npassword_file {passwords}\n"
        )
        self._command = [binary, "-c", str(config)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        except OSError:
            return False
        return True


@contextmanager
def listener(broker: Broker) -> Iterator[list[paho.MQTTMessage]]:
    """Everything that is published, as it comes."""
    heard: list[paho.MQTTMessage] = []
    subscribed: list[bool] = []
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(USER, PASSWORD)
    client.on_connect = lambda c, *_: c.subscribe("#", 1)
    client.on_subscribe = lambda *_: subscribed.append(True)
    client.on_message = lambda _c, _u, message: heard.append(message)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    wait_until(lambda: subscribed)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()
