import json
import socket
import time
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook
from tests.receivers import HttpReceiver, free_port, http_receiver
from tests.sinks.passages import passage

from platestream.core.errors import ConfigError, SinkError, SinkRefused
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


def test_a_long_answer_is_cut(receiver: HttpReceiver) -> None:
    receiver.words = b"\x1b[31m" + b"no " * 1000
    receiver.answer = lambda _: (400, {})
    with pytest.raises(SinkRefused) as raised:
        tell(receiver.url)
    words = str(raised.value).split("400: ")[1]
    assert words.startswith("[31mno no no")  # nothing that would colour a terminal
    assert len(words) == MAX_ANSWER_CHARS
