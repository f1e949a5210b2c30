"""Cameras changed while they run: what is kept, what counts, what is refused, who learns what."""

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from platestream.core.errors import ConfigError, SourceError, SourceNotFound
from platestream.core.urls import Redactor
from platestream.service.camera_config import CameraConfig
from platestream.service.camera_editor import CameraEditor
from platestream.service.config import ServiceConfig
from platestream.store.store import EventStore, open_store
from tests.live.http_cameras import http_camera
from tests.service.site import MadeUpCameras

URL, LOGIN = "rtsp://10.0.0.1/main", {"username": "viewer", "password": "kamera-geheim"}
ZONE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


class Told(MadeUpCameras):
    """Takes the place of what runs cameras, and of what makes their plans."""

    def __init__(self) -> None:
        self.watched: dict[str, CameraConfig] = {}
        self.done: list[str] = []

    def make(self, name: str, camera: CameraConfig) -> Any:
        return name, camera

    def watch(self, plan: Any, /) -> None:
        name, camera = plan
        self.watched[name] = camera
        self.done.append(f"watch {name}")

    def remove(self, name: str, /) -> None:
        self.watched.pop(name, None)
        self.done.append(f"remove {name}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    yield opened
    opened.close()


def editor_of(store: EventStore, **config: Any) -> tuple[CameraEditor, Told]:
    editor, told = CameraEditor(ServiceConfig.model_validate(config), store.settings), Told()
    editor.run_with(told, told.make)
    return editor, told


def test_a_camera_of_the_page_is_there_again_after_a_restart(store: EventStore) -> None:
    editor, told = editor_of(store)
    added = editor.add("gate", {"url": URL, **LOGIN, "zones": {"drive": ZONE}})
    assert (added.stands_in, added.address) == ("page", "rtsp://10.0.0.1")
    assert told.watched["gate"].password.get_secret_value() == "kamera-geheim"
    again, _ = editor_of(store)
    assert again.config.cameras == editor.config.cameras
    assert list(again.get("gate").config.zones) == ["drive"]
    editor.change("gate", {"enabled": False})
    assert told.done == ["watch gate", "remove gate"]
    editor.remove("gate")
    assert editor_of(store)[0].all() == []
    with pytest.raises(SourceNotFound, match="no camera 'gate'"):
        editor.get("gate")


def test_of_a_camera_in_the_file_only_what_was_changed_goes_over_it(store: EventStore) -> None:
    in_file = {"gate": {"url": URL, **LOGIN, "max_fps": 5}}
    editor, told = editor_of(store, cameras=in_file)
    assert editor.get("gate").stands_in == "file"
    with pytest.raises(ConfigError, match="stands in the configuration file"):
        editor.remove("gate")
    editor.change("gate", {"zones": {"drive": ZONE}})
    assert store.settings.cameras() == {"gate": {"zones": {"drive": ZONE}}}, "and no password"
    assert told.watched["gate"].max_fps == 5
    in_file["gate"]["max_fps"] = 7
    later, told = editor_of(store, cameras=in_file)
    gate = later.get("gate")
    assert (gate.stands_in, gate.config.max_fps, list(gate.config.zones)) == ("both", 7, ["drive"])
    later.remove("gate")
    assert (later.get("gate").stands_in, told.watched["gate"].zones) == ("file", {})


@pytest.mark.parametrize(
    "url", ["rtsp://evil.example/main", "rtsp://10.0.0.1:8554/main", "http://10.0.0.1/main", "0"]
)
@pytest.mark.parametrize("stands_in", ["file", "page"])
def test_another_host_is_never_told_the_login_of_before(
    store: EventStore, url: str, stands_in: str
) -> None:
    camera = {"url": URL, **LOGIN}
    editor, told = editor_of(store, cameras={"gate": camera} if stands_in == "file" else {})
    if stands_in == "page":
        editor.add("gate", camera)
    tried: list[CameraConfig] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "platestream.service.camera_editor.feed_settings", lambda c, _stop: tried.append(c)
        )
        patch.setattr(
            "platestream.service.camera_editor.try_camera", lambda settings: settings(None)
        )
        editor.test("gate", {"url": url})
    editor.change("gate", {"url": url})
    for camera_config in (*tried, told.watched["gate"], editor_of(store)[0].get("gate").config):
        assert camera_config.username == ""
        assert camera_config.password.get_secret_value() == ""
    editor.change("gate", {"url": url, **LOGIN})
    assert told.watched["gate"].password.get_secret_value() == "kamera-geheim"


