"""Whole cameras at work: real files, real servers, networks that are plain functions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import platestream
from platestream.core.errors import ConfigError, ModelError
from platestream.core.types import Detection, Reading, Rgb
from platestream.live import source as camera_module
from platestream.live import stream_feed
from platestream.live.follow import Follower, Outcome
from platestream.live.updates import LiveUpdate, nobody
from platestream.live.workers import Cameras, CameraWorker, Listeners
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ReaderConfig, ServiceConfig
from platestream.service.spread import make_cameras
from platestream.service.wiring import load_configured, make_plan, make_worker
from platestream.store.records import NewEvent
from platestream.stream.confidence import least_certain
from platestream.stream.fusion import best_quality
from platestream.stream.policy import first_frame
from platestream.stream.rules import Rule
from platestream.video import videos
from platestream.video.decoders import HARDWARE, why_not
from platestream.video.engine import Engine
from platestream.video.pipeline import Step
from platestream.video.profile import STAGES
from tests.detections import slanted
from tests.live.films import write_video
from tests.rtsp import Clip, RtspServer, make_clip, needs_rtsp_server
from tests.service.scenes import reading
from tests.waiting import wait_until

DEMO = Path(platestream.__file__).parent / "demo" / "street.mp4"
TEXTS = ("AB123", "CD456", "EF789")
WIDTH, HEIGHT = 160, 96


def passage(number: int, num_frames: int = 30) -> Iterator[Rgb]:
    """A plate in a grey that stands for `TEXTS[number]` goes by in the first half of the time."""
    for index in range(num_frames):
        rgb = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
        if index < num_frames // 2:
            rgb[40:52, 10 + 4 * index : 50 + 4 * index] = 100 + 60 * number
        yield rgb


class Bright:
    """Finds what is bright."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        ys, xs = np.nonzero(rgb[:, :, 0] > 70)
        if not len(xs):
            return []
        box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
        return [slanted(box)]


