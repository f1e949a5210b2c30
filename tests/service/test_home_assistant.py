"""Cameras come and go on the page, and Home Assistant hears of it from a real broker at once."""

from pathlib import Path

import pytest

from platestream.core.errors import ConfigError
from tests.receivers import PASSWORD, USER, Broker, listener, wait_until
from tests.service.web.live_site import live_site


def known(broker: Broker) -> set[str]:
    """The devices that whoever connects now is told of."""
    with listener(broker) as heard:
        wait_until(lambda: any(m.topic == "platestream/status" for m in heard))
        topics = {m.topic for m in heard if m.payload}
    return {t.split("/")[2] for t in topics if t.startswith("homeassistant/device/")}


def test_a_camera_of_the_page_is_a_device_at_once_and_until_it_is_removed(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    house = {"type": "mqtt", "host": "127.0.0.1", "port": broker.port}
    house |= {"username": USER, "password": PASSWORD}
    cameras = {"gate": {"url": "rtsp://127.0.0.1:9/"}}
    try:
        with live_site(tmp_path / "site", cameras=cameras, sinks={"house": house}) as site:
            editor = site.app.state.services.camera_editor
            wait_until(lambda: known(broker) == {"platestream_gate"})
            editor.add("yard", {"url": "rtsp://127.0.0.1:9/"})
            wait_until(lambda: known(broker) == {"platestream_gate", "platestream_yard"})
            editor.remove("yard")
            wait_until(lambda: known(broker) == {"platestream_gate"})
    finally:
        broker.kill()


def test_a_receiver_names_a_camera_of_the_page_after_a_restart(tmp_path: Path) -> None:
    with live_site(tmp_path) as site:
        site.app.state.services.camera_editor.add("yard", {"url": "rtsp://127.0.0.1:9/"})
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "cameras": ["yard"]}
    with live_site(tmp_path, sinks={"hook": hook}) as site:
        assert set(site.app.state.services.sinks()) == {"hook"}
    assert b"rtsp://127.0.0.1:9/" not in (tmp_path / "events.db").read_bytes()


def test_a_lost_key_stops_no_service_and_the_page_sets_it_right(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with live_site(tmp_path) as site:
        for name in ("yard", "lane"):
            site.app.state.services.camera_editor.add(name, {"url": "rtsp://127.0.0.1:9/"})
    (tmp_path / "events.db.key").unlink()
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "cameras": ["yard", "lane"]}
    with live_site(tmp_path, sinks={"hook": hook}) as site:
        assert "its url was sealed by another key" in caplog.text
        assert "sinks.hook.cameras: no camera 'yard'" in caplog.text
        for name in ("yard", "lane"):
            site.app.state.services.camera_editor.add(name, {"url": "rtsp://127.0.0.1:9/"})
    caplog.clear()
    with live_site(tmp_path, sinks={"hook": hook}) as site:
        assert set(site.app.state.services.camera_names()) == {"yard", "lane"}
    assert "no camera" not in caplog.text


def test_a_name_that_is_nowhere_is_refused_at_the_start(tmp_path: Path) -> None:
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/", "cameras": ["gat"]}
    cameras = {"gate": {"url": "rtsp://127.0.0.1:9/"}}
    with (
        pytest.raises(ConfigError, match=r"no camera 'gat'; did you mean gate\?"),
        live_site(tmp_path, cameras=cameras, sinks={"hook": hook}),
    ):
        pass
