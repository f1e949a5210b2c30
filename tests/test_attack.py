"""The short form of `bench/attack.py`: what it finds must be nothing, and it must find faults."""

import signal
import time
from pathlib import Path

import pytest
from bench import attack
from bench.attacks.process import Place, Process, Service


@pytest.mark.parametrize("scene", attack.SCENES, ids=lambda scene: scene.__name__)
def test_nothing_is_lost_half_there_hung_or_told(scene: attack.Scene) -> None:
    report = attack.play(scene, is_short=True)
    assert report.faults == []
    assert report.counts or report.slowest_end_s


def test_the_watch_sees_what_it_watches_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, is_short=True)
    monkeypatch.setattr("bench.attacks.process.END_WITHIN_S", 1.0)
    monkeypatch.setattr("bench.attacks.process.MOST_MB", 1)
    monkeypatch.setattr("bench.attacks.process.SECRET", "platestream:")
    with Process(place, ["serve", "--port", "0", "--db", str(tmp_path / "events.db")]) as process:
        time.sleep(1)
        process.kill()  # at any moment of its start
    with Service(place, {}) as service:
        service.client.get("/healthz")
        service.end(signal.SIGSTOP)
    faults = "\n".join(place.report.faults)
    assert "no end within 1 s" in faults
    assert " MB" in faults
    assert "a secret was said" in faults
