"""What is remembered of passages, clients and kinds of messages has a bound, driven past here.

The same is tested beside their other tests of: what waits for the store (`test_keeping`), sessions
and guesses (`web/test_auth`), connections (`web/test_connections`), the wall (`web/test_wall`),
strips, frames, clocks and tracks (`live`, `stream`), names (`video/test_pipeline`), and who is
present (`sinks/test_mqtt`).
"""

import logging
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from platestream.live.folder import FolderFeed
from platestream.service import telling as telling_module
from platestream.service.config import ServiceConfig
from platestream.service.receivers import make_sinks
from platestream.service.telling import Telling
from platestream.service.web import auth as auth_module
from platestream.service.web import quiet
from platestream.service.web.auth import Auth
from platestream.service.web.quiet import Quiet
from platestream.service.web.trials import MAX_KEPT, TrialPictures
from platestream.video.pictures import write_picture
from tests.service.site import new_event


def test_passages_that_somebody_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling_module, "MAX_REMEMBERED", 5)
    sinks = {"hook": {"type": "webhook", "url": "http://127.0.0.1:9/"}}
    config = ServiceConfig.model_validate({"sinks": sinks})
    telling = Telling(config, make_sinks(config))
    event = replace(new_event(), state="sure")
    events = [replace(event, id=f"{number:036}", sure_at=event.ended_at) for number in range(20)]
    for each in events:
        messages = telling.messages(each)
        assert [message.kind for message in messages] == ["sure"]
        telling.note(each, messages)
    assert len(telling._heard) == 5
    assert telling.messages(events[-1]) == [], "it was told already"


def test_places_where_somebody_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth_module, "MAX_PROVEN", 5)
    auth = Auth()
    for number in range(20):
        auth._prove("otto", f"192.0.2.{number}")
    assert [place for _, place in auth._proven] == [f"192.0.2.{n}" for n in range(15, 20)]


def test_kinds_of_messages(caplog: pytest.LogCaptureFixture) -> None:
    quieting, logger = Quiet(), logging.getLogger("test.kinds")
    logger.addFilter(quieting)
    for number in range(3 * quiet._MAX_KINDS):
        logger.warning("strange thing %s of a kind", number)
        logger.warning(f"strange thing {number}")  # noqa: G004 - kinds that strangers make up
    assert len(quieting._kinds) == quiet._MAX_KINDS
    assert caplog.text.count("of a kind") == 1


def test_pictures_of_cameras_that_were_tried() -> None:
    pictures = TrialPictures()
    names = [pictures.put(bytes([number])) for number in range(3 * MAX_KEPT)]
    kept = [pictures.get(name) for name in names]
    assert kept == [None] * (2 * MAX_KEPT) + [bytes([n]) for n in range(2 * MAX_KEPT, 3 * MAX_KEPT)]


def test_files_of_a_folder_that_are_gone_again(tmp_path: Path) -> None:
    feed = FolderFeed(tmp_path, threading.Event(), lambda _: None, settle_s=0.0)
    feed._whole_files()  # those that are there already: none
    for number in range(50):
        path = tmp_path / f"{number}.png"
        write_picture(path, np.zeros((20, 60, 3), np.uint8))
        assert feed._whole_files() == [path]
        path.unlink()
    assert feed._whole_files() == []
    assert feed._taken == {}
    assert feed._growing == {}
