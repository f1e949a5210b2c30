"""The report in a real browser: sorted, searched, on a phone, in the dark and on paper."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.chromium import PHONE, started_browser

from platestream.sinks.report import Picture, ReportRow, ReportWriter


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    jpeg = cv2.imencode(".jpg", np.full((40, 160, 3), 200, np.uint8))[1].tobytes()
    with ReportWriter(path, "Licence plates", "Made now") as writer:
        for plate, confidence, seconds in (("B20", 0.99, 3.0), ("A9", 0.4, 9.0), ("B3", 0.8, 1.0)):
            writer.add(
                ReportRow(
                    plate=plate, plate_masked=f"{plate[:-1]}?" if confidence < 0.5 else plate,
                    confidence=confidence, when=f"0:0{seconds:.1f}", sort_s=seconds,
                    where=f"clips/{plate}.mp4", picture=Picture(jpeg),
                    strip=tuple(Picture(jpeg, f"frame {i}", was_read=i == 1) for i in range(8)),
                )
            )  # fmt: skip
    return path


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Page]:
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(report.as_uri())
    yield page
    page.close()
    assert complaints == [], "the page's own rules let its style and script through"


def plates(page: Page) -> list[str]:
    return page.locator("tbody tr:visible .plate").all_text_contents()


def test_a_click_sorts_and_a_second_one_turns_it_round(opened: Page) -> None:
    assert plates(opened) == ["B20", "A9", "B3"]
    for column, first in (("Plate", ["A9", "B3", "B20"]), ("Time", ["B3", "B20", "A9"]),
                          ("Confidence", ["A9", "B3", "B20"])):  # fmt: skip
        head = opened.locator("th button", has_text=column)
        head.click()
        assert plates(opened) == first
        expect(opened.locator("th[aria-sort]")).to_have_text(column)
        head.click()
        assert plates(opened) == first[::-1]
    opened.get_by_label("Sort by").select_option("as written")
    assert plates(opened) == ["B20", "A9", "B3"]


def test_a_part_of_a_plate_finds_it(opened: Page) -> None:
    opened.get_by_label("Find").fill("b")
    assert plates(opened) == ["B20", "B3"]
    expect(opened.locator("#count")).to_have_text("2 of 3 plates")
    opened.get_by_label("Find").fill("zz")
    expect(opened.get_by_text("Nothing fits.")).to_be_visible()


def colours(page: Page) -> tuple[int, int]:
    """How light paper and ink are, 0..255."""
    said = page.evaluate(
        "['backgroundColor', 'color'].map((n) => getComputedStyle(document.body)[n])"
    )
    paper, ink = (np.mean([int(v) for v in each[4:-1].split(",")]) for each in said)
    return int(paper), int(ink)


def test_light_and_dark_follow_the_system_and_paper_is_white(opened: Page) -> None:
    paper, ink = colours(opened)
    assert paper > 200 > 80 > ink
    opened.emulate_media(color_scheme="dark")
    paper, ink = colours(opened)
    assert paper < 60 < 180 < ink
    opened.emulate_media(color_scheme="dark", media="print")
    paper, ink = colours(opened)
    assert (paper, ink) == (255, 0)
    expect(opened.get_by_label("Find")).to_be_hidden()
    expect(opened.locator("tbody tr").first).to_be_visible()


def test_nothing_hangs_over_the_edge_of_a_phone(browser: Browser, report: Path) -> None:
    page = browser.new_context(**PHONE).new_page()
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = [row.bounding_box() for row in page.locator("tbody tr").all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    expect(page.get_by_label("Sort by")).to_be_visible()
    page.context.close()
