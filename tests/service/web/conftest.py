"""A real browser; what it complains of in its console fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.chromium import started_browser
from tests.service.site import Site

WIDE = {"viewport": {"width": 1280, "height": 860}}

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as chromium:
        yield chromium


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Open]:
    """Open a path of the site; afterwards nothing may have been complained of."""
    complaints: list[str] = []
    contexts = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    def listen_to(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", hear)
        page.on("requestfailed", fail)

    def fail(request: Request) -> None:
        # What was still loading when a page was left is no failure.
        if request.failure != "net::ERR_ABORTED":
            failed.append(f"{request.url}: {request.failure}")

    failed: list[str] = []

    def open_path(path: str = "/", at: Site = site, **options: Any) -> Page:
        context = browser.new_context(base_url=at.url, **(options or WIDE))
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        listen_to(page)
        page.goto(path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert complaints == []
    assert failed == []
