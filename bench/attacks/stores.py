"""The store fails, stands still, is damaged, or is shared; disks are full; clocks are wrong."""

import random
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from bench.attacks.films import write_film
from bench.attacks.process import Place, Process, Service, check_store, film_cameras, wait_until
from bench.attacks.servers import PostgresServer

from platestream.store.store import open_store

NUM_CAMERAS = 2


def without_store(place: Place, service: Service, trouble: AbstractContextManager[None]) -> None:
    """Take the store away for a while: cameras go on, people see it, and nothing is lost."""
    seen: set[str] = set()
    has_begun = wait_until(lambda: seen.update(e["id"] for e in service.events()) or seen)
    place.report.check(has_begun, "no event before the trouble")
    with trouble:
        begin_s, before = time.monotonic(), service.frames()
        is_told = wait_until(lambda: service.figure("platestream_store_stands_still") == 1, 40)
        place.report.check(is_told, "nobody is told that the store stands still")
        while time.monotonic() - begin_s < (8 if place.is_short else 60):
            time.sleep(0.2)
        begin_s, answered = time.monotonic(), service.client.get("/healthz").text
        place.report.check(answered.startswith("ok"), f"/healthz: {answered}")
        place.report.check(time.monotonic() - begin_s < 5, "/healthz waits for the store")
        place.report.check(service.frames() > before + 10, "cameras stand still with it")
    is_over = wait_until(lambda: service.figure("platestream_store_waiting") == 0, 60)
    place.report.check(is_over, "events wait although the store is back")
    place.report.check(service.figure("platestream_store_lost_total") == 0, "events are lost")
    place.report.counts["kept"] += int(service.figure("platestream_store_kept_total"))
    service.end()
    place.report.check("is lost" not in service.said, f"lost: {service.said[-500:]}")


Trouble = Callable[[Place, Service], AbstractContextManager[None]]


def _on_sqlite(place: Place, make_trouble: Trouble) -> None:
    film, seen = write_film(place.folder / "film.mp4", 3), set[str]()
    with Service(place, film_cameras(film, NUM_CAMERAS)) as service:
        without_store(place, service, make_trouble(place, service))
    store = open_store(str(place.folder / "events.db"), place.folder / "pictures")
    check_store(place, store, seen, None)
    store.close()


@contextmanager
def _locked(place: Place, _service: Service) -> Iterator[None]:
    """Another program has the database."""
    other = sqlite3.connect(place.folder / "events.db", isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _no_room(service: Service, most_bytes: int) -> Iterator[None]:
    """No file of the service's may grow beyond this."""
    _, hard = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (hard, hard))


def locked_sqlite(place: Place) -> None:
    """Another program holds SQLite's lock."""
    _on_sqlite(place, _locked)


def full_disk(place: Place) -> None:
    """The database cannot grow; pictures have room."""

    def trouble(place: Place, service: Service) -> AbstractContextManager[None]:
        sizes = [path.stat().st_size for path in place.folder.glob("events.db*")]
        return _no_room(service, max(sizes))

    _on_sqlite(place, trouble)


def read_only_disk(place: Place) -> None:
    """Not one byte can be written."""
    _on_sqlite(place, lambda _place, service: _no_room(service, 0))


def stopped_postgres(place: Place) -> None:
    """The server answers nothing and closes nothing; later the service ends while it does so."""
    film = write_film(place.folder / "film.mp4", 3)
    with PostgresServer() as server:
        store = {"url": server.url, "pictures": str(place.folder / "pictures")}
        with Service(place, film_cameras(film, NUM_CAMERAS), store=store) as service:
            without_store(place, service, server.standing_still())
        with Service(place, film_cameras(film, NUM_CAMERAS), store=store) as service:
            wait_until(lambda: service.frames() > 30)
            with server.standing_still():
                time.sleep(3)
                service.end()
                # What could not be kept is named; all else is told by the store below.
                place.report.counts["named as lost"] += service.said.count("is lost")
        with Service(place, {}, store=store) as service:  # ends what went on
            service.end()
        kept = open_store(server.url, place.folder / "pictures")
        check_store(place, kept, set(), None)
        kept.close()


def damaged_store(place: Place) -> None:
    """Bytes of the database are changed: every look at it ends, with one line at most."""
    whole = place.folder / "whole"
    film = write_film(place.folder / "film.mp4", 3)
    with Service(place, film_cameras(film, NUM_CAMERAS)) as service:
        wait_until(lambda: len(list(service.events())) >= 2)
        service.end()
    whole.mkdir()
    shutil.move(place.folder / "events.db", whole / "events.db")
    dice, data = random.Random(5), (whole / "events.db").read_bytes()
    for number in place.rounds(4, 150):
        made = bytearray(data)
        for _ in range(dice.choice((1, 3, 20))):
            at = dice.randrange(100 if number % 5 else 0, len(made))
            made[at : at + 8] = dice.randbytes(len(made[at : at + 8]))
        for left in place.folder.glob("events.db*"):
            left.unlink()
        (place.folder / "events.db").write_bytes(made)
        for argv in (["list"], ["prune", "--max-gb", "0"]):
            place.report.counts["looks"] += 1
            db = ["--db", str(place.folder / "events.db")]
            with Process(place, ["events", *argv, *db]) as process:
                code = process.wait(30)
                place.report.check(code in (0, 7), f"exit code {code}: {process.said[-500:]}")


def two_services(place: Place) -> None:
    """The second one on a store is refused in one line, and the first goes on."""
    film = write_film(place.folder / "film.mp4", 3)
    with Service(place, film_cameras(film, NUM_CAMERAS)) as service:
        argv = ["serve", "--config", str(place.folder / "config.yaml")]
        for _ in place.rounds(1, 5):
            with Process(place, argv) as second:
                code, said = second.wait(60), second.said
                place.report.check(code == 7, f"exit code {code}: {said[-500:]}")
                place.report.check("another" in said and said.count("\n") == 1, said[-500:])
        before = service.frames()
        place.report.check(wait_until(lambda: service.frames() > before), "the first stands still")
        service.end()


def wrong_clocks(place: Place) -> None:
    """The clock jumps back and ahead while cameras see plates."""
    film, seen, clock = write_film(place.folder / "film.mp4", 3), set[str](), place.folder / "clock"
    clock.write_text("0")
    cameras = film_cameras(film, NUM_CAMERAS)
    with Service(place, cameras, clock=clock) as service:
        wait_until(lambda: any(service.events()))
        jumps = (-3600, 86_400, -86_400 * 400, 0)
        for jump_s in jumps[: 2 if place.is_short else 4]:
            part = place.folder / "part"
            part.write_text(str(jump_s))
            part.replace(clock)
            place.report.counts["jumps"] += 1
            seen |= {each["id"] for each in service.events() if each["state"] == "final"}
            kept = service.figure("platestream_store_kept_total")
            goes_on = wait_until(
                lambda kept=kept: service.figure("platestream_store_kept_total") > kept + 1, 40
            )
            place.report.check(goes_on, f"no event after a jump of {jump_s} s")
        service.end()
    store = open_store(str(place.folder / "events.db"), place.folder / "pictures")
    check_store(place, store, seen, None)
    store.close()