def test_another_path_of_the_same_host_keeps_the_login(store: EventStore) -> None:
    editor, told = editor_of(store)
    editor.add("gate", {"url": URL, **LOGIN})
    editor.change("gate", {"url": "rtsp://10.0.0.1/sub"})
    assert told.watched["gate"].password.get_secret_value() == "kamera-geheim"


@pytest.mark.parametrize(
    "url",
    ["/etc", "clip.mp4", "file:///etc/passwd", "tcp://0.0.0.0:1?listen", "udp://:1", "", "rtsp"],
)
def test_files_and_what_listens_are_nothing_for_the_page(store: EventStore, url: str) -> None:
    editor, told = editor_of(store)
    for act in (editor.add, editor.test):
        with pytest.raises(ConfigError, match="url: give an address"):
            act("" if act == editor.test else "gate", {"url": url})
    assert told.done == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "url: is missing; add it"),
        ({"url": URL, "max_fps": -1}, "max_fps: is too small; write 0.01 or more"),
        ({"url": URL, "frozen_after_s": math.inf}, "frozen_after_s: .*finite"),
        ({"url": URL, "zones": {"drive": [[0.5, math.nan], *ZONE]}}, "zones.drive"),
        ({"url": URL, "zones": {"drive": ZONE * 100}}, "zones.drive: .*no more than 200"),
        (
            {"url": URL, "zones": {"drive": ZONE[:2]}},
            "zones.drive: has too few entries; write 3 or more",
        ),
        ({"url": URL, "zones": {"a b": ZONE}}, "zones.a b"),
        ({"url": URL, "lines": {"l": {"points": [[0, 0], [0, 1]], "inwards": "up"}}}, "lines.l"),
        ({"url": URL, "region": "XX-Y"}, "region"),
        ({"url": URL, "transprot": "udp"}, "transprot: there is no such key; did you mean"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(
    store: EventStore, changes: dict[str, Any], says: str
) -> None:
    editor, told = editor_of(store)
    with pytest.raises(ConfigError, match=says):
        editor.add("gate", changes)
    assert (told.done, store.settings.cameras()) == ([], {})


@pytest.mark.parametrize("evil", ["a\r\nFLUSHALL\r\n", "a\0b", "a\u2028b", "a\x1b[2J", "a\tb"])
@pytest.mark.parametrize("key", ["url", "username", "password"])
def test_no_camera_is_told_more_than_one_line(store: EventStore, key: str, evil: str) -> None:
    """FFmpeg sends an RTSP address as it is: what follows a line break is a command to anybody."""
    editor, told = editor_of(store)
    changes = {"url": URL, key: f"{URL}/{evil}" if key == "url" else evil}
    for act in (editor.add, editor.test):
        with pytest.raises(ConfigError, match=f"{key}: has characters"):
            act("" if act == editor.test else "gate", changes)
    store.settings.put_camera("gate", changes)
    again, _ = editor_of(store)
    assert again.all() == [], "nor what stands in a database that others wrote"
    assert told.done == []


@pytest.mark.parametrize("name", ["", "a b", "../etc", "x" * 65, "GATE", "gate"])
def test_names_are_names_and_there_once(store: EventStore, name: str) -> None:
    editor, _ = editor_of(store, cameras={"Gate": {"url": URL}})
    with pytest.raises(ConfigError, match="name: "):
        editor.add(name, {"url": URL})


def test_a_zone_that_a_receiver_asks_for_stays(store: EventStore) -> None:
    camera = {"url": URL, "zones": {"drive": ZONE}}
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "zones": ["drive"]}
    editor, _ = editor_of(store, cameras={"gate": camera}, sinks={"hook": hook})
    with pytest.raises(ConfigError, match=r"sinks\.hook\.zones"):
        editor.change("gate", {"zones": {"yard": ZONE}})
    assert list(editor.get("gate").config.zones) == ["drive"]


