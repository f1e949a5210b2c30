"""Cameras on a real socket that send what a test wants, whatever it is."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import av
import numpy as np

from tests.live.films import HEIGHT, WIDTH, film


def transport_stream(codec: str, num_pictures: int, sound_s: float) -> bytes:
    """Some pictures, and sound that goes on for longer."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        video = container.add_stream(codec, rate=25)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("mp2", rate=48000, layout="mono")
        for rgb in film(num_pictures):
            container.mux(video.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(video.encode())
        for _ in range(int(sound_s * 48000 / 1152)):
            silence = np.zeros((1, 1152), np.int16)
            frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
            frame.sample_rate = 48000
            container.mux(sound.encode(frame))
    return file.getvalue()


@contextmanager
def tcp_camera(begin: bytes, then: bytes) -> Iterator[str]:
    """A camera that sends `begin` at once and bits of `then` for ever, to one after another."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            while True:
                client, _ = server.accept()
                with client:
                    try:
                        client.sendall(begin)
                        while True:
                            for at in range(0, len(then), 1880):
                                client.sendall(then[at : at + 1880])
                                time.sleep(0.02)
                            if not then:
                                time.sleep(0.1)
                                client.settimeout(0)
                                with suppress(BlockingIOError):
                                    if not client.recv(1):
                                        break
                    except OSError:
                        continue
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def only_sound(stream: bytes) -> bytes:
    """Its packets without those of the picture (MPEG-TS's first stream is 0x100)."""
    packets = [stream[at : at + 188] for at in range(0, len(stream), 188)]
    return b"".join(each for each in packets if (each[1] & 0x1F) << 8 | each[2] != 0x100)
