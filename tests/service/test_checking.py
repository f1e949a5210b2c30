"""A configuration tried out against real servers, and against none."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from platestream.core.reach import NO_TLS, NOT_TRUSTED, REFUSED, UNKNOWN_HOST, WRONG_LOGIN
from platestream.service import checking
from platestream.service.config import ServiceConfig
from platestream.store.store import open_store
from tests.live.films import film, write_video
from tests.live.http_cameras import http_camera
from tests.receivers import PASSWORD, USER, Broker, HttpReceiver, free_port, http_receiver
from tests.receivers import listener as listening_to
from tests.smtp_server import server_context, smtp_server, write_certificate

ANSWER = "it answers; whether it takes messages shows with the first one"


@pytest.fixture(autouse=True)
def no_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "load_configured", lambda _config: None)


def found(**config: Any) -> dict[str, tuple[bool, str]]:
    """What is said of cameras or sinks, by name."""
    whole = ServiceConfig.model_validate(config)
    said = {each.name: (each.is_good, each.what) for each in checking.check(whole)}
    assert said.pop("reader")[0]
    assert said.pop("server")[0]
    assert said.pop("receivers", (True, ""))[0]
    assert ("cameras" in said) is not bool(whole.cameras)
    assert said.pop("cameras", (True, checking.NO_CAMERAS)) == (True, checking.NO_CAMERAS)
    return {name.partition(".")[2]: each for name, each in said.items()}


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def test_cameras_are_told_apart(tmp_path: Path) -> None:
    movie = write_video(tmp_path / "film.mp4", film(25))
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "a.jpg").touch()
    with http_camera(movie, "me:s3cret") as url, socket.create_server(("127.0.0.1", 0)) as silent:
        login = {"username": "me", "password": "s3cret"}
        said = found(
            cameras={
                "good": {"url": f"{url}/stream", **login},
                "film": {"url": str(movie)},
                "folder": {"url": str(tmp_path / "drop")},
                "off": {"url": "rtsp://camera.invalid/", "enabled": False},
                "password": {"url": f"{url}/stream", "username": "me", "password": "wr0ng-one"},
                "unknown": {"url": "rtsp://camera.invalid/x"},
                "refused": {"url": f"rtsp://127.0.0.1:{free_port()}/x"},
                "silent": {"url": f"rtsp://127.0.0.1:{silent.getsockname()[1]}/", "timeout_s": 1},
                "missing": {"url": str(tmp_path / "other.mp4")},
                "no-folder": {"url": str(tmp_path / "other")},
                "kind": {"url": "file:///etc/passwd"},
            }
        )
    assert said["good"] == said["film"] == (True, "shows a picture of 160 x 96")
    assert said["folder"] == (
        True,
        "is a folder of 1 picture or film; only new ones are read, without `existing: true`",
    )
    assert said["off"] == (True, "is not enabled, and was not tried")
    wrong = {name: what for name, (is_good, what) in said.items() if not is_good}
    says = {
        "password": WRONG_LOGIN,
        "unknown": UNKNOWN_HOST,
        "refused": REFUSED,
        "silent": "no answer for 1 s",
        "missing": "No such file",
        "no-folder": "there is no such folder; make it",
        "kind": "nothing is opened by file://",
    }
    assert set(wrong) == set(says)
    for name, words in says.items():
        assert words in wrong[name], name
    assert "wr0ng-one" not in str(wrong)


def test_what_a_folder_lacks_is_told(tmp_path: Path) -> None:
    for name in ("empty", "notes", "films/monday"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "notes" / "a.txt").touch()
    for name in ("a.jpg", "b.mp4", ".hidden.jpg", "c.txt"):
        (tmp_path / "films" / "monday" / name).touch()

    def told(name: str, *, existing: bool) -> tuple[bool, str]:
        camera = {"url": str(tmp_path / name), "existing": existing}
        return found(cameras={"gate": camera})["gate"]

    assert told("films", existing=True) == (True, "is a folder of 2 pictures and films")
    nothing, only = "the folder holds no pictures or films", "; put some there, or correct the path"
    assert told("empty", existing=True) == (False, f"{tmp_path}/empty: {nothing}{only}")
    assert told("notes", existing=True) == (
        False,
        f"{tmp_path}/notes: {nothing}, only 1 .txt{only}",
    )
    is_waited_for = (True, "is a folder without pictures or films yet; what comes is read")
    assert told("empty", existing=False) == is_waited_for
    assert told("notes", existing=False)[0]


def test_webhooks_are_told_apart_and_told_nothing(receiver: HttpReceiver, tmp_path: Path) -> None:
    hooks = {
        "good": receiver.url,
        "unknown": "https://receiver.invalid/hook",
        "refused": f"http://127.0.0.1:{free_port()}/",
        "clear": receiver.url.replace("http", "https"),
    }
    with http_receiver(server_context(write_certificate(tmp_path))) as secure:
        hooks["stranger"] = secure.url
        said = found(sinks={name: {"type": "webhook", "url": url} for name, url in hooks.items()})
    assert said.pop("good") == (True, ANSWER)
    says = {
        "unknown": UNKNOWN_HOST,
        "refused": REFUSED,
        "clear": NO_TLS,
        "stranger": NOT_TRUSTED,
    }
    for name, words in says.items():
        assert not said[name][0]
        assert words in said[name][1]
    assert receiver.requests == secure.requests == [], "nobody was told anything"


def test_a_broker_that_does_not_know_us(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    try:
        with listening_to(broker) as heard:
            login = {"username": USER, "password": PASSWORD, "host": "127.0.0.1"}
            kinds: dict[str, dict[str, Any]] = {
                "good": {"port": broker.port},
                "password": {"port": broker.port, "password": "wr0ng-one"},
                "refused": {"port": free_port()},
                "unknown": {"host": "broker.invalid"},
            }
            said = found(sinks={n: {"type": "mqtt", **login, **k} for n, k in kinds.items()})
            assert heard == [], "nobody heard of us"
    finally:
        broker.kill()
    assert said["good"] == (True, "it lets us in")
    assert said["password"] == (False, f"127.0.0.1:{broker.port}: {WRONG_LOGIN}")
    assert REFUSED in said["refused"][1]
    assert UNKNOWN_HOST in said["unknown"][1]


def test_a_mail_server_that_does_not_know_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with smtp_server(certificate, login="otto:s3cret word") as mailbox:
        mail = {"type": "email", "host": "localhost", "port": mailbox.port, "to": ["a@example.org"]}
        mail |= {"sender": "b@example.org", "username": "otto"}
        said = found(
            sinks={
                "good": {**mail, "password": "s3cret word"},
                "password": {**mail, "password": "wr0ng-one"},
                "refused": {**mail, "port": free_port()},
                "unknown": {**mail, "host": "mail.invalid"},
                "clear": {**mail, "encryption": "none"},
            }
        )
        assert mailbox.messages == []
    assert said["good"] == (True, "it lets us in")
    assert WRONG_LOGIN in said["password"][1]
    assert REFUSED in said["refused"][1]
    assert UNKNOWN_HOST in said["unknown"][1]
    assert [each[0] for each in said.values()] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "the bot sees the chat"),
        ({"getMe": 401}, "Telegram knows no bot of this token; correct `token`"),
        ({"getChat": 400}, "the bot does not see this chat; correct `chat`, and let the bot join"),
    ],
)
def test_a_bot_that_is_none(receiver: HttpReceiver, answers: dict[str, int], says: str) -> None:
    receiver.answer = lambda request: (
        next((status for call, status in answers.items() if call in request.path), 200),
        {},
    )
    server = receiver.url.partition("/hook")[0]
    chat = {"type": "telegram", "token": "1:abc", "chat": "-10", "server": server}
    is_good, what = found(sinks={"chat": chat})["chat"]
    assert (is_good, what[: len(says)]) == (not answers, says)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (200, "it lets us use the topic"),
        (403, "the ntfy server does not let us use this topic"),
        (404, "answers 404 where ntfy would not; correct `server`"),
    ],
)
def test_a_topic_that_is_not_ours(receiver: HttpReceiver, status: int, says: str) -> None:
    paths: list[str] = []

    def answer(request: Any) -> tuple[int, dict[str, str]]:
        paths.append(request.path)
        return status, {}

    receiver.answer = answer
    server = receiver.url.partition("/hook")[0]
    phone = {"type": "ntfy", "topic": "our-gate", "server": server, "token": "tk"}
    is_good, what = found(sinks={"phone": phone})["phone"]
    assert (is_good, what[: len(says)]) == (status == 200, says)
    assert paths == ["/our-gate/auth"]


def test_what_receivers_name_is_looked_for_on_the_page_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/events.db"
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "cameras": ["yard"]}
    config = {"store": {"url": url}, "sinks": {"hook": hook}}

    def finding() -> tuple[bool, str]:
        checked = checking.check(ServiceConfig.model_validate(config))
        return next((each.is_good, each.what) for each in checked if each.name == "receivers")

    says = "sinks.hook.cameras: no camera 'yard'; or add it on the page first"
    assert finding() == (False, says)
    assert not (tmp_path / "events.db").exists(), "a check makes nothing"
    store = open_store(url, tmp_path / "pictures")
    store.settings.put_camera("yard", {"url": "rtsp://10.0.0.7/"})
    store.close()
    assert finding() == (True, "what they name is there")


def test_whether_the_server_can_listen_is_tried() -> None:
    def said(**server: Any) -> checking.Finding:
        config = ServiceConfig.model_validate({"server": server})
        (finding,) = (each for each in checking.check(config) if each.name == "server")
        return finding

    port = free_port()
    assert said(port=port).what == f"can listen on 127.0.0.1:{port}"
    with socket.create_server(("127.0.0.1", port)):
        taken = said(port=port)
    assert taken.is_good, "this very service may run while its file is checked"
    assert taken.what.startswith(f"somebody listens on 127.0.0.1:{port} now")
    elsewhere = said(
        host="192.0.2.7", tokens={"screen": {"token": "a-screen-of-thirty-characters-or-so"}}
    )
    assert not elsewhere.is_good
    assert "--host takes an address of this machine" in elsewhere.what


def test_a_server_that_would_let_strangers_in_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = ServiceConfig.model_validate({"server": {"host": "0.0.0.0"}})
    (bad,) = [each for each in checking.check(config) if not each.is_good]
    assert bad.name == "server"
    assert "nobody has to log in" in bad.what
