"""Cameras that stall, lie, change and jump; and twelve of them at once."""

import io
import time
from typing import Any

import av
import numpy as np
from bench.attacks.films import FPS, passage, pictures, write_film
from bench.attacks.process import Place, Service, film_cameras, wait_until
from tests.live.tcp_cameras import only_sound, tcp_camera, transport_stream

TIMEOUT_S = 2.0


def _stream(codec: str = "mpeg2video", first_s: float = 0.0) -> bytes:
    """The film as a transport stream whose clock begins at `first_s`."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts", options={"mpegts_copyts": "1"}) as container:
        video = container.add_stream(codec, rate=25)
        video.pix_fmt, video.height, video.width = "yuv420p", *passage()[0].shape[:2]
        for index, rgb in enumerate(pictures(1, 1.0)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame.pts = index + round(first_s * 25)
            container.mux(video.encode(frame))
        container.mux(video.encode())
    return file.getvalue()


def evil_cameras(place: Place) -> None:
    """Each is connected to anew, none is called live without pictures, and a good one goes on."""
    film, begin = write_film(place.folder / "film.mp4", 3), _stream()
    noise, head = np.random.default_rng(0), bytes([0x47, 0x01, 0x00, 0x10])
    evil = {
        "stalls": (begin, b""),
        "only-sound": (begin, only_sound(transport_stream("mpeg2video", 2, 10.0))),
        "rubbish": (begin, b"".join(head + noise.bytes(184) for _ in range(500))),
        "another-codec": (begin, _stream("libx264") * 5),
    }
    with (
        tcp_camera(*evil["stalls"]) as stalls,
        tcp_camera(*evil["only-sound"]) as sound,
        tcp_camera(*evil["rubbish"]) as rubbish,
        tcp_camera(*evil["another-codec"]) as codec,
    ):
        urls = dict(zip(evil, (stalls, sound, rubbish, codec), strict=True))
        cameras = {n: {"url": url, "timeout_s": TIMEOUT_S} for n, url in urls.items()}
        with Service(place, cameras | film_cameras(film)) as service:
            _watch(place, service, list(evil))


def _watch(place: Place, service: Service, evil: list[str]) -> None:
    def is_well(health: dict[str, Any]) -> bool:
        # FFmpeg may take the new codec as it comes: then pictures go on.
        return health["num_reconnects"] >= 1 or (health["state"] == "live" and health["fps_in"] > 0)

    began_s = time.monotonic()
    came_back = wait_until(
        lambda: (
            time.monotonic() - began_s > 3 * TIMEOUT_S
            and all(is_well(health) for health in service.cameras().values())
        ),
        60,
    )
    health = service.cameras()
    place.report.check(came_back, f"not connected anew: {health}")
    end_s, before = time.monotonic() + (5 if place.is_short else 300), service.frames()
    while time.monotonic() < end_s:
        health = service.cameras()
        place.report.check(health["c0"]["state"] == "live", f"the good one: {health['c0']}")
        time.sleep(0.5)
    place.report.check(service.frames() > before, "the good one stands still")
    for name in evil:
        place.report.counts["reconnects"] += health[name]["num_reconnects"]
    place.report.check(wait_until(lambda: any(service.events())), "the good one gives no event")
    service.end()


def jumping_times(place: Place) -> None:
    """A camera whose clock jumps back, ahead by an hour, and round its end."""
    parts = [_stream(), _stream(first_s=3600.0), _stream(first_s=10.0), _stream(first_s=95_000.0)]
    with (
        tcp_camera(parts[0], b"".join(parts)) as url,
        Service(place, {"jumps": {"url": url, "timeout_s": TIMEOUT_S}}) as service,
    ):
        # However few frames a busy machine looks at: it must never stand still.
        end_s = time.monotonic() + (10 if place.is_short else 200)
        goes_on = True
        while goes_on and time.monotonic() < end_s:
            before = service.frames()
            goes_on = wait_until(lambda before=before: service.frames() > before + FPS, 30)
        place.report.check(goes_on, f"it stands still: {service.cameras()}")
        place.report.check(wait_until(lambda: any(service.events()), 30), "no event")
        for event in service.events():
            place.report.check(
                event["started_at"] <= event["ended_at"], f"{event['id']}: its times"
            )
        place.report.counts["frames"] += service.frames()
        service.end()


def twelve_cameras(place: Place) -> None:
    """All are looked at, no event is lost, and memory has an end."""
    # A passage each quarter of a minute: the store writes a dozen pictures of each, to the disk.
    film = write_film(place.folder / "film.mp4", 1, pause_s=15.0)
    with Service(place, film_cameras(film, 12, max_fps=4)) as service:
        begun = wait_until(lambda: all(h["num_frames"] > 5 for h in service.cameras().values()))
        place.report.check(begun, f"not all are looked at: {service.cameras()}")
        time.sleep(5 if place.is_short else 300)
        place.report.check(wait_until(lambda: any(service.events())), "no event")
        place.report.counts["frames"] += service.frames()
        place.report.counts["events"] += int(service.figure("platestream_store_kept_total"))
        place.report.check(service.figure("platestream_store_lost_total") == 0, "events lost")
        service.end()
