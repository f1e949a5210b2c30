"""E-mail through a real SMTP server on this machine."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.receivers import free_port
from tests.sinks.passages import passage
from tests.smtp_server import Mailbox, smtp_server, write_certificate

from platestream.core.errors import ConfigError, SinkError, SinkRefused
from platestream.sinks.mail import EmailSettings
from platestream.store.records import Message

LOGIN = {"username": "otto", "password": "hunter2 hunter2"}
JPEG = b"\xff\xd8 a plate \xff\xd9"
PASSAGE = replace(passage(known_as="Änne"), crop_jpeg=JPEG, state="sure")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a server that this machine trusts."""
    path = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def mailbox(certificate: Path) -> Iterator[Mailbox]:
    with smtp_server(certificate, login=":".join(LOGIN.values())) as mailbox:
        yield mailbox


def settings(port: int, **given: Any) -> EmailSettings:
    to = ("anna@example.org", "otto@example.org")
    values = {"host": "localhost", "port": port, "sender": "gate@example.org", "to": to}
    return EmailSettings(**{**values, **LOGIN, **given})


def tell(port: int, **given: Any) -> None:
    sink = settings(port, **given).make(["gate"])
    sink.start()
    body = sink.encode(PASSAGE)
    sink.tell(Message("mail", "gate", PASSAGE.id, "sure", body))
    sink.close()


def test_it_arrives_encrypted_with_the_picture(mailbox: Mailbox) -> None:
    tell(mailbox.port)
    tell(mailbox.port, picture=False)
    first, second = mailbox.messages
    assert first["Subject"] == "gate: Änne (E617KA147) is here"
    assert first["To"] == "anna@example.org, otto@example.org"
    assert "98% sure" in first.get_body().get_content()
    (picture,) = first.iter_attachments()
    assert picture.get_content() == JPEG
    assert not list(second.iter_attachments())
    # A message that comes again is shown once.
    assert first["Message-ID"] == second["Message-ID"] == f"<sure.{PASSAGE.id}@platestream>"
    assert mailbox.were_encrypted == [True, True]
    assert mailbox.recipients[:2] == ["TO:<anna@example.org>", "TO:<otto@example.org>"]


def test_a_name_with_lines_in_it_adds_no_header(mailbox: Mailbox) -> None:
    evil = replace(PASSAGE, known_as="Otto\r\nBcc: eve@example.org")
    sink = settings(mailbox.port).make(["gate"])
    sink.tell(Message("mail", "gate", evil.id, "sure", sink.encode(evil)))
    (message,) = mailbox.messages
    assert "Bcc" not in message
    assert "Otto\\x0d\\nBcc" in message["Subject"]


def test_tls_from_the_first_byte(certificate: Path) -> None:
    with smtp_server(certificate, is_tls=True) as mailbox:
        tell(mailbox.port, encryption="tls", username="")
    assert mailbox.were_encrypted == [True]


def test_a_camera_that_is_lost_is_told(mailbox: Mailbox) -> None:
    body = '{"event_type":"camera","camera":"gate","state":"lost","since":"2024-05-06T07:08:09Z"}'
    sink = settings(mailbox.port).make([])
    sink.tell(Message("mail", "gate", "1", "camera-lost", body))
    assert mailbox.messages[0]["Subject"] == "gate: the camera is lost"


@pytest.mark.parametrize(
    ("answers", "given", "problem", "says"),
    [
        ({}, {"password": "wrong"}, SinkError, "wrong user name or password"),
        ({"RCPT": "550 nobody"}, {}, SinkError, "none of the addresses; correct `to`"),
        ({"MAIL": "552 large"}, {}, SinkRefused, "did not take the message \\(552\\)"),
        ({"MAIL": "451 later"}, {}, SinkError, "\\(451\\)"),
        ({"END": "554 rubbish"}, {}, SinkRefused, "\\(554\\)"),
        ({"END": "452 full"}, {}, SinkError, "\\(452\\)"),
        ({"STARTTLS": "454 not now"}, {}, SinkError, "454"),
        ({}, {"encryption": "tls"}, SinkError, "SSL"),
    ],
)
def test_what_went_wrong_is_told(
    mailbox: Mailbox, answers: dict[str, str], given: dict[str, Any], problem: type, says: str
) -> None:
    mailbox.answers = answers
    with pytest.raises(problem, match=says) as caught:
        tell(mailbox.port, **given)
    assert type(caught.value) is problem
    told = str(caught.value)
    assert told.startswith(f"localhost:{mailbox.port}: ")
    assert not any(secret in told for secret in ("otto", "anna", "hunter2", "wrong pass"))


def test_a_certificate_that_nobody_vouches_for_is_not_taken(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(SinkError, match="CERTIFICATE_VERIFY_FAILED"):
        tell(mailbox.port)
    assert mailbox.messages == []


def test_a_password_is_not_sent_in_clear() -> None:
    with pytest.raises(ConfigError, match="would send the password in clear"):
        settings(25, encryption="none", host="mail.example.org").make([])


def test_a_server_that_hangs_or_dawdles_is_left_in_time(mailbox: Mailbox) -> None:
    mailbox.slow_s = 0.2  # so much for each byte: no single wait is too long, all together are
    begin_s = time.monotonic()
    with pytest.raises(SinkError, match="cannot be told"):
        tell(mailbox.port, timeout_s=1.0)
    assert time.monotonic() - begin_s < 10


def test_nobody_is_there() -> None:
    port = free_port()
    with pytest.raises(SinkError, match=f"localhost:{port}: cannot be told"):
        tell(port)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"to": ()}, "to: is empty"),
        ({"to": ("anna",)}, "to: is no list of e-mail addresses"),
        ({"sender": "gate"}, "sender: is no e-mail address"),
        ({"encryption": "ssl"}, "encryption: no encryption 'ssl'"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        settings(25, **given)
