import base64
import json
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook
from tests.receivers import HttpReceiver, Request, free_port, http_receiver
from tests.sinks.passages import passage
from tests.smtp_server import server_context, write_certificate

from platestream.core.errors import ConfigError, SinkError, SinkRefused
from platestream.core.reach import NO_TLS, NOT_TRUSTED
from platestream.sinks.native import native
from platestream.sinks.posting import MAX_ANSWER_CHARS, Poster
from platestream.sinks.signing import verify
from platestream.sinks.webhook import WebhookSettings, WebhookSink
from platestream.store.records import Message

SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def tell(url: str, *, secret: str = SECRET, timeout_s: float = 10.0) -> str:
    """Tell of one passage; returns the body."""
    sink = WebhookSink(Poster(url, timeout_s=timeout_s), native, secret=secret)
    sink.start()
    body = sink.encode(passage())
    try:
        sink.tell(Message("hook", "gate", passage().id, "event", body))
    finally:
        sink.close()
    return body


def test_it_arrives_whole_and_signed(receiver: HttpReceiver) -> None:
    body = tell(receiver.url)
    (request,) = receiver.requests
    assert request.path == "/hook?token=hidden"
    assert request.body.decode() == body
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body)["plate"] == "E617KA147"
    assert verify(SECRET, request.headers, request.body, time.time())
    assert Webhook(SECRET).verify(request.body, request.headers)["camera"] == "gate"


def test_its_id_is_the_same_each_time(receiver: HttpReceiver) -> None:
    tell(receiver.url)
    tell(receiver.url)
    ids = {r.headers["idempotency-key"] for r in receiver.requests}
    assert ids == {f"event-{passage().id}"} == {r.headers["webhook-id"] for r in receiver.requests}


def test_without_a_secret_it_is_not_signed(receiver: HttpReceiver) -> None:
    tell(receiver.url, secret="")
    assert "webhook-signature" not in receiver.requests[0].headers


@pytest.mark.parametrize("status", [400, 409, 413, 422, 451])
def test_some_answers_refuse_the_message(receiver: HttpReceiver, status: int) -> None:
    receiver.answer = lambda _: (status, {})
    with pytest.raises(SinkRefused, match=rf"answered {status}: said so$"):
        tell(receiver.url)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 425, 429, 500, 502, 503])
def test_other_failures_may_pass(receiver: HttpReceiver, status: int) -> None:
    receiver.answer = lambda _: (status, {"retry-after": "17"})
    with pytest.raises(SinkError, match=str(status)) as raised:
        tell(receiver.url)
    assert not isinstance(raised.value, SinkRefused)
    assert raised.value.wait_s == 17


