"""`kill -9` at any moment: no acknowledged event is lost, no half event exists."""

import multiprocessing
import os
import random
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import pytest
from sqlalchemy import Engine, event

from platestream.store.picture_files import GRACE_S
from platestream.store.records import Message, Query, StoredEvent
from platestream.store.store import EventStore, open_store

from .conftest import OpenStore
from .events import new_event

NUM_KILLS = 25
NUM_STRIP = 3
SINKS = ("hook", "mqtt")
_STEPS = ("open", "os.mkdir", "os.remove")


@pytest.fixture(scope="module")
def writers() -> multiprocessing.context.ForkServerContext:
    """Starts processes that have all they need imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "platestream.store.store"])
    return context


def write_events(url: str, pictures: Path, told: Connection, dies_at: int | None = None) -> None:
    """Add events for ever, telling the id of each one once it is safe."""
    store = open_store(url, pictures)
    told.send("")
    if dies_at is not None:
        _die_at_step(dies_at)
    while True:
        new = new_event("AB1234", num_strip=NUM_STRIP)
        messages = [Message(sink, "gate", new.id, "event", "{}") for sink in SINKS]
        told.send(store.add(new, messages))


def _die_at_step(number: int) -> None:
    """Die right before this process touches a file or asks the database for the n-th time."""
    steps = iter(range(1, number + 1))

    def step(*_: object) -> None:
        if next(steps, number) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(lambda name, _: step() if name in _STEPS else None)
    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)


def test_a_writer_is_killed_at_random_moments(
    writers: multiprocessing.context.ForkServerContext,
    url: str,
    pictures: Path,
    open_again: OpenStore,
) -> None:
    rng = random.Random()
    acknowledged: list[str] = []
    for number in range(NUM_KILLS):
        ours, theirs = writers.Pipe(duplex=False)
        writer = writers.Process(target=write_events, args=(url, pictures, theirs))
        writer.start()
        theirs.close()
        assert ours.recv() == ""
        # Every other one lives at least until its first event is safe, however busy the machine.
        assert number % 2 or ours.poll(60)
        time.sleep(rng.uniform(0, 0.1))
        writer.kill()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        acknowledged += told_by(ours)
    assert len(acknowledged) >= NUM_KILLS / 2
    check(open_again(), acknowledged, max_unacknowledged=NUM_KILLS)
    check_swept(pictures, open_again)


def test_a_writer_dies_at_every_step_of_its_way(
    writers: multiprocessing.context.ForkServerContext,
    url: str,
    pictures: Path,
    open_again: OpenStore,
) -> None:
    acknowledged: list[str] = []
    step = 0
    while not acknowledged:  # until a writer lived long enough to add one
        step += 1
        ours, theirs = writers.Pipe(duplex=False)
        writer = writers.Process(target=write_events, args=(url, pictures, theirs, step))
        writer.start()
        theirs.close()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        acknowledged += told_by(ours)
    assert step > NUM_STRIP + 10  # its mark, its folder, each picture, each statement, ...
    check(open_again(), acknowledged, max_unacknowledged=step)
    check_swept(pictures, open_again)


def told_by(writer: Connection) -> list[str]:
    """All that a dead writer told, but for its first word."""
    told: list[str] = []
    with writer:
        try:
            while True:
                told.append(writer.recv())
        except (EOFError, OSError):
            return [event_id for event_id in told if event_id]


def check(store: EventStore, acknowledged: list[str], max_unacknowledged: int) -> None:
    """Everything acknowledged is there; everything there is whole."""
    found: list[StoredEvent] = []
    cursor: str | None = ""
    while cursor is not None:
        page = store.find(Query(), limit=500, cursor=cursor)
        found += page.events
        cursor = page.next_cursor
    ids = [kept.id for kept in found]
    assert set(acknowledged) <= set(ids)
    # A writer may die after its event is safe and before it says so.
    assert len(ids) <= len(acknowledged) + max_unacknowledged
    for event_id in ids:
        kept = store.get(event_id)
        assert len(kept.strip) == NUM_STRIP
        for file in (kept.crop_file, kept.frame_file, *(f.file for f in kept.strip)):
            assert cv2.imread(str(store.picture(file))) is not None
    for sink in SINKS:
        assert sorted(messages_of(store, sink)) == sorted(ids)


def messages_of(store: EventStore, sink: str) -> list[str]:
    """The events of all messages to one sink, telling each."""
    event_ids = []
    while due := [m for m in store.due(new_event().ended_at) if m.sink == sink]:
        event_ids += [message.event_id for message in due]
        for message in due:
            store.told(message.number)
    return event_ids


def check_swept(pictures: Path, open_again: OpenStore) -> None:
    """Long after, opening leaves the pictures of events and nothing else."""
    long_ago = time.time() - GRACE_S - 60
    for mark in (pictures / "unsettled").iterdir():
        os.utime(mark, (long_ago, long_ago))
    store = open_again()
    folders = {path.name for path in pictures.glob("2*/*")}
    assert list((pictures / "unsettled").iterdir()) == []
    assert folders == {event_id for event_id in folders if store.get(event_id).crop_file}
