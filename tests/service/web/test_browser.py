"""A real browser looks at the page; what it complains of in its console fails the test."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from platestream.store.records import Query
from tests.chromium import PHONE
from tests.service.site import PASSWORD, Site, new_event, update
from tests.service.web.conftest import WIDE, Open

NOW = datetime.now(UTC).replace(microsecond=0)

EVERYTHING = Query()


def test_a_plate_that_may_not_be_kept_goes_from_the_wall(site: Site, open_page: Open) -> None:
    wall = site.app.state.services.wall
    event = new_event("JRFY02")
    shown = update(event.id, "provisional", "JRF?02", 0.5)
    wall.publish(shown)
    page = open_page("/")
    card = page.locator(f'[data-event="{event.id}"]')
    expect(card.locator("img")).to_have_count(1)
    wall.publish(shown.without_plate())
    expect(card.locator("[data-plate]")).to_have_text("not kept")
    expect(card.locator("img")).to_have_count(0)
    wall.publish(shown)
    expect(card.locator("[data-plate]")).to_have_text("JRF?02")
    expect(card.locator("img")).to_have_count(1)


def test_plates_firm_up_before_ones_eyes(site: Site, open_page: Open) -> None:
    wall = site.app.state.services.wall
    event = new_event("JRFY02")
    wall.publish(update(event.id, "provisional", "JRF?02", 0.5))
    page = open_page("/")
    card = page.locator(f'[data-event="{event.id}"]')
    expect(card.locator("[data-plate]")).to_have_text("JRF?02")
    expect(card.locator("[data-plate] i")).to_have_text("?")
    expect(card).to_contain_text("first look")
    expect(card).to_contain_text("50 % sure")
    wall.publish(update(event.id, "improved", "JRFY02", 0.93))
    expect(card.locator("[data-plate]")).to_have_text("JRFY02")
    expect(card).to_contain_text("firming up")
    expect(card.locator("[data-plate] i")).to_have_count(0)

    wall.publish(update(event.id, "improved", "JRFY02", 0.96))
    expect(card).to_contain_text("96 % sure")

    newer = str(uuid4())
    wall.publish(update(newer, "provisional", "XYP9B78"))
    expect(page.locator("[data-cards] > li").first).to_have_attribute("data-event", newer)
    # Its picture is gone with it: on a busy machine the browser may still be asking for it.
    shown = page.locator(f'[data-event="{newer}"] .crop img')
    expect(shown).to_have_js_property("complete", True)
    wall.publish(update(newer, "withdrawn", "XYP9B78"))
    expect(page.locator(f'[data-event="{newer}"]')).to_have_count(0)

    site.store.add(event)
    wall.publish(update(event.id, "final", "JRFY02", 0.97))
    expect(page.get_by_role("status")).to_have_text("gate: JRFY02")
    card.locator("a").click()
    expect(page).to_have_url(f"{site.url}/events/{event.id}")


def test_what_the_stream_says_stays_text(site: Site, open_page: Open) -> None:
    page = open_page("/")
    evil = "<img src=x onerror=document.title='evil'>"
    site.app.state.services.wall.publish(update(str(uuid4()), "provisional", evil))
    expect(page.locator("[data-plate]").first).to_have_text(evil)
    expect(page).to_have_title("Live · platestream")


def test_the_wall_shows_what_cameras_see(open_page: Open) -> None:
    page = open_page("/")
    picture = page.locator('[data-camera="gate"] [data-snapshot]')
    page.wait_for_function(
        "picture => picture.complete && picture.naturalWidth === 640", arg=picture.element_handle()
    )
    before = picture.get_attribute("src")
    page.wait_for_function(
        "([picture, before]) => picture.getAttribute('src') !== before",
        arg=[picture.element_handle(), before],
    )


@pytest.fixture
def many(site: Site) -> Site:
    for number in range(30):
        at = NOW - timedelta(minutes=number)
        site.store.add(new_event(f"AB{number:03}", at, masked=f"AB?{number:02}"))
    site.store.add(new_event("XYP9B78", NOW - timedelta(hours=1), known_as="Ada"))
    return site


def test_search_by_hand(many: Site, open_page: Open) -> None:
    page = open_page("/events")
    expect(page.locator(".card")).to_have_count(24)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".card")).to_have_count(7)
    page.get_by_label("Plate").fill("xyp9878")
    page.get_by_label("look like this").check()
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card")).to_contain_text("Ada")
    page.get_by_role("link", name="Clear").click()
    expect(page.locator(".card")).to_have_count(24)


def test_an_event_is_checked_and_corrected(many: Site, open_page: Open) -> None:
    page = open_page("/events?plate=XYP")
    page.locator(".card a").click()
    expect(page.locator(".strip li")).to_have_count(4)
    expect(page.locator(".strip .best")).to_contain_text("the winner")
    hero = page.locator(".hero img").bounding_box()
    assert hero is not None
    assert hero["width"] > 400, "large enough to check at one glance"
    page.get_by_label("The plate is").fill("XYP 9B73")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("XYP9B73")
    expect(page.locator(".said")).to_contain_text("The reader said XYP9B78")


def test_lists_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("/watch")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_label("Plate").focus()
    for text in ("JRFY02", "staff", "Ada"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="staff")).to_be_visible()
    page.get_by_role("button", name="Remove JRFY02 from staff").press("Enter")
    expect(page.get_by_text("Nothing is watched.")).to_be_visible()


def test_logging_in_and_out(locked_site: Site, open_page: Open) -> None:
    page = open_page("/watch", at=locked_site)
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("otto")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{locked_site.url}/watch")
    assert page.evaluate("document.cookie") == "", "no script sees the session"
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{locked_site.url}/login")


def test_a_wall_whose_session_is_over_asks_to_log_in(locked_site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=locked_site.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Name").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="gate")).to_be_visible()
    (cookie,) = context.cookies()
    services = locked_site.app.state.services
    services.auth.log_out(cookie["value"])
    services.wall.publish(update(str(uuid4()), "final", "JRFY02"))
    page.wait_for_url("**/login?next=%2F")
    context.close()


PATHS = ["/", "/events", "/stays", "/watch", "/charts", "/cameras", "/login"]
PATHS += ["/cameras/new", "/users", "/api"]


@pytest.mark.parametrize("look", [PHONE, {**WIDE, "color_scheme": "dark"}])
def test_every_page_fits_its_window(many: Site, open_page: Open, look: dict[str, Any]) -> None:
    many.app.state.services.wall.publish(update(str(uuid4()), "improved", "京A123?5"))
    event_id = many.store.find(EVERYTHING, limit=1).events[0].id
    for path in (*PATHS, f"/events/{event_id}"):
        page = open_page(path, **look)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= look["viewport"]["width"], path
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, nav a, select, main input")]
            .filter((one) => !["hidden", "radio", "checkbox"].includes(one.type))
            .filter((one) => one.getClientRects().length)
            .filter((one) => one.getBoundingClientRect().height < 32).length"""
        )
        assert small == 0, f"{path}: too small for a finger"


CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/^rgb\\(/.test(colour)) continue;
      return parse(colour).slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || element.closest("svg, template, .unseen")) continue;
    if (!element.getClientRects().length || element.closest(".provisional")) continue;
    const [a, b] = [luminance(parse(style.color).slice(0, 3)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${element.className} ${element.textContent.trim()} ${ratio}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(many: Site, open_page: Open, scheme: str) -> None:
    """WCAG 2 AA: 4.5 to 1 for every text that is on the page."""
    many.app.state.services.wall.publish(update(str(uuid4()), "improved", "JRF?02"))
    event_id = many.store.find(EVERYTHING, limit=1).events[0].id
    for path in (*PATHS, f"/events/{event_id}"):
        page = open_page(path, **WIDE, color_scheme=scheme)
        assert page.evaluate(CONTRAST) == [], path


def test_fields_have_names(many: Site, open_page: Open) -> None:
    for path in PATHS:
        page = open_page(path)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("input, select")]
            .filter((one) => one.type !== "hidden" && !one.labels.length).length"""
        )
        assert nameless == 0, path
        pictures = page.locator("img:not([alt])")
        expect(pictures).to_have_count(0)
        assert re.match(r"\w", page.title())


def test_who_wants_no_motion_gets_none(many: Site, open_page: Open) -> None:
    page = open_page("/", **WIDE, reduced_motion="reduce")
    many.app.state.services.wall.publish(update(str(uuid4()), "provisional", "JRF?02"))
    fresh = page.locator(".fresh > a").first
    expect(fresh).to_be_visible()
    assert fresh.evaluate("one => getComputedStyle(one).animationName") == "none"


def test_the_browser_itself_refuses_foreign_and_inline_code(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    page.goto(f"{site.url}/watch")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'evil'";
          document.body.append(script);
          const image = new Image();
          image.src = "http://192.0.2.1/x.png";
          document.body.append(image);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.title() == "Watch lists · platestream"
    assert len([text for text in refused if "Content Security Policy" in text]) == 2
    page.close()
