"""Messages by e-mail, through an SMTP server that takes them from you."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import localtime
from typing import Annotated

from platestream.core.choices import Choices
from platestream.core.errors import ConfigError, SinkError, SinkRefused
from platestream.core.reach import WRONG_LOGIN, why_not_reached
from platestream.sinks.people import Note, encode_note, note_of
from platestream.sinks.settings import (
    Check,
    Secret,
    SinkSettings,
    between,
    one_of,
    written_as,
)
from platestream.sinks.sink import Notice, Passage

ENCRYPTIONS: Choices[str] = Choices(
    "encryption",
    {
        "starttls": "begins in clear and must go over to TLS, mostly port 587",
        "tls": "TLS from the first byte, mostly port 465",
        "none": "in clear, for a server on this machine",
    },
)
"""How the connection is kept from others' eyes."""

TOO_LARGE = 552
"""The answer to a message that is larger than the server takes."""

_ADDRESS = r"[^@\s<>,;]+@[^@\s<>,;]+"


def _check_addresses(addresses: Sequence[str]) -> None:
    if not addresses:
        msg = "is empty; give one address or more"
        raise ConfigError(msg)
    for address in addresses:
        written_as(_ADDRESS, "list of e-mail addresses, one of them is wrong").check(address)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EmailSettings(SinkSettings):
    """Messages by e-mail.

    Attributes:
        host: The SMTP server.
        port: Its port.
        encryption: A key of `ENCRYPTIONS`.
        username: None needed when empty.
        password: Of that user.
        sender: Address that messages come from.
        to: Addresses that they go to.
        picture: Whether the plate's picture is attached.
        timeout_s: Longest time that handing over one message may take, in all.
    """

    host: str
    port: Annotated[int, between(1, 65535)] = 587
    encryption: Annotated[str, one_of(ENCRYPTIONS)] = "starttls"
    username: str = ""
    password: Secret = ""
    sender: Annotated[str, written_as(_ADDRESS, "e-mail address")]
    to: Annotated[tuple[str, ...], Check(_check_addresses)]
    picture: bool = True
    timeout_s: Annotated[float, between(0.001, 600)] = 30.0

    def make(self, cameras: Sequence[str]) -> EmailSink:
        """See `SinkSettings`."""
        if self.username and self.encryption == "none" and self.host not in _THIS_MACHINE:
            msg = "encryption: none would send the password in clear; use starttls or tls"
            raise ConfigError(msg)
        return EmailSink(self)


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class EmailSink:
    """Hands each message to an SMTP server; a `Sink`.

    Args:
        settings: What the user said.
    """

    hears_cameras = wants_frame = False

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._who = f"{settings.host}:{settings.port}"

    def start(self) -> None:
        """Nothing to do: each message makes its own connection."""

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        return encode_note(passage, with_picture=self._settings.picture)

    def tell(self, notice: Notice) -> None:
        """Hand a message over; it counts as told when the server took it for anybody.

        Raises:
            SinkError: it did not take it, and may another time.
            SinkRefused: it will not have this very message.
        """
        message = self._message(note_of(notice))
        # The same each time it is sent again, so that mail programs show it once.
        message["Message-ID"] = f"<{notice.kind}.{notice.event_id}@platestream>"
        with self._in_words(), self.connected() as server:
            server.send_message(message)

    def check(self) -> str:
        """See `Sink`; whether it takes mail for the addresses shows with the first one."""
        with self._in_words(), self.connected() as server:
            server.noop()
        return "it lets us in" if self._settings.username else "it answers"

    def close(self) -> None:
        """Nothing to let go of."""

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and logged in, and cut off when its time is up."""
        settings = self._settings
        where, timeout_s = (settings.host, settings.port), settings.timeout_s
        server: smtplib.SMTP
        if settings.encryption == "tls":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(*where, timeout=timeout_s, context=context)
        else:
            server = smtplib.SMTP(*where, timeout=timeout_s)
        # Its own timeout is of each piece: a server that sends one now and then would hold us up.
        cut = threading.Timer(settings.timeout_s, _cut_off, [server])
        cut.daemon = True
        cut.start()
        try:
            if settings.encryption == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.username:
                server.login(settings.username, settings.password)
            yield server
            cut.cancel()
            _say_goodbye(server)
        finally:
            cut.cancel()
            server.close()

    def _message(self, note: Note) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = note.title
        message["From"], message["To"] = self._settings.sender, ", ".join(self._settings.to)
        message["Date"] = localtime()
        message.set_content("\n".join(filter(None, (note.title, note.text, note.link))) + "\n")
        if note.crop_jpeg:
            message.add_attachment(
                note.crop_jpeg, maintype="image", subtype="jpeg", filename="plate.jpg"
            )
        return message

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Tell what went wrong without addresses, and whether it is the message's fault."""
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            msg = f"{self._who}: {WRONG_LOGIN}"
            raise SinkError(msg) from error
        except smtplib.SMTPResponseException as error:
            is_final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
            kind = SinkRefused if is_final or error.smtp_code == TOO_LARGE else SinkError
            msg = f"{self._who}: did not take the message ({error.smtp_code})"
            raise kind(msg) from error
        except smtplib.SMTPRecipientsRefused as error:
            msg = f"{self._who}: takes mail for none of the addresses; correct `to`"
            raise SinkError(msg) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # A connection that was cut off is told as a ValueError by some of the library.
            why = why_not_reached(error)
            msg = f"{self._who}: cannot be told ({type(error).__name__}: {error})"
            msg += f"; {why}" if why else ""
            raise SinkError(msg) from error


def _cut_off(server: smtplib.SMTP) -> None:
    sock = server.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _say_goodbye(server: smtplib.SMTP) -> None:
    """It has the message, so what it says now makes no difference."""
    try:
        if server.sock is not None:
            server.sock.settimeout(1.0)
            server.quit()
    except (smtplib.SMTPException, OSError, ValueError):
        return
