"""What operators do on the page, by hand, in a real browser before the whole service."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.chromium import PHONE
from tests.live.http_cameras import http_camera
from tests.service.site import PASSWORD, Site, new_event, update
from tests.service.web.conftest import WIDE, Open
from tests.service.web.live_site import PLATE, live_site, yellow
from tests.waiting import wait_until

LOGIN = "viewer:kamera-geheim"


@pytest.fixture
def camera_url(tmp_path: Path) -> Iterator[str]:
    """A camera that asks for a login."""
    with http_camera(tmp_path / "none.mp4", LOGIN) as url:
        yield f"{url}/stream"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Site]:
    with live_site(tmp_path) as running:
        yield running


def fill_camera(page: Page, url: str, password: str) -> None:
    page.get_by_label("Address").fill(url)
    page.get_by_label("User name of the camera").fill("viewer")
    page.get_by_label("Password of the camera").fill(password)


def test_a_camera_is_tried_added_changed_and_removed(
    live: Site, open_page: Open, camera_url: str, tmp_path: Path
) -> None:
    page = open_page("/", at=live)
    page.get_by_role("link", name="Add a camera").click()
    page.get_by_label("Name", exact=True).fill("gate")
    fill_camera(page, camera_url, "wrong-one")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("status")).to_contain_text("wrong user name or password")

    page.get_by_label("Password of the camera").fill("kamera-geheim")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("status").first).to_contain_text("It answers: 160 x 96 pixels")
    picture = page.get_by_alt_text("What the camera sees")
    expect(picture).to_have_js_property("naturalWidth", 160)
    assert live.app.state.services.camera_names() == [], "a trial keeps nothing"

    page.get_by_label("Password of the camera").fill("kamera-geheim")
    page.get_by_role("button", name="Add camera").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    expect(page.locator("h1")).to_contain_text("gate")
    wait_until(lambda: live.app.state.services.health()["gate"].num_frames > 0)
    assert "kamera-geheim" not in page.content()
    assert "/stream" not in page.content(), "an address may hold secrets in any part"

    page.get_by_label("Frames a second at most").fill("3")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Frames a second at most")).to_have_value("3")
    editor = live.app.state.services.camera_editor
    assert editor.get("gate").config.password.get_secret_value() == "kamera-geheim", "as before"

    page.goto("/cameras")
    page.get_by_role("link", name="Settings of gate").click()
    page.get_by_role("button", name="Remove camera").click()
    expect(page.get_by_text("No camera runs here.")).to_be_visible()
    assert live.app.state.services.health() == {}


def test_a_zone_and_a_line_are_drawn_on_the_live_picture(
    live: Site, open_page: Open, camera_url: str
) -> None:
    editor = live.app.state.services.camera_editor
    login = {"username": "viewer", "password": "kamera-geheim"}
    editor.add("gate", {"url": camera_url, **login})
    wait_until(lambda: live.app.state.services.health()["gate"].num_frames > 0)
    page = open_page("/cameras/gate/settings", at=live)
    drawing = page.locator("[data-drawing]")
    expect(page.locator("[data-snapshot]")).to_have_js_property("naturalWidth", 160)

    def at(x: float, y: float) -> tuple[float, float]:
        box = drawing.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def click(x: float, y: float) -> None:
        page.mouse.click(*at(x, y))

    page.get_by_role("button", name="Draw a zone").click()
    for corner in ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.25)):
        click(*corner)
    zone = page.locator('[data-shapes] [data-shape="zone"]')
    expect(zone.get_by_label("Zone")).to_be_focused()
    page.keyboard.type("drive")

    page.get_by_role("button", name="Draw a line").click()
    click(0.0, 0.5)
    click(0.9, 0.5)
    page.locator('[name="line_name"]').first.fill("barrier")
    page.get_by_label("In is").select_option("up")
    page.get_by_role("button", name="Save zones and lines").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")

    config = editor.get("gate").config
    assert list(config.zones) == ["drive"]
    assert config.zones["drive"] == pytest.approx(
        np.array(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75))), abs=0.004
    )
    assert config.lines["barrier"].inwards == "up"
    assert config.lines["barrier"].points == pytest.approx(
        np.array(((0.0, 0.5), (0.9, 0.5))), abs=0.004
    )
    worker = live.app.state.services.cameras._workers["gate"]
    assert list(worker._view.zones) == ["drive"], "it counts without a restart"

    expect(page.locator("[data-snapshot]")).to_have_js_property("naturalWidth", 160)
    drawing.scroll_into_view_if_needed()
    page.mouse.move(*at(0.75, 0.25))
    page.mouse.down()
    page.mouse.move(*at(0.9, 0.1))
    page.mouse.up()
    points = page.locator('[name="zone_points"]').first
    x, y = [float(n) for n in points.input_value().split(",")][2:4]
    assert (x, y) == (pytest.approx(0.9, abs=0.03), pytest.approx(0.1, abs=0.03))


def test_a_zone_that_is_none_is_refused_and_stays_as_typed(
    live: Site, open_page: Open, camera_url: str
) -> None:
    live.app.state.services.camera_editor.add("gate", {"url": camera_url})
    with live.client() as client:
        page = client.get("/cameras/gate/settings").text
        token = page.partition('name="form_token" value="')[2].partition('"')[0]
        form = {"form_token": token, "zone_name": "drive", "zone_points": "0.1,0.2,3,0.4"}
        answer = client.post("/cameras/gate/view", data=form)
    assert answer.status_code == 422
    assert "zones.drive" in answer.text
    assert 'value="0.1,0.2,3,0.4"' in answer.text


def test_live_pictures_show_the_plates(live: Site, camera_url: str) -> None:
    login = {"username": "viewer", "password": "kamera-geheim"}
    live.app.state.services.camera_editor.add("gate", {"url": camera_url, **login})
    with live.client() as client:

        def num_coloured(boxes: bool) -> int:
            picture = client.get(f"/api/v1/cameras/gate/snapshot.jpg?boxes={boxes}")
            if picture.status_code != 200:
                return 0
            bgr = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
            return yellow(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))

        wait_until(lambda: num_coloured(boxes=True) > 100)
        assert num_coloured(boxes=False) < 20


def test_events_are_exported_as_they_were_narrowed(site: Site, open_page: Open) -> None:
    for number in range(3):
        site.store.add(new_event(f"AB{number}"))
    site.store.add(new_event("XYP9B78"))
    page = open_page("/events")
    page.get_by_label("Plate").fill("AB")
    page.get_by_role("button", name="Search").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export as CSV").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "events.csv"
    assert len(re.findall(r"\bAB[012]\b", text.partition("\n")[2])) >= 3
    assert "XYP9B78" not in text


def test_a_parked_car_is_here_since(site: Site, open_page: Open) -> None:
    came = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    event = replace(new_event(PLATE, came), state="sure", sure_at=came)
    site.store.add(event)
    words = f"here since {came.astimezone():%H:%M}"
    page = open_page("/")
    card = page.locator(f'[data-event="{event.id}"]')
    expect(card).to_contain_text("here since")
    # The same where it is told while one looks on.
    other = new_event("XYP9B78", came)
    page.evaluate("1")
    site.app.state.services.wall.publish(
        replace(update(other.id, "sure", "XYP9B78"), first_at=came)
    )
    shown = page.locator(f'[data-event="{other.id}"]')
    expect(shown).to_contain_text(words)
    site.app.state.services.wall.publish(update(other.id, "final", "XYP9B78"))
    expect(shown).not_to_contain_text("here since")
    page.goto("/events")
    expect(page.locator(f'[data-event="{event.id}"]')).to_contain_text("here since")


def test_on_a_phone_the_navigation_is_all_there(live: Site, open_page: Open) -> None:
    page = open_page("/", at=live, **PHONE)
    links = page.locator("nav[aria-label=Pages] a")
    assert links.count() >= 7
    for index in range(links.count()):
        box = links.nth(index).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["viewport"]["width"], "none is out of sight"  # type: ignore[index]
        assert box["height"] >= 36
    page.get_by_role("link", name="Add a camera").tap()
    page.get_by_label("Name", exact=True).fill("yard")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_users_are_let_in_and_out(live: Site, open_page: Open) -> None:
    page = open_page("/users", at=live)
    page.get_by_label("Name").fill("otto")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add").click()
    expect(page).to_have_url(re.compile("/login"))  # from now on everybody has to
    page.get_by_label("Name").fill("otto")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Name", exact=True).fill("vera")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Change vera").click()
    page.locator("details[open]").get_by_label("May").select_option("operator")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").filter(has_text="vera")).to_contain_text("and change")
    page.get_by_role("button", name="Remove vera").click()
    expect(page.get_by_role("listitem").filter(has_text="vera")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove otto")).to_have_count(0)


def test_who_is_logged_in_stays_so_over_a_restart(tmp_path: Path, open_page: Open) -> None:
    server = {"users": {"otto": {"password": PASSWORD, "role": "operator"}}}
    with live_site(tmp_path, server=server) as before:
        page = open_page("/watch", at=before, **WIDE)
        page.get_by_label("Name").fill("otto")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(f"{before.url}/watch")
        cookies = page.context.cookies()
    with live_site(tmp_path, server=server) as after:
        page.context.add_cookies([{**cookie, "domain": "127.0.0.1"} for cookie in cookies])  # type: ignore[typeddict-item]
        page.goto(f"{after.url}/watch")
        expect(page.get_by_role("heading", name="Watch lists")).to_be_visible()
        assert cookies[0]["value"].encode() not in (tmp_path / "events.db").read_bytes()
    changed = {"users": {"otto": {"password": "another horse battery", "role": "operator"}}}
    with live_site(tmp_path, server=changed) as after:
        page.goto(f"{after.url}/watch")
        expect(page).to_have_url(re.compile("/login"))


def test_an_event_prints_as_one_sheet(live: Site, open_page: Open) -> None:
    """As much as an event ever shows: twelve frames, weights, the frame, other texts."""
    event = new_event(PLATE, datetime.now(UTC) + timedelta(seconds=1), known_as="Ada")
    event = replace(
        event,
        strip=tuple(event.strip[i % 4] for i in range(12)),
        stack=event.crop,
        read_plate="JRFYO2",
        event=replace(
            event.event,
            num_stacked=32,
            candidates=tuple((f"{PLATE}{i}", 0.5 / 2**i) for i in range(5)),
        ),
    )
    live.store.add(event)
    page = open_page(f"/events/{event.id}", at=live)
    expect(page.get_by_role("button", name="Print as evidence")).to_be_visible()
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    for shown in ("#record", ".record .checksum >> nth=0", ".strip .best", ".said h1", ".frame"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in (".top", "#correction", "footer"):
        expect(page.locator(hidden)).to_be_hidden()
