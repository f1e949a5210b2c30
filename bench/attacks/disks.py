"""Disks: really full, frozen, and gone, where root may mount one of its own.

Where it may not, without root or in most containers, a scene says so and is left out; the scenes
`full_disk` and `read_only_disk` then play that by a limit on the size of files.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bench.attacks.films import write_film
from bench.attacks.process import (
    NAMED_AS_LOST,
    Place,
    Service,
    check_store,
    film_cameras,
    wait_until,
)
from bench.attacks.stores import NUM_CAMERAS, without_store

from platestream.store.store import open_store

DISK_BYTES = 64_000_000


class Disk:
    """A small file system on a loop device; use it in a ``with`` statement.

    Args:
        folder: Where its file lies, and where it is mounted.

    Attributes:
        root: Where it is mounted.
        store: Configuration of a store that lies on it with all it has.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self.root = folder / "disk.img", folder / "disk"
        self.store = {"url": str(self.root / "events.db"), "pictures": str(self.root / "pictures")}

    def __enter__(self) -> Self:
        self.root.mkdir()
        with self._file.open("wb") as file:
            file.truncate(DISK_BYTES)
        _run("mkfs.ext4", "-q", "-m", "0", self._file)
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        self.unmount()

    def mount(self) -> None:
        """As a start of the machine does."""
        _run("mount", "-o", "loop", self._file, self.root)

    def unmount(self) -> None:
        """Let go of it, whoever still has a file of it open."""
        subprocess.run(["umount", "-l", self.root], capture_output=True, check=False)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Every byte of it is somebody else's."""
        path = self.root / "others.bin"
        for size in (1_000_000, 4096, 1):
            with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
        try:
            yield
        finally:
            path.unlink()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Whoever writes on it waits, as on a network's disk whose server is away."""
        _run("fsfreeze", "-f", self.root)
        try:
            yield
        finally:
            _run("fsfreeze", "-u", self.root)

    def fail(self) -> None:
        """Be gone in the middle of whatever is written, as a disk with a fault: read-only."""
        _run("mount", "-o", "remount,abort", self.root)

    def repair(self) -> None:
        """Look through it, as a start of the machine does after that, and mount it again."""
        self.unmount()
        subprocess.run(["e2fsck", "-fy", self._file], capture_output=True, check=False)
        self.mount()


def _run(*command: object) -> None:
    subprocess.run(list(map(str, command)), capture_output=True, check=True)


@contextmanager
def _disk(place: Place) -> Iterator[Disk | None]:
    """A disk, or None where none can be made; the report says so."""
    with contextlib.ExitStack() as stack:
        disk = None
        try:
            disk = stack.enter_context(Disk(place.folder))
        except (OSError, subprocess.CalledProcessError):
            place.report.counts["left out: nothing may be mounted here"] = 1
        yield disk


def _check(place: Place, disk: Disk, seen: set[str]) -> None:
    store = open_store(disk.store["url"], Path(disk.store["pictures"]))
    check_store(place, store, seen, None)
    store.close()


def _trouble_with_disk(place: Place, how: str) -> None:
    film = write_film(place.folder / "film.mp4", 3)
    with _disk(place) as disk:
        if disk is None:
            return
        with Service(place, film_cameras(film, NUM_CAMERAS), store=disk.store) as service:
            without_store(place, service, getattr(disk, how)())
        _check(place, disk, set())


def no_room_left(place: Place) -> None:
    """The disk of database and pictures has not one byte left."""
    _trouble_with_disk(place, "full")


def frozen_disk(place: Place) -> None:
    """Whatever is written to the disk waits, and cannot be called back."""
    _trouble_with_disk(place, "frozen")


def failing_disk(place: Place) -> None:
    """The disk becomes read-only in mid-write: what somebody saw before is there after a repair."""
    film, seen = write_film(place.folder / "film.mp4", 3), set[str]()
    cameras: dict[str, Any] = film_cameras(film, NUM_CAMERAS)
    with _disk(place) as disk:
        for _ in place.rounds(1, 10) if disk else ():
            assert disk
            with Service(place, cameras, store=disk.store) as service:
                before = set(seen)
                wait_until(
                    lambda s=service, b=before: (
                        seen.update(e["id"] for e in s.events() if e["state"] != "provisional")
                        or seen - b
                    )
                )
                frames = service.frames()
                disk.fail()
                place.report.counts["failures"] += 1
                time.sleep(3 if place.is_short else 10)
                place.report.check(service.frames() > frames, "cameras stand still with it")
                service.end()
                place.report.counts["named as lost"] += len(NAMED_AS_LOST.findall(service.said))
            disk.repair()
        if disk:
            with Service(place, {}, store=disk.store) as service:  # ends what went on
                service.end()
            _check(place, disk, seen)
