"""A real SMTP server for tests: TLS, STARTTLS, a login, and answers as told."""

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def write_certificate(folder: Path) -> Path:
    """A certificate of this machine that signs itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class Mailbox:
    """What a server took, and how it is to behave.

    Attributes:
        answers: What it says to a command in place of what it would.
        slow_s: Between the bytes of an answer.
    """

    port: int = 0
    login: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    """One connection; a server's own class of it has what follows."""

    mailbox: Mailbox
    context: ssl.SSLContext
    is_tls: bool
    is_secure = False

    def say(self, text: str) -> None:
        for byte in f"{text}\r\n".encode():
            self.wfile.write(bytes([byte]))
            if self.mailbox.slow_s:
                time.sleep(self.mailbox.slow_s)

    def secure(self) -> None:
        self.connection = self.context.wrap_socket(self.request, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = cast("socketserver._SocketWriter", self.connection.makefile("wb", 0))
        self.is_secure = True

    def handle(self) -> None:
        try:
            if self.is_tls:
                self.secure()
            self.say("220 here")
            while line := self.rfile.readline():
                command, _, rest = line.decode().strip().partition(" ")
                if answer := self.mailbox.answers.get(command.upper()):
                    self.say(answer)
                elif not self.obey(command.upper(), rest):
                    break
        except (OSError, ssl.SSLError):
            return
        finally:
            if self.is_secure:
                self.rfile.close()
                self.wfile.close()
                self.connection.close()

    def obey(self, command: str, rest: str) -> bool:
        if command == "EHLO":
            offers = ["STARTTLS"] if not self.is_secure else []
            offers += ["AUTH PLAIN"] if self.mailbox.login else []
            for offer in ["localhost", *offers][:-1] if offers else []:
                self.say(f"250-{offer}")
            self.say(f"250 {offers[-1] if offers else 'localhost'}")
        elif command == "STARTTLS":
            self.say("220 go on")
            self.secure()
        elif command == "AUTH":
            said = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[1:]
            self.say("235 welcome" if ":".join(said) == self.mailbox.login else "535 no")
        elif command == "DATA":
            self.say("354 go on")
            data = b""
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                data += line
            self.mailbox.messages.append(
                cast("EmailMessage", message_from_bytes(data, policy=default))
            )
            self.mailbox.were_encrypted.append(self.is_secure)
            self.say(self.mailbox.answers.get("END", "250 taken"))
        else:
            self.mailbox.recipients += [rest] if command == "RCPT" else []
            self.say("221 bye" if command == "QUIT" else "250 ok")
        return command != "QUIT"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def smtp_server(certificate: Path, *, is_tls: bool = False, login: str = "") -> Iterator[Mailbox]:
    """Run one; `login` is ``user:password``."""
    mailbox, context = Mailbox(login=login), server_context(certificate)

    about = {"mailbox": mailbox, "context": context, "is_tls": is_tls}
    handler = type("Handler", (_Handler,), about)
    with _Server(("127.0.0.1", 0), handler) as server:
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield mailbox
        server.shutdown()
        thread.join()
