"""The whole behind the command, but for cameras that say what we want."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from platestream.core.errors import ConfigError
from platestream.live.workers import Listeners
from platestream.service import naming, running
from platestream.service.config import ServiceConfig
from platestream.service.web.context import Services
from platestream.store.records import Query, StoredUser, WatchEntry
from platestream.store.store import open_store
from tests.service.site import HASH, MadeUpCameras, answering, new_event, update
from tests.waiting import wait_until

LATER = datetime.now(UTC) + timedelta(hours=1)
SECRET = "QQ7777"
KEY = "sixteen or more."
PRIVATE: list[dict[str, str]] = [{"plates": "hash", "hash_key": KEY}, {"plates": "listed"}]


class ToldCameras(MadeUpCameras):
    """Cameras that see what a test says."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners

    def see(self, plate: str) -> str:
        """A passage from its first news to its event."""
        event = new_event(plate)
        known_as = self._listeners.namer(plate, masked=plate, confidence=0.97)
        for state in ("provisional", "final"):
            news = replace(update(event.id, state, plate), known_as=known_as)
            self._listeners.on_update("gate", news)
        self._listeners.on_event(replace(event, known_as=known_as))
        return event.id


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(running, "make_cameras", lambda _c, _e, heard: ToldCameras(heard))
    monkeypatch.setattr(running, "load_configured", lambda _config: None)

    def run_it(**store: str) -> Any:
        where = {"url": f"sqlite:///{tmp_path}/events.db", "pictures": f"{tmp_path}/pictures"}
        # Nobody is there to be told, so that all messages stay.
        sinks = {"hook": {"type": "webhook", "url": "http://127.0.0.1:9/"}}
        return running.running(
            ServiceConfig.model_validate(
                {"known_plates": {"Ada": ["AB1234"]}, "store": {**where, **store}, "sinks": sinks}
            )
        )

    return run_it


def all_that_is_told(client: httpx.Client, services: Services, event_id: str) -> Iterator[str]:
    """Every page, every answer, every message, all news."""
    paths = ["/", "/events", f"/events/{event_id}", "/stays", "/charts", "/cameras", "/metrics"]
    paths += [
        f"/api/v1/{name}"
        for name in ("events", "cameras", "stays", "corrections", "stats", "sinks")
    ]
    for path in (*paths, f"/api/v1/events/{event_id}"):
        response = client.get(path)
        assert response.status_code == 200, path
        yield response.text
    yield from (message.body for message in services.store.due(LATER))


@pytest.mark.parametrize("store", PRIVATE)
def test_a_plate_that_may_not_be_kept_is_neither_shown_nor_told(
    run: Callable[..., Any], store: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with run(**store) as app:
        services: Services = app.state.services
        event_id = services.cameras.see(SECRET)  # type: ignore[union-attr]
        wait_until(lambda: services.store.find(Query()).events)
        with answering(app) as url, httpx.Client(base_url=url, timeout=20) as client:
            told = list(all_that_is_told(client, services, event_id))
            assert client.get(f"/api/v1/live/{event_id}/crop.jpg").status_code == 404
        (news,) = services.wall.newest("gate")
    assert (news.state, news.plate, news.plate_masked, news.crop_jpeg) == ("final", "", "", None)
    assert "not kept" in told[0]
    assert len(told) == 15
    assert SECRET not in "".join(told)
    assert SECRET not in caplog.text


def test_a_correction_is_named_by_the_known_plates(run: Callable[..., Any]) -> None:
    with run() as app:
        services: Services = app.state.services
        event_id = services.cameras.see("AB1284")  # type: ignore[union-attr]
        wait_until(lambda: services.store.find(Query()).events)
        url = f"/api/v1/events/{event_id}/correction"
        with answering(app) as site, httpx.Client(base_url=site, timeout=20) as client:
            answer = client.put(url, json={"plate": "AB1234"}).json()
    assert (answer["plate"], answer["known_as"]) == ("AB1234", "Ada")


def test_listed_plates_are_shown(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "LISTS_AGE_S", 0.01)
    with run(plates="listed") as app:
        services: Services = app.state.services
        services.store.watch(WatchEntry("staff", "XY99"))
        shown = services.cameras._listeners.namer  # type: ignore[union-attr]
        wait_until(lambda: shown("XY99", masked="XY99", confidence=0.9))
        for plate in ("XY99", "AB1234"):
            services.cameras.see(plate)  # type: ignore[union-attr]
        shown = [(n.plate, n.known_as, bool(n.crop_jpeg)) for n in services.wall.newest("gate")]
    assert shown == [("AB1234", "Ada", True), ("XY99", "staff", True)]


def test_users_of_the_page_open_nothing_to_other_machines(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/users/events.db"
    store = open_store(url, tmp_path / "pictures")
    store.settings.put_user(StoredUser("otto", HASH, "operator"))
    store.close()
    for at in (url, f"sqlite:///{tmp_path}/none/events.db"):
        raw = {"store": {"url": at}, "server": {"host": "0.0.0.0", "port": 0}}
        config = ServiceConfig.model_validate(raw)
        with pytest.raises(ConfigError, match="nobody has to log in"), running.running(config):
            pass
    assert not (tmp_path / "none").exists(), "what is refused makes nothing"
