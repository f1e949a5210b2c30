"""Cameras that speak HTTP, by a real server: a film, a running picture, a snapshot."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

from platestream.video.pictures import encode_jpeg
from tests.live.films import film


class _Camera(BaseHTTPRequestHandler):
    """Serves the file, an endless MJPEG stream at 10 a second, or one JPEG, each with a login."""

    file: Path
    login: str
    num_snapshots: int

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(self.login.encode()).decode()
        if self.login and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif self.path.startswith("/film.mp4"):
            self._send("video/mp4", self.file.read_bytes())
        elif self.path.startswith("/snapshot"):
            type(self).num_snapshots += 1
            rgb = list(film(type(self).num_snapshots))[-1]
            self._send("image/jpeg", encode_jpeg(rgb, 98))
        elif self.path.startswith("/playlist.m3u8"):
            lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", f"file://{self.file}"]
            self._send("application/vnd.apple.mpegurl", "\n".join(lines).encode())
        else:
            self._stream()

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for rgb in film(50):
                data = encode_jpeg(rgb, 98)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                self.wfile.write(head.encode() + data + b"\r\n")
                sleep(0.1)
        except ConnectionError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Be quiet."""


@contextmanager
def http_camera(file: Path, login: str = "") -> Iterator[str]:
    """Address of a server; see `_Camera` for what it has."""
    handler = type("Camera", (_Camera,), {"file": file, "login": login, "num_snapshots": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
