"""What the pages say, read as text; `test_browser` looks at them."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import markupsafe
import pytest

from platestream.core.local_time import midnight
from platestream.service.web.pages import charts
from platestream.service.web.pages.reasons import reasons, winner
from platestream.service.web.rendering import STATIC, duration, percent
from platestream.store.records import WatchEntry
from tests.service.site import Site, form_token, new_event, update
from tests.zones import in_zone

EVIL = "<script>alert(1)</script>"
EVIL_ATTRIBUTE = '" onmouseover="alert(1)" x=\''
NOW = datetime.now(UTC).replace(microsecond=0)


def cards(page: str) -> list[str]:
    """The events that a page shows, in its order."""
    return re.findall(r'<li class="card [^"]*" data-event="([^"]+)"', page)


@pytest.mark.parametrize("evil", [EVIL, EVIL_ATTRIBUTE])
def test_what_strangers_name_stays_text(site: Site, evil: str) -> None:
    """Plates, cameras, lists, labels, names, directions: none of them becomes part of the page."""
    event = new_event(evil, camera=evil, known_as=evil, direction=evil)
    site.store.add(event)
    site.store.watch(WatchEntry(evil, "JRFY02", evil))
    site.app.state.services.wall.publish(update(str(uuid4()), "provisional", evil))
    with site.client() as client:
        paths = ["/", "/events", f"/events/{event.id}", "/watch", "/stays", "/charts", "/cameras"]
        for path in [*paths, f"/nothing/{evil}"]:
            page = client.get(path).text
            assert "<script>alert" not in page, path
            assert 'onmouseover="alert' not in page, path
        for key in ("plate", "camera", "since", "cursor", "how"):
            page = client.get("/events", params={key: evil}).text
            assert "<script>alert" not in page, key
            assert 'onmouseover="alert' not in page, key
        assert str(markupsafe.escape(evil)) in client.get(f"/events/{event.id}").text


def test_the_wall_shows_what_is_in_view_before_what_is_stored(site: Site) -> None:
    old, new = new_event("XYP9B78", NOW - timedelta(hours=1)), new_event("JRFY02")
    for event in (old, new):
        site.store.add(event)
    seen = str(uuid4())
    site.app.state.services.wall.publish(update(new.id, "final", "JRFY02"))
    site.app.state.services.wall.publish(update(seen, "provisional", "E61?KA"))
    with site.client() as client:
        page = client.get("/").text
        assert set(cards(page)) == {seen, new.id, old.id}
        assert cards(page)[-1] == old.id
        assert f'href="/events/{new.id}"' in page
        assert f'href="/events/{seen}"' not in page, "there is no such page yet"
        assert "first look" in page


def test_unsure_characters_stand_out(site: Site) -> None:
    event = new_event("JRFY02", masked="JRF?02")
    site.store.add(event)
    with site.client() as client:
        page = client.get(f"/events/{event.id}").text
        assert 'JRF<i title="not sure of this character">?</i>02' in page
        assert "The best guess for all of it is" in page


def test_an_event_tells_why(site: Site) -> None:
    event = new_event("JRFY02")
    site.store.add(event)
    stored = site.store.get(event.id)
    assert winner(stored) == 2
    assert reasons(stored) == [
        "The plate was in view for 51 frames; 50 were judged for legibility, and the reader was "
        "asked 2 times.",
        "2 of 2 readings below say exactly JRFY02; it is what all of them combined say, the "
        "legible and sure ones weighing most.",
        "The picture above won because no other crop that reads JRFY02 is as legible (0.80 of 1).",
        "The next best text is JRFY08, with a share of 1.0 % against 98.0 %.",
    ]
    averaged = replace(stored, event=replace(stored.event, num_stacked=9))
    assert "the average of 9 of the frames" in reasons(averaged)[1]
    with site.client() as client:
        page = client.get(f"/events/{event.id}").text
        assert page.count("the winner") == 1
        assert 'viewBox="0 0 320 180"' in page
        assert '<rect x="50.0" y="60.0" width="100.0" height="30.0"' in page


def test_a_person_corrects_a_plate(site: Site) -> None:
    event = new_event("JRFY02")
    site.store.add(event)
    url = f"/events/{event.id}/correction"
    with site.client() as client:
        token = form_token(client.get(f"/events/{event.id}").text)
        wrong = client.post(url, data={"form_token": token, "plate": "JR§"})
        assert wrong.status_code == 422
        assert 'role="alert"' in wrong.text
        assert 'value="JR§"' in wrong.text, "what was typed is not lost"
        right = client.post(url, data={"form_token": token, "plate": "JRFY03"})
        assert right.headers["location"] == f"/events/{event.id}#correction"
        page = client.get(f"/events/{event.id}").text
        assert "Corrected by local" in page
        assert site.store.get(event.id).read_plate == "JRFY02"


def test_what_a_rule_made_of_a_plate_says_so(site: Site) -> None:
    event = replace(new_event("AB0234", masked="ABO234"), read_plate="ABO234")
    site.store.add(event)
    with site.client() as client:
        page = client.get(f"/events/{event.id}").text
        assert "A rule of the configuration made it of what the reader said" in page
        assert re.findall(r'<span class="plate (?:large|inline)" data-plate>(\w+)<', page) == [
            "AB0234",
            "ABO234",
        ]
        assert "by rule" in client.get("/events").text
        told = client.get(f"/api/v1/events/{event.id}").json()
        assert (told["plate"], told["read_plate"]) == ("AB0234", "ABO234")


def test_search_keeps_what_was_asked_over_its_pages(site: Site) -> None:
    events = [new_event(f"AB{n:03}", NOW - timedelta(minutes=n)) for n in range(30)]
    for event in events:
        site.store.add(event)
    site.store.add(new_event("XYP9B78"))
    with site.client() as client:
        first = client.get("/events?plate=AB&how=part&camera=gate&since=&until=&known=").text
        assert cards(first) == [event.id for event in events[:24]]
        (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
        second = client.get(html.unescape(older)).text
        assert cards(second) == [event.id for event in events[24:]]
        assert 'value="AB"' in second
        assert 'rel="next"' not in second


@pytest.mark.parametrize(
    ("query", "found"),
    [("plate=xyp&how=part", True), ("plate=XYP9878&how=like", True), ("plate=QQ&how=part", False),
     ("since=2999-01-01T00:00", False), ("until=2999-01-01T00:00", True), ("known=yes", False)],
)  # fmt: skip
def test_search_finds(site: Site, query: str, found: bool) -> None:
    site.store.add(new_event("XYP9B78"))
    with site.client() as client:
        page = client.get(f"/events?{query}").text
        assert bool(cards(page)) is found
        assert ("Nothing found" in page) is not found


@pytest.mark.parametrize("event_id", ["JRFY02", "1de5f125-4583-56aa-9dca", "%00"])
def test_an_address_of_no_event_says_where_to_look(site: Site, event_id: str) -> None:
    with site.client() as client:
        response = client.get(f"/events/{event_id}")
        assert response.status_code == 404
        assert "no event has this address; look for its plate under Search." in response.text
        assert "not as it should be" not in response.text


@pytest.mark.parametrize("query", ["since=soon", "until=9999-99-99T00:00", "how=sql", "cursor=x"])
def test_a_search_that_makes_no_sense_is_told_so(site: Site, query: str) -> None:
    with site.client() as client:
        response = client.get(f"/events?{query}")
        assert response.status_code == 422
        assert response.headers["content-type"].startswith("text/html")


def test_lists_are_kept_by_forms(site: Site) -> None:
    with site.client() as client:
        token = form_token(client.get("/watch").text)
        new = {"form_token": token, "list_name": "staff", "plate": "jrfy02", "label": "Ada"}
        assert client.post("/watch", data=new).status_code == 303
        page = client.get("/watch").text
        assert "staff" in page
        assert "Ada" in page
        for wrong in ({"plate": "§"}, {"plate": ""}, {"list_name": " "}):
            answer = client.post("/watch", data={**new, **wrong})
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text
        (entry,) = site.store.watch_entries()
        form = {"form_token": token}
        for _ in range(2):  # the second of two people is none the worse
            assert client.post(f"/watch/{entry.id}/remove", data=form).status_code == 303
        assert site.store.watch_entries() == []


def test_stays_say_who_is_still_here(site: Site) -> None:
    site.store.add(new_event("JRFY02", NOW - timedelta(hours=3), direction="gate:in"))
    site.store.add(new_event("JRFY02", NOW - timedelta(hours=1), direction="gate:out"))
    site.store.add(new_event("XYP9B78", NOW - timedelta(hours=2), direction="gate:in"))
    with site.client() as client:
        page = client.get("/stays").text
        assert "2 h 0 min" in page
        assert page.count("inside") >= 1
        assert "JRFY02" not in client.get("/stays?inside_only=true").text


def test_bars_and_rows_count_every_event_once() -> None:
    at = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    hour = at.replace(minute=0)
    counts = [(hour - timedelta(hours=30), 1), (hour - timedelta(hours=2), 4), (hour, 2)]
    bars = charts.bars(counts, at)
    assert [bar.num for bar in bars] == [0] * 21 + [4, 0, 2]
    assert [bar.share for bar in bars[-3:]] == [1.0, 0.0, 0.5]
    rows = charts.week(counts, at)
    assert len(rows) == 7
    assert sum(sum(row.hours) for row in rows) == 7
    today = rows[-1]
    now = at.astimezone().hour
    assert today.steps[now] == 2
    assert all(step is None for step in today.steps[now + 1 :])


def test_charts_go_by_the_hours_of_the_zone(site: Site) -> None:
    """Where they begin at half past those of UTC: ten past midnight is of the day that began."""
    with in_zone("IST-5:30"):
        now = datetime.now(UTC)
        first_day = midnight(now.astimezone(), charts.NUM_DAYS - 1)
        site.store.add(new_event("JRFY02", first_day + timedelta(minutes=10)))
        with site.client() as client:
            page = client.get("/charts").text
    assert f"{first_day:%a} 00:00: 1" in page
    assert "1 in all" in page


def test_charts_are_drawn(site: Site) -> None:
    site.store.add(new_event("JRFY02"))
    with site.client() as client:
        page = client.get("/charts?camera=gate").text
        assert "Plates by the hour over the last 24 hours, 1 in all" in page
        assert page.count('class="fill"') == 1
        assert page.count("step-4") == 1


def test_cameras_say_what_is_wrong(site: Site) -> None:
    with site.client() as client:
        page = client.get("/cameras").text
        assert "84 px" in page
        assert "rtsp://yard" in page


def test_pages_need_nothing_from_elsewhere_and_no_inline_code(site: Site) -> None:
    event = new_event()
    site.store.add(event)
    with site.client() as client:
        for path in ("/", "/events", f"/events/{event.id}", "/watch", "/stays", "/charts"):
            page = client.get(path).text
            addresses = re.findall(r'(?:src|href|action)="([^"#]+)"', page)
            assert addresses
            assert all(address.startswith("/") for address in addresses)
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|javascript:", page)
        for name, data in STATIC.items():
            assert client.get(f"/static/{name}").content == data
            outside = re.findall(rb"https?://[^\"' )]+", data)
            assert set(outside) <= {b"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.004, "0 %"), (0.5, "50 %"), (0.9999, "99 %"), (1, "100 %")]
)
def test_nothing_is_rounded_up_to_certainty(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.64, "2.6 s"), (59, "59 s"), (61, "1 min"), (7260, "2 h 1 min"), (180_000, "2 d 2 h")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_unknown_addresses_are_pages_for_people(site: Site) -> None:
    with site.client() as client:
        page: Any = client.get("/nothing")
        assert page.status_code == 404
        assert "there is nothing here" in page.text


def test_a_parked_car_stands_in_the_list_as_here_since(site: Site) -> None:
    event = replace(new_event("JRFY02"), state="sure", sure_at=NOW)
    site.store.add(event)
    with site.client() as client:
        since = event.started_at.astimezone().strftime("%H:%M")
        for path in ("/events", "/"):
            page = client.get(path).text
            assert cards(page) == [event.id]
            assert f"here since {since}" in page
            assert f'href="/events/{event.id}"' in page
        assert "Here since" in client.get(f"/events/{event.id}").text
        answer = client.get(f"/api/v1/events/{event.id}").json()
        assert answer["state"] == "sure"
        site.store.add(replace(event, state="final"))
        assert "here since" not in client.get("/events").text
