"""Clients that never read or never finish, receivers that hang, and hostile pictures."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench.attacks.films import write_film
from bench.attacks.process import TOKEN, Place, Process, Service, film_cameras, wait_until
from tests.receivers import PASSWORD, USER, Broker, http_receiver
from tests.video.test_hostile_pictures import HOSTILE

from platestream.store.records import Query
from platestream.store.store import open_store

CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "cases" / "hostile"
UPLOAD = (
    "POST /api/v1/read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; "
    f"boundary=x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 9000000\r\n\r\n--x\r\n"
)
ENDLESS = f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"


def hanging_clients(place: Place) -> None:
    """Silent connections, half heads, held uploads, and streams and exports that nobody reads."""
    film = write_film(place.folder / "film.mp4", 3)
    num = 120 if place.is_short else 1100
    sent = (
        "",
        "GET / HT",
        UPLOAD,
        f"GET /api/v1/live {ENDLESS}",
        f"GET /api/v1/events.csv {ENDLESS}",
    )
    with Service(place, film_cameras(film)) as service, ExitStack() as held:
        before = service.frames()
        for number in range(num):
            with suppress(OSError):
                client = held.enter_context(socket.create_connection(("127.0.0.1", service.port)))
                client.sendall(sent[number % len(sent)].encode())
                place.report.counts["clients"] += 1
        for _ in range(3 if place.is_short else 60):
            begin_s = time.monotonic()
            answer = service.client.get("/healthz")
            took_s = time.monotonic() - begin_s
            place.report.check(answer.is_success and took_s < 5, f"/healthz took {took_s:.1f} s")
            time.sleep(1)
        place.report.check(wait_until(lambda: service.frames() > before), "cameras stand still")
        place.report.check(wait_until(lambda: any(service.events())), "no event")
        service.end()
        place.report.check(len(service.said) < 200_000, f"{len(service.said)} bytes of log")


@contextmanager
def _tarpit() -> Iterator[int]:
    """A port that takes everything and answers nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def hanging_receivers(place: Place) -> None:
    """A webhook and a broker that never answer: the end is in time, and all is told later."""
    film = write_film(place.folder / "film.mp4", 3)
    with _tarpit() as port:
        sinks = {
            "hook": {"type": "webhook", "url": f"http://127.0.0.1:{port}/"},
            "broker": {"type": "mqtt", "host": "127.0.0.1", "port": port},
        }
        for _ in place.rounds(1, 10):
            with Service(place, film_cameras(film, 2), sinks=sinks) as service:
                begun = wait_until(lambda: service.figure("platestream_sink_waiting") > 2)
                place.report.check(begun, "no message waits")
                before = service.frames()
                goes_on = wait_until(lambda before=before: service.frames() > before)
                place.report.check(goes_on, "cameras wait for receivers")
                service.end()
                place.report.counts["ends"] += 1
    with http_receiver() as receiver:
        sinks = {"hook": {"type": "webhook", "url": receiver.url}}
        with Service(place, {}, sinks=sinks) as service:
            sink = lambda: service.ask("sinks").get("sinks", [{}])[0]  # noqa: E731
            is_told = wait_until(lambda: sink().get("num_waiting") == 0, 60)
            place.report.check(is_told, f"not told: {sink()}")
            service.end()
        told = {json.loads(each.body).get("id") for each in receiver.requests}
    store = open_store(str(place.folder / "events.db"), place.folder / "pictures")
    kept = {event.id for event in store.each(Query())}
    store.close()
    place.report.counts["events"] += len(kept)
    place.report.check(kept <= told, f"never told: {kept - told}")


def frozen_broker(place: Place) -> None:
    """A broker that stands still in mid-session: the end is in time, and all is told later."""
    film = write_film(place.folder / "film.mp4", 3)
    broker = Broker(place.folder)
    broker.start()
    login = {"username": USER, "password": PASSWORD}
    sinks = {"home": {"type": "mqtt", "host": "127.0.0.1", "port": broker.port, **login}}
    try:
        for _ in place.rounds(1, 10):
            with Service(place, film_cameras(film, 2), sinks=sinks) as service:
                told = wait_until(lambda: service.figure("platestream_sink_told_total") > 0)
                place.report.check(told, "nothing is told")
                with broker.standing_still():
                    waits = wait_until(lambda: service.figure("platestream_sink_waiting") > 1)
                    place.report.check(waits, "no message waits")
                    before = service.frames()
                    goes_on = wait_until(lambda before=before: service.frames() > before)
                    place.report.check(goes_on, "cameras wait for the broker")
                    service.end()
                    place.report.counts["ends"] += 1
        with Service(place, {}, sinks=sinks) as service:
            is_told = wait_until(lambda: service.figure("platestream_sink_waiting") == 0, 60)
            place.report.check(is_told, "not told when the broker is back")
            service.end()
    finally:
        broker.kill()


def hostile_pictures(place: Place) -> None:
    """Sent, in a folder that is read, and in a folder camera beside one that must go on."""
    folder = place.folder / "evil"
    folder.mkdir()
    for name, data in HOSTILE.items():
        (folder / name).write_bytes(data)
    for path in CASES.glob("*") if CASES.is_dir() else ():
        (folder / f"case-{path.name}").write_bytes(path.read_bytes())
    names = sorted(folder.iterdir())
    place.report.counts["files"] += len(names)
    with Process(place, ["run", *map(str, names), "--out", str(place.folder / "out")]) as process:
        place.report.check(process.wait(len(names) * 30) == 3, process.said[-500:])
    film = write_film(place.folder / "film.mp4", 3)
    cameras = {"evil": {"url": str(folder), "existing": True}} | film_cameras(film)
    with Service(place, cameras) as service:
        for path in names:
            begin_s = time.monotonic()
            answer = service.client.post("/api/v1/read", files={"image": path.read_bytes()})
            took_s = time.monotonic() - begin_s
            is_refused = 400 <= answer.status_code < 500
            place.report.check(is_refused, f"{path.name}: {answer.status_code}")
            place.report.check(took_s < 15, f"{path.name}: {took_s:.0f} s")
        place.report.check(wait_until(lambda: any(service.events())), "no event beside them")
        service.end()
