import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from platestream.live.updates import LiveUpdate
from platestream.service.web import wall as walls
from platestream.service.web.wall import KEPT_PER_CAMERA, Wall, Watcher
from tests.service.site import update


def place(wall: Wall) -> Watcher:
    watcher = wall.enter()
    assert watcher
    return watcher


def test_the_newest_state_of_each_plate_stands() -> None:
    wall, ids = Wall(), [str(uuid4()) for _ in range(KEPT_PER_CAMERA + 2)]
    for event_id in ids:
        wall.publish(update(event_id, "provisional", "JRF?02"))
    wall.publish(update(ids[5], "final", "JRFY02"))
    newest = wall.newest("gate")
    assert [each.event_id for each in newest] == ids[:1:-1]
    assert wall.find(ids[5]).state == "final"  # type: ignore[union-attr]
    assert wall.find(ids[0]) is None, "it made room"
    assert wall.newest("nobody") == []


def test_cameras_that_come_and_go_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "MAX_CAMERAS", 5)
    wall = Wall()
    for number in range(20):
        for camera in ("gate", f"c{number}"):
            news = update(str(uuid4()), "provisional", "JRF?02")
            wall.publish(replace(news, camera=camera))
    assert list(wall._newest) == ["c16", "c17", "c18", "gate", "c19"]


def test_what_is_withdrawn_is_gone_but_told() -> None:
    async def watch() -> list[str]:
        wall, event_id = Wall(), str(uuid4())
        wall.publish(update(event_id, "provisional", "JRF?02"))
        told = []
        async for news in wall.watch(place(wall)):
            told.append(news.state if news else "")
            if len(told) == 2:
                assert wall.find(event_id) is None
                wall.close()
                break
            wall.publish(update(event_id, "withdrawn", "JRF?02"))
        return told

    assert asyncio.run(watch()) == ["provisional", "withdrawn"]


def test_a_slow_watcher_misses_states_between_and_no_plate() -> None:
    async def watch() -> list[tuple[str, str]]:
        wall = Wall()
        watcher = place(wall)
        watching = wall.watch(watcher)
        first, second = str(uuid4()), str(uuid4())
        wall.publish(update(first, "provisional", "A?1"))
        await anext(watching)
        for number in range(1000):
            wall.publish(update(first, "improved", f"A{number}"))
            wall.publish(update(second, "improved", f"B{number}"))
        told: list[LiveUpdate | None] = [await anext(watching), await anext(watching)]
        assert wall.num_watchers == 1
        wall.leave(watcher)
        assert wall.num_watchers == 0
        return [(each.event_id, each.plate) for each in told if each]

    told = asyncio.run(watch())
    assert [plate for _, plate in told] == ["A999", "B999"]


def test_silence_has_a_heartbeat_and_closing_sends_home(monkeypatch: object) -> None:
    async def watch() -> list[LiveUpdate | None]:
        wall, told = Wall(), []
        async for news in wall.watch(place(wall)):
            told.append(news)
            if len(told) == 2:
                wall.close()
        return told

    walls.HEARTBEAT_S, before = 0.01, walls.HEARTBEAT_S
    try:
        assert asyncio.run(watch()) == [None, None]
    finally:
        walls.HEARTBEAT_S = before
