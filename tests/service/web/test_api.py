import csv
import html
import io
import json
import re
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import httpx
import numpy as np
import pytest

from platestream.core.errors import StoreError
from platestream.service.delivery import SinkHealth
from platestream.service.keeping import Keeper
from platestream.service.web.auth import Auth
from platestream.store.privacy import Privacy
from platestream.store.records import NewEvent
from platestream.store.store import EventStore
from tests.service.site import (
    OPERATOR_TOKEN,
    VIEWER_TOKEN,
    Site,
    form_token,
    locked,
    log_in,
    new_event,
    picture,
    serving,
    update,
)
from tests.waiting import wait_until

NOW = datetime.now(UTC).replace(microsecond=0)


def answer(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def png(width: int = 220, height: int = 60) -> bytes:
    return cv2.imencode(".png", picture("JRFY02", width, height))[1].tobytes()


def test_the_average_of_frames_is_shown_with_their_number(site: Site) -> None:
    event = new_event()
    average = np.full((64, 256, 3), 90, np.uint8)
    site.store.add(replace(event, event=replace(event.event, num_stacked=9), stack=average))
    with site.client() as client:
        told = answer(client.get(f"/api/v1/events/{event.id}"))
        assert told["num_stacked"] == 9
        sent = client.get(told["stack_url"])
        shown = cv2.imdecode(np.frombuffer(sent.content, np.uint8), 1)
        assert shown is not None
        assert shown.shape == (64, 256, 3)
        page = client.get(f"/events/{event.id}").text
        assert "Average of 9 real frames" in page
        assert told["stack_url"] in page


def test_an_event_comes_with_its_strip_and_pictures(site: Site) -> None:
    event = new_event(known_as="Ada", direction="gate:in")
    site.store.add(event)
    with site.client() as client:
        told = answer(client.get(f"/api/v1/events/{event.id}"))
        assert (told["plate"], told["camera"], told["known_as"]) == ("JRFY02", "gate", "Ada")
        assert told["candidates"][0] == {"plate": "JRFY02", "share": 0.98}
        assert told["quad"] == (event.event.quad and [list(point) for point in event.event.quad])
        assert [frame["text"] for frame in told["strip"]] == ["JRFY02", None, "JRFY02", None]
        urls = [told["crop_url"], told["frame_url"], *(f["crop_url"] for f in told["strip"])]
        for url in urls:
            response = client.get(url)
            assert response.headers["content-type"] == "image/jpeg"
            assert "private" in response.headers["cache-control"]
            assert cv2.imdecode(np.frombuffer(response.content, np.uint8), 1) is not None
        assert client.get(f"/api/v1/events/{event.id}/strip/4.jpg").status_code == 404
        assert told["stack_url"] is None
        assert client.get(f"/api/v1/events/{event.id}/stack.jpg").status_code == 404
        answer(client.get(f"/api/v1/events/{uuid4()}"), 404)
        answer(client.get("/api/v1/events/JRFY02"), 422)


def test_pages_of_events_are_whole_and_in_order(site: Site) -> None:
    events = [new_event(f"AB{n:03}", NOW - timedelta(minutes=n)) for n in range(7)]
    for event in events:
        site.store.add(event)
    with site.client() as client:
        seen: list[str] = []
        cursor = None
        while True:
            params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = answer(client.get("/api/v1/events", params=params))
            seen += [event["id"] for event in page["events"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == [event.id for event in events]
        answer(client.get("/api/v1/events?cursor=nonsense"), 422)


@pytest.mark.parametrize(
    ("params", "plates"),
    [
        ({"plate": "fy0"}, {"JRFY02"}),
        ({"plate": "*02"}, {"JRFY02"}),
        ({"plate": "JRF?02"}, {"JRFY02"}),
        ({"looks_like": "XYP9878"}, {"XYP9B78"}),
        ({"camera": "yard"}, {"E617KA147"}),
        ({"since": (NOW - timedelta(hours=2)).isoformat()}, {"JRFY02", "XYP9B78"}),
        ({"until": (NOW - timedelta(hours=2)).isoformat()}, {"E617KA147"}),
        ({"known": "true"}, {"XYP9B78"}),
        ({"min_confidence": "0.99"}, set()),
        ({}, {"JRFY02", "XYP9B78", "E617KA147"}),
    ],
)
def test_events_are_found(site: Site, params: dict[str, str], plates: set[str]) -> None:
    site.store.add(new_event("JRFY02", NOW))
    site.store.add(new_event("XYP9B78", NOW - timedelta(hours=1), known_as="Ada"))
    site.store.add(new_event("E617KA147", NOW - timedelta(days=1), camera="yard"))
    with site.client() as client:
        found = answer(client.get("/api/v1/events", params=params))["events"]
        assert {event["plate"] for event in found} == plates


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "since=yesterday", "since=2026-11-23T08:00", "min_confidence=2",
     "unknown=1", "plate=" + "A" * 65, "since=0001-01-01T00:00:00%2B14:00", "plate=%00"],
)  # fmt: skip
def test_questions_that_make_no_sense_are_told_so(site: Site, query: str) -> None:
    with site.client() as client:
        error = answer(client.get(f"/api/v1/events?{query}"), 422)["error"]
        assert error["code"] == "invalid"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=0", "is too small; write 1 or more"),
        ("limit=many", "is no whole number; write one, such as 10"),
        ("since=yesterday", "is no time; write one such as 2026-05-31T08:00:00Z"),
        ("since=2026-11-23T08:00", "has no time zone; end it with Z or an offset such as +02:00"),
        ("min_confidence=2", "is more than 1; write a share of the whole, 0 to 1, such as 0.95"),
        ("unknown=1", "there is no such key; correct or remove it"),
        ("known=perhaps", "is neither true nor false; write one of the two"),
        ("camera=" + "x" * 129, "is too long; write no more than 128 characters"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_in_words(site: Site, query: str, says: str) -> None:
    with site.client() as client:
        error = answer(client.get(f"/api/v1/events?{query}"), 422)["error"]
        (detail,) = error["details"]
        assert detail["field"] == query.partition("=")[0]
        assert detail["message"].startswith(says)


def test_an_event_that_is_no_uuid_and_a_body_that_is_no_json_are_told(site: Site) -> None:
    with site.client() as client:
        error = answer(client.get("/api/v1/events/JRFY02"), 422)["error"]
        assert [each["field"] for each in error["details"]] == ["event_id"]
        assert error["details"][0]["message"].endswith("copy it as it was given")
        headers = {"Content-Type": "application/json"}
        error = answer(client.post("/api/v1/watch", content="{", headers=headers), 422)["error"]
        assert error["details"][0]["message"] == "is no JSON; correct it"


def test_a_correction_stays_beside_the_reading(locked_site: Site) -> None:
    event = new_event("JRFY02")
    locked_site.store.add(event)
    with locked_site.client() as client:
        log_in(client)
        page = client.get("/watch").text
        token = page.partition('name="form_token" value="')[2].partition('"')[0]
        headers = {"X-CSRF-Token": token}
        url = f"/api/v1/events/{event.id}/correction"
        told = answer(client.put(url, json={"plate": "jr-fy 03"}, headers=headers))
        assert (told["plate"], told["read_plate"]) == ("JRFY03", "JRFY02")
        assert told["corrected_by"] == "otto"
        answer(client.put(url, json={"plate": "§"}, headers=headers), 422)
        (corrected,) = answer(client.get("/api/v1/corrections"))["events"]
        assert corrected["id"] == event.id
        assert len(corrected["strip"]) == 4


def test_a_correction_renames_by_page_and_by_api(tmp_path: Path) -> None:
    owners = {"JRFY02": "Ada", "JRFY03": "Bert"}
    with (
        serving(tmp_path, name=lambda plate: owners.get(plate, "")) as site,
        site.client() as client,
    ):
        event = new_event("JRFY02", known_as="Ada")
        site.store.add(event)
        url = f"/events/{event.id}/correction"
        token = form_token(client.get(f"/events/{event.id}").text)
        client.post(url, data={"plate": "JRFY03", "form_token": token})
        assert site.store.get(event.id).known_as == "Bert"
        told = answer(client.put(f"/api/v1{url}", json={"plate": "jrfy04"}))
        assert (told["plate"], told["known_as"]) == ("JRFY04", "")


def test_watch_lists_grow_and_shrink(site: Site) -> None:
    with site.client() as client:
        new = {"list_name": "staff", "plate": "jr fy02", "label": "Ada"}
        added = answer(client.post("/api/v1/watch", json=new), 201)
        assert added["plate"] == "JRFY02"
        assert answer(client.get("/api/v1/watch"))["entries"] == [added]
        assert client.delete(f"/api/v1/watch/{added['id']}").status_code == 204
        assert answer(client.get("/api/v1/watch"))["entries"] == []
        answer(client.delete(f"/api/v1/watch/{added['id']}"), 404)


def test_stays_and_hours_are_told(site: Site) -> None:
    arrival = new_event("JRFY02", NOW - timedelta(hours=3), direction="gate:in")
    departure = new_event("JRFY02", NOW - timedelta(hours=1), direction="gate:out")
    site.store.add(arrival)
    site.store.add(departure)
    with site.client() as client:
        (stay,) = answer(client.get("/api/v1/stays"))["stays"]
        assert (stay["arrival_id"], stay["departure_id"]) == (arrival.id, departure.id)
        assert answer(client.get("/api/v1/stays?inside_only=true"))["stays"] == []
        hours = answer(client.get("/api/v1/stats"))["hours"]
        assert [hour["num_events"] for hour in hours] == [1, 1]


def test_cameras_tell_their_health_and_newest_plates(site: Site) -> None:
    event_id = str(uuid4())
    site.app.state.services.wall.publish(update(event_id, "provisional", "JRF?02"))
    with site.client() as client:
        gate, yard = answer(client.get("/api/v1/cameras"))["cameras"]
        assert (gate["name"], gate["health"]["state"]) == ("gate", "live")
        assert (yard["name"], yard["health"]["last_error"]) == ("yard", "rtsp://yard")
        (newest,) = gate["newest"]
        assert newest["plate_masked"] == "JRF?02"
        assert client.get(newest["crop_url"]).headers["content-type"] == "image/jpeg"
        assert client.get("/api/v1/cameras/gate/snapshot.jpg").status_code == 200
        assert client.get("/api/v1/cameras/yard/snapshot.jpg").status_code == 204
        answer(client.get("/api/v1/cameras/nobody/snapshot.jpg"), 404)


def test_the_stream_tells_what_is_there_and_then_what_comes(site: Site) -> None:
    wall = site.app.state.services.wall
    event_id = str(uuid4())
    wall.publish(update(event_id, "provisional", "JRF?02"))
    told: list[dict[str, Any]] = []
    with site.client() as client, client.stream("GET", "/api/v1/stream") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if not line.startswith("data: "):
                continue
            told.append(json.loads(line.removeprefix("data: ")))
            if len(told) == 2:
                break
            wall.publish(update(event_id, "final", "JRFY02"))
    assert [(t["state"], t["plate_masked"]) for t in told] == [
        ("provisional", "JRF?02"),
        ("final", "JRFY02"),
    ]


def test_a_stream_ends_when_its_session_does(locked_site: Site) -> None:
    wall = locked_site.app.state.services.wall
    with locked_site.client() as client:
        log_in(client)
        with client.stream("GET", "/api/v1/stream") as response:
            lines = response.iter_lines()
            next(lines)
            locked_site.app.state.services.auth.log_out(client.cookies["platestream"])
            wall.publish(update(str(uuid4()), "final", "SECRET1"))
            assert not any("SECRET1" in line for line in lines)


def test_too_many_watchers_are_asked_to_wait(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr("platestream.service.web.wall.MAX_WATCHERS", 0)
    with site.client() as client:
        response = client.get("/api/v1/stream")
        assert answer(response, 429)["error"]["code"] == "too_many"
        assert response.headers["retry-after"] == "60"


def test_an_uploaded_picture_is_read(site: Site) -> None:
    with site.client() as client:
        told = answer(client.post("/api/v1/read", files={"image": png()}))
        assert (told["width"], told["height"]) == (220, 60)
        assert told["plates"][0]["plate_masked"] == "JRFY0?"


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is huge, with a right header."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(width + 1) * 40, 9)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_bombs_are_refused(site: Site) -> None:
    with site.client() as client:
        for data in (bomb(60_000, 60_000), bomb(16_000, 16_000), b"GIF89a", b"", b"\xff\xd8\xff"):
            error = answer(client.post("/api/v1/read", files={"image": data}), 422)["error"]
            assert error["message"].startswith("image: ")


def test_a_picture_that_is_too_many_bytes_is_refused(site: Site) -> None:
    with site.client() as client:
        data = png() + bytes(10_000_000)
        answer(client.post("/api/v1/read", files={"image": data}), 413)


def test_readers_at_work_make_others_wait(tmp_path: Path) -> None:
    is_reading, go_on = threading.Event(), threading.Event()

    def read_slowly(_: Any, /) -> list[Any]:
        is_reading.set()
        assert go_on.wait(20)
        return []

    with serving(tmp_path, Auth(), reader=read_slowly) as site, site.client() as client:
        room = site.app.state.services.upload_places
        first = threading.Thread(target=lambda: client.post("/api/v1/read", files={"image": png()}))
        first.start()
        assert is_reading.wait(20)
        assert room.acquire(blocking=False), "there is a second place"
        response = client.post("/api/v1/read", files={"image": png()})
        assert answer(response, 429)["error"]["code"] == "too_many"
        assert response.headers["retry-after"] == "1"
        room.release()
        go_on.set()
        first.join()
        assert answer(client.post("/api/v1/read", files={"image": png()}))["plates"] == []


def test_without_networks_nothing_is_read(tmp_path: Path) -> None:
    with serving(tmp_path, reader=None) as site, site.client() as client:
        answer(client.post("/api/v1/read", files={"image": png()}), 503)


def test_viewers_may_have_pictures_read(tmp_path: Path) -> None:
    with serving(tmp_path, locked()) as site, site.client(VIEWER_TOKEN) as client:
        answer(client.post("/api/v1/read", files={"image": png()}))


def test_machines_that_watch_this_one_are_told(site: Site) -> None:
    with site.client() as client:
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/readyz").text == "ready\n"
        client.get("/api/v1/events")
        text = client.get("/metrics").text
        assert 'platestream_camera_state{camera="yard",state="lost"} 1.0' in text
        assert 'platestream_camera_plate_width_px{camera="gate"} 84.0' in text
        assert "# TYPE platestream_camera_cpu_seconds_total counter" in text
        spent = 'platestream_camera_cpu_seconds_total{camera="gate",stage="detect"} 30.25'
        assert spent in text
        assert 'cpu_seconds_total{camera="yard"' not in text
        labels = 'method="GET",route="/api/v1/events",status="200"'
        assert f"platestream_http_requests_total{{{labels}}} 1.0" in text


def test_a_store_that_fails_is_unavailable_and_keeps_its_secrets(
    site: Site, monkeypatch: Any
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        msg = "postgresql://user:secret@db: gone"
        raise StoreError(msg)

    monkeypatch.setattr(site.store, "find", fail)
    with site.client() as client:
        for path in ("/readyz", "/api/v1/events"):
            error = answer(client.get(path), 503)["error"]
            assert error["code"] == "unavailable"
            assert "secret" not in error["message"]
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/metrics", "/api/v1/events", "/static/page.css"]
)
def test_the_head_is_what_get_would_give_less_its_body(site: Site, path: str) -> None:
    with site.client() as client:
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert client.head("/nothing").status_code == 404
        assert client.head("/login").status_code == 303


def test_the_endless_stream_has_no_head(site: Site) -> None:
    with site.client() as client:
        assert client.head("/api/v1/stream").status_code == 405
        assert client.get("/healthz").text == "ok\n"
    assert site.app.state.services.wall.num_watchers == 0


def test_a_head_passes_the_gate_like_anything_else(locked_site: Site) -> None:
    with locked_site.client() as client:
        assert client.head("/healthz").status_code == 200
        assert client.head("/events").status_code == 303
        assert client.head("/api/v1/events").status_code == 401
        assert client.head("/api/v1/events", headers={"Host": "evil.example"}).status_code == 421


def test_methods_that_strangers_make_up_are_counted_as_one(site: Site) -> None:
    with site.client() as client:
        for number in range(3):
            client.request(f"MADE-UP{number}", "/")
        figures = client.get("/metrics").text
    assert "MADE-UP" not in figures
    assert re.search(r'requests_total{method="other",route="/",status="405"} 3.0', figures)


def test_where_not_every_plate_may_be_kept_only_operators_see_the_picture(tmp_path: Path) -> None:
    privacy = Privacy("hash", b"sixteen or more.")
    snapshot = "/api/v1/cameras/gate/snapshot.jpg"
    with serving(tmp_path, locked(), privacy) as site:
        with site.client(VIEWER_TOKEN) as viewer:
            assert "operator" in answer(viewer.get(snapshot), 403)["error"]["message"]
            assert snapshot not in viewer.get("/").text
        with site.client(OPERATOR_TOKEN) as operator:
            assert operator.get(snapshot).headers["content-type"] == "image/jpeg"
            assert snapshot in operator.get("/").text


def test_how_each_sink_does_is_told_to_people_and_programs(tmp_path: Path) -> None:
    away = SinkHealth(1200, 30, 2, NOW, "10.0.0.9:80: answered 500", 1234)
    new = SinkHealth()
    both = {"hook": away, "mqtt": new}
    with serving(tmp_path, sinks=lambda: both) as site, site.client() as client:
        hook, mqtt = answer(client.get("/api/v1/sinks"))["sinks"]
        page, figures = client.get("/cameras").text, client.get("/metrics").text
    assert (hook["name"], hook["num_waiting"], hook["num_told"]) == ("hook", 1234, 1200)
    assert (hook["num_failed"], hook["num_given_up"]) == (30, 2)
    assert datetime.fromisoformat(hook["last_told_at"]) == NOW
    assert (mqtt["num_waiting"], mqtt["last_told_at"], mqtt["last_error"]) == (None, None, "")
    for text in ("1,234", "1,200", "answered 500", "not since the start"):
        assert text in page
    for figure in (
        'waiting{sink="hook"} 1234.0',
        'told_total{sink="hook"} 1200.0',
        'failed_total{sink="hook"} 30.0',
        'given_up_total{sink="mqtt"} 0.0',
        'last_told_timestamp_seconds{sink="hook"} ',
    ):
        assert f"platestream_sink_{figure}" in figures
    assert 'waiting{sink="mqtt"}' not in figures


def test_events_that_wait_for_the_store_are_seen_on_every_way_and_gone_when_they_are_kept(
    tmp_path: Path,
) -> None:
    is_away = threading.Event()
    is_away.set()

    def keep(_: NewEvent) -> None:
        if is_away.is_set():
            msg = "the database is away"
            raise StoreError(msg)

    keeper = Keeper(keep, retry_s=0.01)
    keeper.start()
    for _ in range(3):
        keeper.put(new_event())
    wait_until(lambda: keeper.health().state == "waiting")
    with serving(tmp_path, keeping=keeper.health) as site, site.client() as client:
        assert client.get("/healthz").text == "ok; 3 events wait for the store\n"
        assert "the database is away" in client.get("/cameras").text
        response = client.get("/readyz")
        assert response.status_code == 503
        message = response.json()["error"]["message"]
        assert message == "3 events wait for the store; see the log", "why is not for strangers"
        figures = client.get("/metrics").text
        assert "platestream_store_stands_still 1.0" in figures
        assert "platestream_store_waiting 3.0" in figures
        is_away.clear()
        wait_until(lambda: keeper.health().num_kept == 3)
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/readyz").text == "ready\n"
        assert "the database is away" not in client.get("/cameras").text
        figures = client.get("/metrics").text
        assert "platestream_store_stands_still 0.0" in figures
        assert "platestream_store_kept_total 3.0" in figures
    keeper.stop(5)


def test_health_waits_for_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()

    def never_found(*_: Any, **__: Any) -> None:
        is_over.wait(20)
        raise StoreError

    monkeypatch.setattr(EventStore, "find", never_found)
    with ThreadPoolExecutor(60) as pool, site.client() as client:
        asked = [pool.submit(client.get, "/api/v1/events", timeout=30) for _ in range(60)]
        try:
            began_s = time.monotonic()
            for _ in range(3):
                assert client.get("/healthz").text == "ok\n"
            assert time.monotonic() - began_s < 2
            response = client.get("/readyz")
            assert response.status_code == 503
            assert "has not answered" in response.json()["error"]["message"]
            assert time.monotonic() - began_s < 5
        finally:
            is_over.set()
        assert {each.result().status_code for each in asked} == {503}


def test_all_that_was_found_is_exported_as_csv(site: Site) -> None:
    for plate, camera in (("AB1234", "gate"), ("CD5678", "yard"), ("=EVIL()", "yard")):
        site.store.add(new_event(plate, camera=camera))
    with site.client() as client:
        whole = client.get("/api/v1/events.csv")
        assert whole.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(whole.content.decode("utf-8-sig"))))
        assert {row["plate"] for row in rows} == {"AB1234", "CD5678", "'=EVIL()"}
        assert {row["state"] for row in rows} == {"final"}
        yard = client.get("/events", params={"camera": "yard", "since": "2020-01-01T00:00"}).text
        (link,) = re.findall(r'href="(/api/v1/events\.csv[^"]*)"', yard)
        assert client.get(html.unescape(link)).text.count("\n") == 3
        assert client.get("/api/v1/events.csv", params={"camera": "\0"}).status_code == 422