def test_a_receiver_may_name_what_was_added_on_the_page(store: EventStore) -> None:
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "cameras": ["yard"]}
    hook["zones"], hook["direction"] = ["drive"], "door:in"
    line = {"points": [[0.1, 0.5], [0.9, 0.5]], "inwards": "down"}
    config: dict[str, Any] = {"cameras": {"gate": {"url": URL}}, "sinks": {"hook": hook}}
    editor, _ = editor_of(store, **config)
    with pytest.raises(ConfigError, match=r"sinks\.hook\.cameras: no camera 'yard'"):
        editor.config.check_receivers()
    editor_of(store)[0].add("yard", {"url": URL, "zones": {"drive": ZONE}, "lines": {"door": line}})
    editor, _ = editor_of(store, **config)
    editor.config.check_receivers()
    with pytest.raises(ConfigError, match=r"sinks\.hook\.direction"):
        editor.change("yard", {"lines": {}})
    with pytest.raises(ConfigError, match=r"sinks\.hook\.cameras"):
        editor.remove("yard")
    assert "yard" in editor.config.cameras


def test_who_asks_is_told_which_cameras_there_are(store: EventStore) -> None:
    editor, there = editor_of(store, cameras={"gate": {"url": URL}})[0], []
    editor.run_with(Told(), Told().make, there.append)
    editor.add("yard", {"url": URL})
    editor.change("gate", {"enabled": False})
    editor.remove("yard")
    assert there == [["gate", "yard"], ["gate", "yard"], ["gate"]]


def test_every_secret_that_is_set_is_hidden_from_then_on(store: EventStore) -> None:
    redact = Redactor([])
    editor = CameraEditor(ServiceConfig(), store.settings, redact.learn)
    with pytest.raises(SourceError):
        editor.test("", {"url": "rtsp://127.0.0.1:9/x", "password": "tried-geheim"})
    editor.add("gate", {"url": URL, **LOGIN})
    assert redact("x tried-geheim kamera-geheim y") == "x *** *** y"
    after = Redactor([])
    CameraEditor(ServiceConfig(), store.settings, after.learn)
    assert after("kamera-geheim") == "***", "and after a restart"


def test_damaged_settings_stop_no_service(
    store: EventStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.settings.put_camera("gate", {"max_fps": "often"})
    store.settings.put_camera("yard", {"url": URL})
    with caplog.at_level(logging.WARNING):
        editor, _ = editor_of(store, cameras={"gate": {"url": URL}})
    assert set(editor.config.cameras) == {"gate", "yard"}
    assert "camera gate: what was set on the page counts not" in caplog.text


def test_a_trial_brings_a_picture_or_says_why_not(store: EventStore, tmp_path: Path) -> None:
    editor, told = editor_of(store)
    with http_camera(tmp_path / "none.mp4", "viewer:kamera-geheim") as url:
        trial = editor.test("", {"url": f"{url}/stream", **LOGIN})
        assert trial.size == (160, 96)
        assert 0 < trial.first_frame_s < 10
        with pytest.raises(SourceError, match="wrong user name or password"):
            editor.test("", {"url": f"{url}/stream", "username": "viewer", "password": "wrong"})
    with pytest.raises(SourceError, match="nothing listens"):
        editor.test("", {"url": f"{url}/stream"})
    assert (told.done, store.settings.cameras()) == ([], {})
