"""Addresses of pictures that need no login, over a real server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from platestream.service.config import ServiceConfig
from platestream.service.receivers import make_sinks
from platestream.service.telling import Telling
from platestream.service.web.auth import Auth, Token
from platestream.sinks.links import signed_path
from platestream.video.pictures import decode_picture
from tests.service.site import Site, new_event, serving

KEY = "sixteen or more."
NOW = datetime.now(UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """One where nobody may look without a token."""
    auth = Auth(tokens=[Token("house", "a token of thirty-two characters")])
    with serving(tmp_path, auth, link_key=KEY.encode()) as site:
        yield site


def told(config: dict[str, Any], event: Any) -> dict[str, Any]:
    """What one receiver is told of a passage that is over."""
    sink = {"type": "webhook", "url": "http://127.0.0.1:9/", **config}
    server = {"link_key": KEY}
    whole = ServiceConfig.model_validate({"sinks": {"hook": sink}, "server": server})
    (message,) = Telling(whole, make_sinks(whole)).messages(event)
    body: dict[str, Any] = json.loads(message.body)
    return body


def test_an_address_that_was_told_shows_the_picture_without_a_login(site: Site) -> None:
    event = replace(new_event("JRFY02", NOW), state="final")
    site.store.add(event)
    body = told({"links": site.url + "/"}, event)
    with site.client() as client:
        for name, picture in (("crop", event.crop), ("frame", event.frame)):
            answer = client.get(body[f"{name}_url"])
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "private, no-store"
            assert decode_picture(answer.content, name).shape == picture.shape
        # And nothing else.
        assert client.get(f"/api/v1/events/{event.id}/crop.jpg").status_code == 401


def test_what_was_changed_is_refused_and_what_is_over_too(site: Site) -> None:
    event, other = new_event("JRFY02", NOW), new_event("XYP9B78", NOW)
    for each in (event, other):
        site.store.add(each)
    good = signed_path(KEY.encode(), event.id, "crop", NOW + timedelta(hours=1))
    over = signed_path(KEY.encode(), event.id, "crop", NOW - timedelta(seconds=1))
    foreign = signed_path(b"another key, as long", event.id, "crop", NOW + timedelta(hours=1))
    longer = good.replace("until=", "until=1")
    with site.client() as client:
        assert client.get(good).status_code == 200
        assert client.get(over).status_code == 410
        assert client.get(over.replace(".jpg?until=1", ".jpg?until=2")).status_code == 403
        for path in (
            foreign,
            longer,
            good.replace("crop", "frame"),
            good.replace(event.id, other.id),
            good[:-1] + ("0" if good[-1] != "0" else "1"),
        ):
            assert client.get(path).status_code == 403, path
        assert client.get(good.partition("&")[0]).status_code == 422
        site.store.erase(event.event.plate)
        assert client.get(good).status_code == 404


def test_without_a_key_no_address_is_good(tmp_path: Path) -> None:
    event = new_event("JRFY02", NOW)
    with serving(tmp_path) as site:
        site.store.add(event)
        path = signed_path(b"", event.id, "crop", NOW + timedelta(hours=1))
        assert httpx.get(site.url + path).status_code == 403


def test_who_asks_for_links_needs_a_key() -> None:
    sink = {"type": "webhook", "url": "http://a/", "links": "https://plates.example"}
    with pytest.raises(ValueError, match=r"sinks.hook.links: needs a server.link_key of 16"):
        ServiceConfig.model_validate({"sinks": {"hook": sink}})


def test_nobody_else_is_told_addresses(site: Site) -> None:
    assert not {"crop_url", "frame_url"} & set(told({}, new_event("JRFY02", NOW)))
