"""ntfy and Telegram, as servers of ours that take what theirs do."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default

import pytest
from tests.receivers import HttpReceiver, Request, http_receiver
from tests.sinks.passages import passage

from platestream.core.errors import SinkError, SinkRefused
from platestream.sinks.ntfy import NtfySettings
from platestream.sinks.settings import SinkSettings
from platestream.sinks.telegram import TelegramSettings
from platestream.store.records import Message

JPEG = b"\xff\xd8 a plate \xff\xd9"
LINK = "https://plates.example/signed/1"
PASSAGE = replace(passage(known_as="Änne"), crop_jpeg=JPEG, crop_url=LINK, state="sure")
TITLE = "gate: Änne (E617KA147) is here"
TOKEN = "123456:ABC-DEF_1"
LOST = '{"event_type":"camera","camera":"gate","state":"lost","since":"2024-05-06T07:08:09Z"}'


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        receiver.url = receiver.url.partition("/hook")[0]
        yield receiver


def tell(settings: SinkSettings, kind: str = "sure", body: str = "") -> None:
    sink = settings.make(["gate"])
    sink.start()
    sink.tell(Message("phone", "gate", PASSAGE.id, kind, body or sink.encode(PASSAGE)))
    sink.close()


def decoded(header: str) -> str:
    assert header.startswith("=?UTF-8?B?")
    return base64.b64decode(header.removeprefix("=?UTF-8?B?").removesuffix("?=")).decode()


def parts(request: Request) -> dict[str, Mail]:
    """What a form holds, by name."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = message_from_bytes(head + request.body, policy=default)
    return {
        str(part.get_param("name", header="content-disposition")): part for part in whole.walk()
    }


def test_ntfy_gets_title_text_and_picture(receiver: HttpReceiver) -> None:
    tell(NtfySettings(server=receiver.url, topic="our-gate", token="tk_1", priority=4))
    (request,) = receiver.requests
    assert (request.path, request.body) == ("/our-gate", JPEG)
    headers = request.headers
    assert decoded(headers["title"]) == TITLE
    assert headers["message"].startswith("98% sure, 2024-05-06")
    assert (headers["filename"], headers["priority"]) == ("plate.jpg", "4")
    assert (headers["click"], headers["authorization"]) == (LINK, "Bearer tk_1")


def test_ntfy_without_a_picture_has_the_text_as_its_body(receiver: HttpReceiver) -> None:
    settings = NtfySettings(server=receiver.url + "/", topic="our-gate", picture=False)
    tell(settings)
    tell(settings, "camera-lost", LOST)
    first, second = receiver.requests
    assert first.body.decode().startswith("98% sure")
    assert not {"message", "filename", "authorization"} & set(first.headers)
    assert second.headers["title"] == "gate: the camera is lost"


def test_telegram_gets_a_photo_with_a_caption(receiver: HttpReceiver) -> None:
    tell(TelegramSettings(server=receiver.url, token=TOKEN, chat="-1001"))
    (request,) = receiver.requests
    assert request.path == f"/bot{TOKEN}/sendPhoto"
    form = parts(request)
    assert form["chat_id"].get_payload() == "-1001"
    caption = form["caption"].get_payload(decode=True).decode()
    assert caption.splitlines()[0] == TITLE
    assert caption.splitlines()[-1] == LINK
    assert form["photo"].get_payload(decode=True) == JPEG
    assert form["photo"].get_filename() == "plate.jpg"


def test_telegram_without_a_picture_gets_a_message(receiver: HttpReceiver) -> None:
    tell(TelegramSettings(server=receiver.url, token=TOKEN, chat="@gates", picture=False))
    (request,) = receiver.requests
    assert request.path == f"/bot{TOKEN}/sendMessage"
    said = json.loads(request.body)
    assert (said["chat_id"], said["text"].splitlines()[0]) == ("@gates", TITLE)


@pytest.mark.parametrize(("status", "problem"), [(400, SinkRefused), (401, SinkError)])
def test_a_refusal_names_the_server_and_no_token(
    receiver: HttpReceiver, status: int, problem: type
) -> None:
    receiver.answer = lambda _: (status, {})
    with pytest.raises(problem, match=f"answered {status}") as caught:
        tell(TelegramSettings(server=receiver.url, token=TOKEN, chat="1"))
    assert type(caught.value) is problem
    assert TOKEN not in str(caught.value)


def test_a_plate_that_may_not_be_kept_is_not_told() -> None:
    kept = replace(
        PASSAGE, event=replace(PASSAGE.event, plate=""), known_as="", plate_hash="c0ffee"
    )
    body = NtfySettings(topic="a").make([]).encode(kept)
    assert json.loads(body)["title"] == "gate: c0ffee is here"


def test_a_name_with_lines_in_it_is_one_line(receiver: HttpReceiver) -> None:
    evil = replace(PASSAGE, known_as="Otto\r\nX-Evil: 1\r\n\r\nGET /", crop_jpeg=None)
    for settings in (
        NtfySettings(server=receiver.url, topic="our-gate"),
        TelegramSettings(server=receiver.url, token=TOKEN, chat="1"),
    ):
        sink = settings.make(["gate"])
        sink.tell(Message("phone", "gate", evil.id, "sure", sink.encode(evil)))
        sink.close()
    ntfy, telegram = receiver.requests
    assert "x-evil" not in ntfy.headers
    assert "Otto\\x0d\\nX-Evil" in ntfy.headers["title"]
    assert json.loads(telegram.body)["text"].count("\n") == 2, "title, text, link"
