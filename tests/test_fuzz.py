"""The short form of `bench/fuzz.py`, and that its watch sees what it watches for."""

import random
from pathlib import Path

import pytest
from bench import fuzz

NUM = 20

EVIL = """
import os, sys, time
from platestream.core.errors import PlatestreamError

def evil(path):
    what = path.read_text()
    if what == "crash":
        os.kill(os.getpid(), 11)
    elif what == "hang":
        time.sleep(60)
    elif what == "foreign":
        raise ValueError("what is that?")
    elif what == "ours":
        raise PlatestreamError("broken; replace it")
    elif what == "memory":
        bytearray(200_000_000)
"""


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_changed_files_end_well_or_in_one_of_our_errors(kind: str) -> None:
    tally = fuzz.attack(kind, NUM, seed=1)
    assert tally.faults == []
    assert tally.num == NUM


def test_the_watch_sees_each_fault_and_goes_on_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = EVIL + fuzz.READER.replace("globals()[sys.argv[1]]", "evil")
    monkeypatch.setattr(fuzz, "READER", reader)
    monkeypatch.setattr(fuzz, "WITHIN_S", 1)
    paths = []
    for what in ("well", "crash", "hang", "foreign", "memory", "ours"):
        paths.append(tmp_path / what)
        paths[-1].write_text(what)
    tally = fuzz.Tally()
    fuzz.read_all("evil", paths, tally)
    assert (tally.num, tally.num_read) == (6, 2)
    crash, hang, foreign = tally.faults
    assert crash.startswith("crash: ended with -11")
    assert hang.startswith("hang: hung for 1 s")
    assert foreign == "foreign: foreign ValueError: 'what is that?'"
    assert tally.most_mb > 200


def test_files_are_changed_and_the_same_each_time() -> None:
    whole = bytes(range(256)) * 10
    first, again = ([fuzz.changed(whole, random.Random(n)) for n in range(50)] for _ in range(2))
    assert first == again
    assert sum(made != whole for made in first) > 40
