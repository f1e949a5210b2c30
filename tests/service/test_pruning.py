"""The store is kept small by a thread that no error ends."""

from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.service import pruning
from platestream.service.config import ServiceConfig
from platestream.store.store import open_store
from tests.waiting import wait_until


def test_pruning_goes_on_whatever_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pruning, "PRUNE_EVERY_S", 0.001)
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path)
    errors = [OSError(5, "I/O error"), StoreError("the disk is full")]
    pruned = []

    def prune(**_limits: object) -> None:
        if errors:
            raise errors.pop()
        pruned.append(True)

    monkeypatch.setattr(store, "prune", prune)
    thread = pruning.Pruning(ServiceConfig(), store)
    thread.start()
    wait_until(lambda: pruned)
    thread.stop()
    store.close()
    assert "the disk is full" in caplog.text
    assert "I/O error" in caplog.text
