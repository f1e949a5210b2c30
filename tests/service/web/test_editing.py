"""What operators change by the API and by forms: what counts, what is told, what stays secret."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from platestream.store.privacy import Privacy
from platestream.store.records import WatchEntry
from tests.live.http_cameras import http_camera
from tests.service.site import PASSWORD, Site, form_token, log_in, new_event, serving
from tests.service.web.live_site import ENGINE, live_site
from tests.waiting import wait_until

SECRET = "kamera-geheim"
ZONE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Site]:
    with live_site(tmp_path) as running:
        yield running


def answer(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json() if response.content else None


def test_a_cameras_life_by_the_api(
    live: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    with http_camera(tmp_path / "none.mp4", f"viewer:{SECRET}") as url, live.client() as client:
        login = {"username": "viewer", "password": SECRET}
        camera = {"url": f"{url}/stream?token=also-secret-here", **login}
        tried = answer(client.post("/api/v1/cameras/test", json=camera))
        assert (tried["works"], tried["width"], tried["height"]) == (True, 160, 96)
        picture = client.get(tried["picture_url"])
        assert picture.headers["content-type"] == "image/jpeg"
        wrong = {**camera, "password": "wrong-geheim"}
        refused = answer(client.post("/api/v1/cameras/test", json=wrong))
        assert not refused["works"]
        assert "wrong user name or password" in refused["message"]

        added = client.post("/api/v1/cameras", json={"name": "gate", **camera})
        answer(added, 201)
        health = live.app.state.services.health
        wait_until(lambda: health()["gate"].num_frames > 0)
        changes = {"zones": {"drive": ZONE}, "max_fps": 4.0}
        changed = client.patch("/api/v1/cameras/gate/settings", json=changes)
        assert answer(changed)["zones"] == {"drive": ZONE}
        assert answer(changed)["has_password"] is True
        wait_until(lambda: health()["gate"].num_frames > 0)
        told += [added.text, changed.text, client.get("/api/v1/cameras").text]
        told += [client.get(path).text for path in ("/cameras", "/cameras/gate/settings", "/")]
        twice = client.post("/api/v1/cameras", json={"name": "gate", **camera})
        assert answer(twice, 422)["error"]["message"].startswith("name: there is a camera gate")
        nonsense = client.patch("/api/v1/cameras/gate/settings", json={"max_fps": -1})
        answer(nonsense, 422)
        assert client.delete("/api/v1/cameras/gate/settings").status_code == 204
        answer(client.get("/api/v1/cameras/gate/settings"), 404)
        assert health() == {}
    for text in (*told, caplog.text):
        for secret in (SECRET, "also-secret-here", "wrong-geheim"):
            assert secret not in text


def test_a_camera_that_is_changed_ends_what_was_in_view(live: Site, tmp_path: Path) -> None:
    with http_camera(tmp_path / "none.mp4") as url, live.client() as client:
        camera = {"name": "gate", "url": f"{url}/stream"}
        answer(client.post("/api/v1/cameras", json=camera), 201)
        wait_until(lambda: live.app.state.services.health()["gate"].num_frames > 2)
        answer(client.patch("/api/v1/cameras/gate/settings", json={"enabled": False}))

        def told() -> list[tuple[str, str]]:
            events = answer(client.get("/api/v1/events"))["events"]
            return [(event["camera"], event["state"]) for event in events]

        # It was stored while it stood there; its end comes by a thread of its own.
        wait_until(lambda: told() == [("gate", "final")])


def test_the_file_cameras_stay_the_files(tmp_path: Path) -> None:
    config = {"cameras": {"gate": {"url": "rtsp://127.0.0.1:9/x", "password": SECRET}}}
    with live_site(tmp_path, **config) as live, live.client() as client:
        token = form_token(client.get("/cameras/gate/settings").text)
        form = {"form_token": token, "camera_name": "gate", "url": "", "transport": "udp"}
        saved = client.post("/cameras/gate/settings", data={**form, "max_fps": "5"})
        assert saved.status_code == 303
        page = client.get("/cameras/gate/settings").text
        assert "goes over the file" in page
        assert SECRET not in page
        assert client.get("/api/v1/cameras").json()["cameras"][0]["health"] is None, "not watched"
    assert SECRET.encode() not in (tmp_path / "events.db").read_bytes()
    with live_site(tmp_path, **config) as live, live.client() as client:
        settings = answer(client.get("/api/v1/cameras/gate/settings"))
        assert (settings["transport"], settings["enabled"]) == ("udp", False)
        assert (settings["max_fps"], settings["stands_in"]) == (5.0, "both")
        answer(client.delete("/api/v1/cameras/gate/settings"), 204)
        assert answer(client.get("/api/v1/cameras/gate/settings"))["transport"] == "tcp"
        answer(client.delete("/api/v1/cameras/gate/settings"), 422)


def test_forms_of_other_sites_change_nothing(site: Site) -> None:
    posts = ["/cameras/new", "/cameras/gate/settings", "/cameras/gate/view", "/cameras/gate/remove"]
    posts += ["/users", "/users/anna", "/users/anna/remove", "/watch/1"]
    site.app.state.services.camera_editor.add("gate", {"url": "rtsp://10.0.0.1/x"})
    with site.client() as client:
        client.get("/watch")  # for the cookie
        for path in posts:
            for form in ({}, {"form_token": "0" * 64}):
                stale = client.post(path, data={"camera_name": "evil", "url": "0", **form})
                assert stale.status_code == 403, path
        for path in ("/api/v1/cameras", "/api/v1/users"):
            foreign = client.post(path, json={}, headers={"Sec-Fetch-Site": "cross-site"})
            assert foreign.status_code == 403
    assert [c.name for c in site.app.state.services.camera_editor.all()] == ["gate"]


def test_users_by_the_api(locked_site: Site) -> None:
    with locked_site.client() as client:
        assert log_in(client).status_code == 303
        headers = {"x-csrf-token": form_token(client.get("/users").text)}
        client.headers.update(headers)
        anna = {"name": "anna", "password": PASSWORD, "role": "operator"}
        added = client.post("/api/v1/users", json=anna)
        assert answer(added, 201) == {"name": "anna", "role": "operator", "stands_in": "page"}
        listed = answer(client.get("/api/v1/users"))["users"]
        assert [user["name"] for user in listed] == ["anna", "otto", "vera"]
        assert "argon2" not in client.get("/api/v1/users").text
        assert "argon2" not in client.get("/users").text
        changed = client.patch("/api/v1/users/anna", json={"role": "viewer"})
        assert answer(changed)["role"] == "viewer"
        answer(client.post("/api/v1/users", json={**anna, "password": "short"}), 422)
        answer(client.patch("/api/v1/users/otto", json={"role": "viewer"}), 422)
        assert client.delete("/api/v1/users/anna").status_code == 204
        answer(client.delete("/api/v1/users/anna"), 422)


def test_a_list_is_imported_and_an_entry_corrected(site: Site) -> None:
    with site.client() as client:
        token = form_token(client.get("/watch").text)
        text = "plate;list;label\nJRFY02;staff;Ada\nXYP9B78;;Bert\n"
        form = {"form_token": token, "list_name": "guests"}
        done = client.post("/watch/import", data=form, files={"file": ("cars.csv", text)})
        assert done.headers["location"] == "/watch?imported=2"
        assert "2 plates were imported" in client.get("/watch?imported=2").text
        assert "1 plate was imported" in client.get("/watch?imported=1").text
        bad = client.post("/watch/import", data=form, files={"file": ("cars.csv", "plate\n§\n")})
        assert bad.status_code == 422
        assert "cars.csv: row 2" in bad.text
        guest, _ = site.store.watch_entries()
        new = {"form_token": token, "list_name": "staff", "plate": "XYP9B73", "label": "Bert"}
        assert client.post(f"/watch/{guest.id}", data=new).status_code == 303
        gone = client.post(f"/watch/{guest.id}", data=new)
        assert gone.status_code == 404, "somebody else was faster"
        found = [(e.list_name, e.plate, e.label) for e in site.store.watch_entries()]
        assert found == [("staff", "JRFY02", "Ada"), ("staff", "XYP9B73", "Bert")]
        by_api = {"file": ("cars.csv", "plate,list\nAB1,api\n")}
        assert answer(client.post("/api/v1/watch/import", files=by_api)) == {"num_entries": 1}
        entry = next(e for e in site.store.watch_entries() if e.list_name == "api")
        changed = {"list_name": "api", "plate": "AB2", "label": ""}
        assert answer(client.put(f"/api/v1/watch/{entry.id}", json=changed))["plate"] == "AB2"


@pytest.mark.parametrize("privacy", [Privacy(), Privacy("listed")])
def test_plates_are_drawn_only_where_every_plate_may_be_kept(
    tmp_path: Path, privacy: Privacy
) -> None:
    with serving(tmp_path, privacy=privacy) as site, site.client() as client:
        plain = client.get("/api/v1/cameras/gate/snapshot.jpg").content
        drawn = client.get("/api/v1/cameras/gate/snapshot.jpg?boxes=true").content
        assert (plain != drawn) is (privacy.plates == "keep")
        assert "snapshot.jpg?boxes=true" in client.get("/").text


def test_an_event_has_the_checksums_of_the_weights_that_read_it(live: Site) -> None:
    before = new_event("AB1234", datetime.now(UTC) - timedelta(hours=1))
    after = new_event("JRFY02", datetime.now(UTC) + timedelta(seconds=1))
    for event in (before, after):
        live.store.add(event)
    weights = live.store.settings.weights_at(datetime.now(UTC))
    assert set(weights) == {"corners", "detector", "quality-nano", "reader-nano", "reader-p"}
    with live.client() as client:
        page = client.get(f"/events/{after.id}").text
        for name, checksum in weights.items():
            assert f"<b>{name}</b>" in page
            assert checksum in page
        assert after.started_at.astimezone().isoformat(" ", "milliseconds") in page
        assert after.id in page
        older = client.get(f"/events/{before.id}").text
        assert "of which nobody noted the checksums" in older, "rather than wrong ones"


def test_the_api_documents_itself(site: Site) -> None:
    with site.client() as client:
        page = client.get("/api").text
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method in methods:
            found = f'{method.upper()}</b> <span class="mono">{path}</span>'
            assert found in page, path
    for name, said in (("looks_like", "query, string"), ("name", "body, string, required")):
        assert f'<b class="mono">{name}</b> <span class="help">{said}</span>' in page
    assert "http://" not in page.replace("http://127", "")
    assert 'href="/api"' in page


def test_a_search_says_how_much_it_found(site: Site) -> None:
    for plate in ("AB1234", "AB1234", "XYP9B78"):
        site.store.add(new_event(plate))
    with site.client() as client:
        assert "<b>3 passages</b> of 2 plates" in client.get("/events").text
        assert "<b>1 passage</b> of 1 plate<" in client.get("/events?plate=XYP").text


def test_who_is_inside_stands_there_once_with_name_and_camera(site: Site) -> None:
    now = datetime.now(UTC)
    site.store.watch(WatchEntry("staff", "JRFY02", "Ada"))
    for hours, known_as in ((5, ""), (3, "Ada")):
        at = now - timedelta(hours=hours, minutes=1)
        site.store.add(new_event("JRFY02", at, direction="gate:in", known_as=known_as))
    with site.client() as client:
        page = client.get("/stays?inside_only=true").text
        assert "1 inside now" in page
        assert '<span class="tag">Ada</span>' in page
        assert "gate, gate:in" in page
        assert "3 h 0 min" in page
        both = client.get("/stays").text
        assert "not seen going out; it came in again" in both
        (stay,) = answer(client.get("/api/v1/stays?inside_only=true"))["stays"]
        assert stay["is_inside"]
        assert (stay["known_as"], stay["arrival_camera"]) == ("Ada", "gate")


def test_the_engine_of_these_tests_sees_a_plate() -> None:
    """Else all that is said above of live cameras would be said of empty pictures."""
    assert len(ENGINE.detector.detect(np.zeros((96, 160, 3), np.uint8))) == 1