def read(rgb: Rgb) -> Reading:
    middle = rgb[rgb.shape[0] // 2, rgb.shape[1] // 2, 0]
    return reading(TEXTS[round((float(middle) - 100) / 60)])


ENGINE = Engine(Bright(), lambda rgb: 0.9, read, least_certain, Rule(first_frame, best_quality))


@dataclass
class Heard:
    """What the cameras told."""

    events: list[NewEvent] = field(default_factory=list)
    updates: list[LiveUpdate] = field(default_factory=list)

    def keep(self, event: NewEvent) -> None:
        """Take what is over; `test_follow` looks at what goes on."""
        if event.state == "final":
            self.events.append(event)

    def plates(self, camera: str) -> list[str]:
        return [event.event.plate for event in self.events if event.camera == camera]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def run(heard: Heard) -> Iterator[Callable[..., Cameras]]:
    """Start cameras by name and configuration; they are stopped at the end."""
    started: list[Cameras] = []

    def start(
        cameras: dict[str, dict[str, Any]], engine: Engine = ENGINE, **options: Any
    ) -> Cameras:
        config = ServiceConfig.model_validate({"cameras": cameras})
        listeners = Listeners(
            **{
                "on_update": lambda _, update: heard.updates.append(update),
                "on_event": heard.keep,
                "namer": nobody,
                **options,
            }
        )
        made = make_cameras(config, engine, listeners)
        started.append(made)
        made.start()
        return made

    yield start
    for each in started:
        each.stop()


def test_each_camera_gives_its_own_events(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path
) -> None:
    for number in range(3):
        write_video(tmp_path / f"{number}.mp4", passage(number))
    cameras = run({f"c{n}": {"url": str(tmp_path / f"{n}.mp4")} for n in range(3)})
    wait_until(lambda: all(h.state == "ended" for h in cameras.health().values()))
    wait_until(lambda: len(heard.events) == 3)
    for number, text in enumerate(TEXTS):
        assert heard.plates(f"c{number}") == [text]
        told = [update for update in heard.updates if update.camera == f"c{number}"]
        assert [update.state for update in told] == ["provisional", "sure", "final"]
        assert {u.event_id for u in told} == {
            e.id for e in heard.events if e.camera == f"c{number}"
        }
    health = cameras.health()["c0"]
    assert health.num_events == 1
    assert health.num_frames + health.num_dropped == 30
    assert health.plate_width_px == pytest.approx(40, abs=2)
    assert set(health.cpu_s) == set(STAGES)
    assert all(health.cpu_s[stage] > 0 for stage in STAGES), "each is asked for here"
    # Thirty small pictures and networks that are plain functions; the clip plays for a second.
    assert sum(health.cpu_s.values()) < 30
    snapshot = cameras.snapshot("c0")
    assert snapshot is not None
    assert snapshot.shape == (HEIGHT, WIDTH, 3)
    assert cameras.snapshot("nobody") is None


def test_stopping_ends_what_is_in_view_and_hands_over_its_event(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path
) -> None:
    still = list(passage(0))[:1] * 500
    cameras = run({"gate": {"url": str(write_video(tmp_path / "a.mp4", still))}})
    wait_until(lambda: heard.updates)
    assert heard.events == []
    cameras.stop()
    assert heard.plates("gate") == ["AB123"]
    assert heard.updates[-1].state == "final"


@pytest.mark.parametrize("at_fault", ["detector", "follower", "one plate"])
def test_whatever_breaks_what_was_told_has_its_end(
    run: Callable[..., Cameras],
    heard: Heard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at_fault: str,
) -> None:
    calls = count()

    def break_once() -> None:
        if next(calls) == 12:
            msg = "one bad frame"
            raise MemoryError(msg)

    class Failing(Bright):
        def detect(self, rgb: Rgb) -> Sequence[Detection]:
            break_once()
            return super().detect(rgb)

    see = Follower.see

    def failing(self: Follower, step: Step) -> Outcome:
        if at_fault == "follower":
            break_once()
            return see(self, step)
        outcome = see(self, step)
        with outcome.apart():
            break_once()
        return outcome

    engine = ENGINE
    if at_fault == "detector":
        engine = replace(ENGINE, detector=Failing())
    else:
        monkeypatch.setattr(Follower, "see", failing)
    still = list(passage(0))[:1] * 500
    cameras = run({"gate": {"url": str(write_video(tmp_path / "a.mp4", still))}}, engine)
    wait_until(lambda: heard.events)
    cameras.stop()
    told = {update.event_id for update in heard.updates}
    ended = {u.event_id for u in heard.updates if u.state in ("final", "withdrawn")}
    assert told == ended
    assert "unexpected error (MemoryError)" in cameras.health()["gate"].last_error


def test_a_camera_that_fails_stops_no_other_and_is_tried_again(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path
) -> None:
    failures = iter([ModelError("its network broke"), ZeroDivisionError("a bug")])

    def fail_twice(rgb: Rgb) -> Reading:
        if rgb[rgb.shape[0] // 2, rgb.shape[1] // 2, 0] > 200 and (error := next(failures, None)):
            raise error
        return read(rgb)

    write_video(tmp_path / "0.mp4", passage(0, 50))
    # It stands there for a minute: once it is read, no other passage can follow.
    write_video(tmp_path / "2.mp4", list(passage(2))[:1] * 1500)
    good = {"url": str(tmp_path / "0.mp4")}
    bad = {"url": str(tmp_path / "2.mp4")}
    missing = {"url": str(tmp_path / "missing.mp4")}
    cameras = run(
        {"bad": bad, "good": good, "missing": missing}, engine=replace(ENGINE, read=fail_twice)
    )
    wait_until(lambda: "EF789" in [update.plate for update in heard.updates], 60)
    wait_until(lambda: heard.plates("good"))
    cameras.stop()
    assert (heard.plates("good"), heard.plates("bad")) == (["AB123"], ["EF789"])
    assert "unexpected error (ZeroDivisionError)" in cameras.health()["bad"].last_error
    assert "missing.mp4: cannot be opened" in cameras.health()["missing"].last_error


def test_an_event_that_breaks_something_of_ours_is_named_and_takes_no_other_along(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [ValueError("what is that?")]

    def store(event: NewEvent) -> None:
        if faults:
            raise faults.pop()
        heard.keep(event)

    url = str(write_video(tmp_path / "a.mp4", passage(0)))
    cameras = run({"gate": {"url": url}}, on_event=store)
    wait_until(lambda: cameras.health()["gate"].state == "ended")
    wait_until(lambda: heard.plates("gate") == ["AB123"])
    assert "is lost: a fault of ours" in caplog.text
    assert "what is that?" in caplog.text


def test_one_camera_comes_changes_and_goes_while_the_others_go_on(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path
) -> None:
    for number in range(2):
        write_video(tmp_path / f"{number}.mp4", passage(number))
    cameras = run({"stays": {"url": str(tmp_path / "0.mp4"), "loop": True}})
    listeners = Listeners(lambda _, update: heard.updates.append(update), heard.keep, nobody)

    def make(name: str, camera: CameraConfig) -> CameraWorker:
        return make_worker(make_plan(name, camera, ServiceConfig()), ENGINE, listeners)

    camera = CameraConfig(url=str(tmp_path / "1.mp4"), loop=True)
    before = cameras._workers["stays"]
    cameras.put(make("comes", camera))
    wait_until(lambda: cameras.snapshot("comes") is not None)
    first = cameras._workers["comes"]
    wait_until(lambda: heard.updates and any(u.camera == "comes" for u in heard.updates))
    cameras.put(make("comes", camera))
    assert not first._thread.is_alive(), "two would tell the same passage twice"
    wait_until(lambda: cameras.health()["comes"].num_frames > 0)
    assert len(heard.plates("comes")) >= 1, "what was in view has its event"
    cameras.remove("comes")
    cameras.remove("never there")
    assert set(cameras.health()) == {"stays"}
    assert cameras.snapshot("comes") is None
    assert cameras._workers["stays"] is before
    assert before._thread.is_alive()
    cameras.stop()
    cameras.put(make("late", camera))
    assert cameras._workers["late"]._thread.ident is None, "nothing starts once all was stopped"


def test_a_snapshot_is_drawn_on_a_copy(run: Callable[..., Cameras], tmp_path: Path) -> None:
    write_video(tmp_path / "0.mp4", passage(0))
    cameras = run({"gate": {"url": str(tmp_path / "0.mp4"), "loop": True}})

    def has_green() -> bool:
        drawn = cameras.snapshot("gate", with_plates=True)
        if drawn is None:
            return False
        rgb = drawn.astype(int)
        return bool(((rgb[..., 1] - rgb[..., 0]) > 60).any())

    wait_until(has_green)
    plain = cameras.snapshot("gate")
    assert plain is not None
    rgb = plain.astype(int)
    assert abs(rgb[..., 1] - rgb[..., 0]).max() < 30, "what others look at is as it was"


def test_a_disabled_camera_is_not_there(run: Callable[..., Cameras]) -> None:
    assert run({"gate": {"url": "x.mp4", "enabled": False}}).health() == {}


def test_zones_of_the_configuration_are_looked_at(
    run: Callable[..., Cameras], heard: Heard, tmp_path: Path
) -> None:
    url = str(write_video(tmp_path / "a.mp4", passage(0)))
    middle = {"points": [[0.4, 0.0], [0.4, 1.0]], "inwards": "right"}
    below = [[0, 0.7], [1, 0.7], [1, 1], [0, 1]]
    cameras = run(
        {
            "all": {"url": url, "lines": {"middle": middle}},
            "none": {"url": url, "zones": {"below": below}},
        }
    )
    wait_until(lambda: all(h.state == "ended" for h in cameras.health().values()))
    cameras.stop()
    assert (heard.plates("all"), heard.plates("none")) == (["AB123"], [])
    assert heard.events[0].direction == "middle:in"
    assert cameras.health()["all"].counts == {"middle:in": 1}


def test_the_configured_decoder_opens_streams_and_the_videos_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[str]] = {"stream": [], "folder": []}
    monkeypatch.setattr(stream_feed, "hardware", asked["stream"].append)
    monkeypatch.setattr(videos, "hardware", asked["folder"].append)
    film = write_video(tmp_path / "film.mp4", passage(0))
    (tmp_path / "box").mkdir()
    write_video(tmp_path / "box" / "film.mp4", passage(0))
    config = ServiceConfig.model_validate(
        {
            "cameras": {
                "gate": {"url": str(film)},
                "box": {"url": str(tmp_path / "box"), "existing": True},
            },
            "reader": {"decoder": "auto"},
        }
    )
    cameras = make_cameras(config, ENGINE, Listeners(lambda *_: None, lambda _: None, nobody))
    cameras.start()
    wait_until(lambda: all(asked.values()))
    cameras.stop()
    assert set(asked["stream"]) == {"auto"}
    assert "auto" in asked["folder"]


def test_a_decoder_that_is_not_here_is_said_before_networks_are_loaded() -> None:
    missing = next((name for name in HARDWARE if why_not(name)), None)
    if missing is None:
        pytest.skip("this machine has every kind of decoder")
    with pytest.raises(ConfigError, match=f"decoder {missing}: .* choose auto or cpu"):
        load_configured(ReaderConfig(decoder=missing, models=Path("nowhere")))


def test_what_is_no_camera_is_refused_at_once() -> None:
    config = ServiceConfig.model_validate({"cameras": {"gate": {"url": "file:///etc/passwd"}}})
    with pytest.raises(ConfigError, match="nothing is opened by"):
        make_cameras(config, ENGINE, Listeners(lambda *_: None, lambda _: None, nobody))


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """A passage in a second, and an empty street for longer than any plate is waited for."""
    needs_rtsp_server()
    frames = [*passage(1, 20), *list(passage(1, 20))[-1:] * 60]
    return make_clip(tmp_path / "clip", frames, 10, keyframe_every=10)


def test_events_of_a_stream_that_is_cut_are_told_soon_and_go_on_when_it_is_back(
    run: Callable[..., Cameras], heard: Heard, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "SILENCE_S", 2.0)
    with RtspServer({"gate": clip}) as server:
        cameras = run({"gate": {"url": server.url("gate"), "timeout_s": 2}})
        wait_until(lambda: heard.updates)
        server.kill()
        # Nothing more comes, and still the passage ends as an event.
        wait_until(lambda: heard.plates("gate") == ["CD456"])
        assert cameras.health()["gate"].state == "lost"
        server.start()
        wait_until(lambda: heard.plates("gate") == ["CD456"] * 2)
        assert cameras.health()["gate"].num_reconnects == 1
        assert len({event.id for event in heard.events}) == 2
        first, second = heard.events
        assert first.ended_at < second.started_at


def test_the_shipped_networks_read_the_demo_clip_as_it_plays() -> None:
    heard = Heard()
    config = ServiceConfig.model_validate({"cameras": {"street": {"url": str(DEMO)}}})
    listeners = Listeners(lambda *_: None, heard.keep, nobody)
    cameras = make_cameras(config, load_configured(ReaderConfig()), listeners)
    cameras.start()
    wait_until(lambda: cameras.health()["street"].state == "ended", 120)
    cameras.stop()
    plates = heard.plates("street")
    # However few frames a busy machine looks at, the clear ones are read.
    assert {"JRFY02", "E617KA147"} & set(plates)
    assert len(plates) == len(set(plates))
    for event in heard.events:
        assert event.frame is not None
        assert 1 <= len(event.strip) <= 12
        assert event.started_at <= event.best_at <= event.ended_at