@pytest.mark.parametrize("wait", ["", "soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "²"])
def test_a_wait_that_is_no_number_of_seconds_is_no_wait(receiver: HttpReceiver, wait: str) -> None:
    receiver.answer = lambda _: (503, {"retry-after": wait.encode().decode("latin-1")})
    with pytest.raises(SinkError) as raised:
        tell(receiver.url)
    assert raised.value.wait_s is None


def test_redirects_are_not_followed(receiver: HttpReceiver) -> None:
    with http_receiver() as elsewhere:
        receiver.answer = lambda _: (307, {"location": elsewhere.url})
        with pytest.raises(SinkError, match="redirects are not followed"):
            tell(receiver.url)
        assert elsewhere.requests == []


def test_what_is_secret_in_an_address_stands_nowhere(
    receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    tell(receiver.url)
    receiver.answer = lambda _: (500, {})
    for url in (receiver.url, f"http://user:hidden@127.0.0.1:{free_port()}/hidden"):
        with pytest.raises(SinkError) as raised:
            tell(url)
        assert "hidden" not in str(raised.value)
    assert "hidden" not in caplog.text


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "//host/x", "host/x", "http://", "", "http://a:b/"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="url"):
        WebhookSettings(url=url).make(())


def test_nobody_there(receiver: HttpReceiver) -> None:
    with pytest.raises(SinkError, match="cannot be told"):
        tell(f"http://127.0.0.1:{free_port()}/")


def test_somebody_who_never_answers_is_not_waited_for() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(SinkError, match="ReadTimeout"),
    ):
        tell(f"http://127.0.0.1:{mute.getsockname()[1]}/", timeout_s=0.1)


@pytest.mark.parametrize("end", [b'"}', b"", b"\xe8"])
def test_a_receiver_that_repeats_a_plate_puts_none_into_the_log(
    receiver: HttpReceiver, end: bytes
) -> None:
    receiver.words = b'field "plate" is bad: {"plate": "e617ka147", "other": "E617KA' + end
    receiver.answer = lambda _: (422, {})
    with pytest.raises(SinkRefused) as raised:
        tell(receiver.url)
    assert "617" not in str(raised.value)
    assert 'field "plate" is bad: {"plate": "***"' in str(raised.value)


def test_a_long_answer_is_cut(receiver: HttpReceiver) -> None:
    receiver.words = b"\x1b[31m" + b"no " * 1000
    receiver.answer = lambda _: (400, {})
    with pytest.raises(SinkRefused) as raised:
        tell(receiver.url)
    words = str(raised.value).split("400: ")[1]
    assert words.startswith("[31mno no no")  # nothing that would colour a terminal
    assert len(words) == MAX_ANSWER_CHARS


JPEG, FRAME = b"\xff\xd8 a plate \xff\xd9", b"\xff\xd8 a street \xff\xd9"
SEEN = replace(passage(), crop_jpeg=JPEG, frame_jpeg=FRAME)


def send(receiver: HttpReceiver, **given: Any) -> Request:
    """Tell of a passage with pictures."""
    sink = WebhookSettings(url=receiver.url, secret=SECRET, **given).make([])
    sink.tell(Message("hook", "gate", SEEN.id, "sure", sink.encode(SEEN)))
    sink.close()
    (request,) = receiver.requests
    assert verify(SECRET, request.headers, request.body, time.time())
    return request


@pytest.mark.parametrize(
    ("given", "pictures"),
    [
        ({}, {}),
        ({"crop": True}, {"crop_jpeg": JPEG}),
        ({"crop": True, "frame": True}, {"crop_jpeg": JPEG, "frame_jpeg": FRAME}),
    ],
)
def test_pictures_in_the_json(
    receiver: HttpReceiver, given: dict[str, Any], pictures: dict[str, bytes]
) -> None:
    body = json.loads(send(receiver, **given).body)
    found = {key: base64.b64decode(body[key]) for key in body if key.endswith("_jpeg")}
    assert found == pictures


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({}, {}),
        ({"crop": True}, {"upload": JPEG}),
        ({"frame": True}, {"upload": FRAME}),
        ({"crop": True, "frame": True}, {"upload": FRAME, "crop": JPEG}),
    ],
)
def test_pictures_as_files_beside_the_json(
    receiver: HttpReceiver, given: dict[str, Any], files: dict[str, bytes]
) -> None:
    request = send(receiver, pictures="multipart", payload="platerecognizer", **given)
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    form = {
        part.get_param("name", header="content-disposition"): part
        for part in message_from_bytes(head + request.body).walk()
        if not part.is_multipart()
    }
    said = form.pop("json").get_payload(decode=True)
    assert json.loads(said)["data"]["results"][0]["plate"] == "e617ka147"
    assert {name: part.get_payload(decode=True) for name, part in form.items()} == files
    assert all(part.get_filename() == f"{name}.jpg" for name, part in form.items())


def test_a_camera_is_told_as_json_also_where_pictures_are_files(receiver: HttpReceiver) -> None:
    sink = WebhookSettings(url=receiver.url, pictures="multipart").make([])
    body = '{"event_type":"camera","camera":"gate","state":"lost"}'
    sink.tell(Message("hook", "gate", "1", "camera-lost", body))
    (request,) = receiver.requests
    assert (request.body.decode(), request.headers["content-type"]) == (body, "application/json")


def test_a_receiver_whose_certificate_nobody_vouches_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver(server_context(write_certificate(tmp_path))) as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        with pytest.raises(SinkError, match=NOT_TRUSTED):
            tell(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        tell(url)
    assert len(receiver.requests) == 1


def test_a_receiver_that_wants_tls_where_we_speak_in_clear(tmp_path: Path) -> None:
    context = server_context(write_certificate(tmp_path))
    with http_receiver(context) as receiver, pytest.raises(SinkError, match="cannot be told"):
        tell(receiver.url.replace("https", "http"))


def test_a_receiver_that_speaks_in_clear_where_we_want_tls(receiver: HttpReceiver) -> None:
    with pytest.raises(SinkError, match=NO_TLS):
        tell(receiver.url.replace("http", "https"))


def test_a_receiver_of_an_older_tls_is_not_told(tmp_path: Path) -> None:
    context = server_context(write_certificate(tmp_path))
    # Its ciphers are none that anybody still takes.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    with http_receiver(context) as receiver, pytest.raises(SinkError, match="cannot be told"):
        tell(receiver.url)
