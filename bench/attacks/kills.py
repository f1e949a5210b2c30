"""Killed at any moment: `serve`, `run`, and the PostgreSQL server under a service."""

import csv
import json
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.attacks.films import write_film
from bench.attacks.process import (
    NAMED_AS_LOST,
    Place,
    Process,
    Service,
    check_store,
    film_cameras,
    wait_until,
)
from bench.attacks.servers import PostgresServer
from tests.receivers import HttpReceiver, http_receiver

from platestream.store.store import open_store

NUM_CAMERAS = 2


def _told_ends(receiver: HttpReceiver) -> set[str]:
    """Ids of events whose end arrived whole; a request that a kill cut off does not count."""
    told = set()
    for request in receiver.requests:
        with suppress(ValueError):
            body = json.loads(request.body)
            told |= {body["id"]} if body["state"] == "final" else set()
    return told


def _see(service: Service, seen: set[str], for_s: float) -> None:
    """Note what is in the store as somebody who looks sees it."""
    end_s = time.monotonic() + for_s
    while time.monotonic() < end_s:
        seen |= {each["id"] for each in service.events() if each["state"] in ("sure", "final")}
        time.sleep(0.05)


def kill_serve(place: Place) -> None:
    """`kill -9` at random moments; the last one is told to end."""
    dice, seen = random.Random(), set[str]()
    film = write_film(place.folder / "film.mp4", 3)
    with http_receiver() as receiver:
        sinks = {"hook": {"type": "webhook", "url": receiver.url}}
        for _ in place.rounds(2, 100):
            with Service(place, film_cameras(film, NUM_CAMERAS), sinks=sinks) as service:
                _see(service, seen, dice.uniform(0.1, 3.0))
                place.report.counts["kills"] += 1
                service.kill()
        place.report.counts["seen before a kill"] += len(seen)
        with Service(place, film_cameras(film, NUM_CAMERAS), sinks=sinks) as service:
            place.report.check(wait_until(lambda: any(service.events())), "no event at all")
            wait_until(lambda: service.ask("sinks")["sinks"][0]["num_waiting"] == 0, 30)
            service.end()
        # What ended at the very end is told at the next start.
        with Service(place, {}, sinks=sinks) as service:
            wait_until(lambda: service.ask("sinks")["sinks"][0]["num_waiting"] == 0, 30)
            service.end()
        store = open_store(str(place.folder / "events.db"), place.folder / "pictures")
        check_store(place, store, seen, _told_ends(receiver))
        store.close()


def kill_run(place: Place) -> None:
    """`kill -9` or SIGTERM at random moments: what is written is whole."""
    dice, out = random.Random(2), place.folder / "out"
    film = write_film(place.folder / "film.mp4", 6)
    argv = ["run", str(film), "--out", str(out), "--detector-size", "320"]
    begin_s = time.monotonic()
    with Process(place, argv) as process:
        process.wait()
    whole_s, whole = time.monotonic() - begin_s, _events(place, out)
    place.report.check(len(whole) >= 4, f"{len(whole)} events of 6 passages")
    for number in place.rounds(4, 100):
        for old in out.glob("*.*"):
            old.unlink()
        with Process(place, argv) as process:
            time.sleep(dice.uniform(0.2, whole_s))
            place.report.counts["kills"] += 1
            if number % 2:
                process.kill()
            elif wait_until(lambda: (out / "events.csv").exists() or not process.is_alive, 30):
                process.end(codes=(0, 130, -signal.SIGTERM))  # the last: all was kept already
                _check_files(place, out)
        found = _events(place, out)
        # A plate that is cut off by the signal may be another one than the whole film shows.
        known = found.keys() & whole.keys() if number % 2 == 0 else found.keys()
        place.report.check(known <= whole.keys(), "an event that is none")


def _events(place: Place, out: Path) -> dict[str, Any]:
    """Lines of a run, each whole, with its crop."""
    found, path = {}, out / "events.jsonl"
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:
            place.report.faults.append(f"half a line: {line!r}")
            continue
        found[event["id"]] = event
        crop = out / event["crop"]
        place.report.check(crop.is_file() and crop.stat().st_size > 100, f"no crop: {crop.name}")
    place.report.counts["events"] += len(found)
    return found


def _check_files(place: Place, out: Path) -> None:
    """After a signal the table and the page are whole as well."""
    with (out / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        num_rows = len(list(csv.DictReader(file)))
    num_lines = len((out / "events.jsonl").read_bytes().splitlines())
    place.report.check(num_rows == num_lines, f"{num_rows} rows, {num_lines} lines")
    page = (out / "report.html").read_text() if (out / "report.html").exists() else ""
    place.report.check(page.rstrip().endswith("</html>"), "the report is cut off")


def kill_postgres(place: Place) -> None:
    """The database's server is killed and started again while cameras see plates."""
    film, seen = write_film(place.folder / "film.mp4", 3), set[str]()
    with PostgresServer() as server:
        store = {"url": server.url, "pictures": str(place.folder / "pictures")}
        with Service(place, film_cameras(film, NUM_CAMERAS), store=store) as service:
            for _ in place.rounds(1, 20):
                _see(service, seen, 2.0)
                before = service.frames()
                server.kill()
                place.report.counts["kills"] += 1
                time.sleep(1.0)
                server.start()
                moved = wait_until(lambda before=before: service.frames() > before, 20)
                place.report.check(moved, "cameras stand still")
            is_well = wait_until(lambda: service.client.get("/readyz").is_success, 30)
            place.report.check(is_well, "the store is not found again")
            place.report.check(wait_until(lambda: any(service.events())), "no event at all")
            place.report.check(service.figure("platestream_store_lost_total") == 0, "events lost")
            service.end(signal.SIGTERM, signal.SIGTERM)
            # What a machine that is too busy could not end in time is named, and ended below.
            place.report.counts["named as lost"] += len(NAMED_AS_LOST.findall(service.said))
        with Service(place, {}, store=store) as service:
            service.end()
        kept = open_store(server.url, place.folder / "pictures")
        check_store(place, kept, seen, None)
        kept.close()


def kill_archive(place: Place) -> None:
    """`run --jobs` is killed again and again; the same command goes on and loses nothing."""
    folder = place.folder / "films"
    folder.mkdir()
    for number in range(4):
        write_film(folder / f"{number}.mp4", 3)
    argv = ["run", str(folder), "--out", str(place.folder / "out"), "--jobs", "2"]
    argv += ["--detector-size", "320"]
    dice = random.Random(3)
    for _ in place.rounds(1, 6):
        with Process(place, argv) as process:
            time.sleep(dice.uniform(2, 6))
            place.report.counts["kills"] += 1
            process.kill()
    with Process(place, argv) as process:
        place.report.check(process.wait() == 0, f"it does not go on: {process.said[-500:]}")
    num = len(_events(place, place.folder / "out"))
    place.report.check(num == 12, f"{num} events of 12 passages")


def end_by_every_signal(place: Place) -> None:
    """Told to end again and again, by one signal or many, at any moment of its life."""
    dice = random.Random(4)
    film = write_film(place.folder / "film.mp4", 3)
    for number in place.rounds(2, 20):
        with Service(place, film_cameras(film, NUM_CAMERAS)) as service:
            time.sleep(dice.uniform(0.0, 2.0))
            place.report.counts["ends"] += 1
            service.end(*[signal.SIGTERM, signal.SIGINT][: 1 + number % 2] * (1 + number % 3))
