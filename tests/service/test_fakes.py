"""What stands for a real thing in tests gives all that the real one gives."""

import dataclasses
import inspect
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from platestream.cluster.actors import Actor, Actors, RayActors, _RayActor
from platestream.cluster.executor import Executor
from platestream.cluster.processes import Processes
from platestream.core.detector import Detector, WindowDetector
from platestream.live.source import LiveSource
from platestream.live.workers import Cameras
from platestream.models import stacking
from platestream.models.detector import OnnxDetector
from platestream.service.delivery import Outbox
from platestream.service.remote_cameras import RemoteCameras
from platestream.service.spread import AllCameras, CamerasHere, RunsCameras
from platestream.service.web.context import HasCameras
from platestream.service.web.sessions import KeepsSessions
from platestream.sinks.sink import Sink
from platestream.sinks.webhook import WebhookSink
from platestream.store.page_settings import Settings
from platestream.store.records import Message
from platestream.store.store import EventStore, open_store
from platestream.stream.stacking import Stack
from platestream.video.photo import FoundPlate
from tests.cluster.road import FindBright
from tests.cluster.test_archive_run import Here
from tests.detections import slanted
from tests.live.simulated import SimulatedCamera
from tests.live.test_workers import Bright
from tests.live.test_zones import Spots
from tests.service.outbox import MemoryOutbox
from tests.service.scenes import Car, Scene
from tests.service.site import MadeUpCameras, read_nothing_new
from tests.service.test_camera_editor import Told
from tests.service.test_delivery import ListSink
from tests.service.test_remote_cameras import ToldActor, ToldActors
from tests.service.test_running import ToldCameras
from tests.service.web.test_sessions import Failing
from tests.stream.test_stacking import FakeStack
from tests.video.test_finder import Windowed
from tests.video.test_pipeline import BrightSpot, Scripted

TESTS = Path(__file__).parents[1]

# What they say of corners is what these look at.
ABOUT_CORNERS = {
    "core/test_types.py",
    "detections.py",
    "models/test_closer.py",
    "models/test_corners.py",
    "models/test_detector.py",
    "models/test_edge.py",
    "models/test_looks.py",
    "models/test_open_image_models.py",
    "models/test_preprocess.py",
    "test_python_page.py",
}
# Detectors whose corners nobody asks for: recall is of boxes.
BOXES_ALONE = {
    "lab/test_failures.py",
    "lab/test_widths.py",
    "models/test_opinion.py",
    "video/test_looks.py",
}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("fake", "real", "protocol"),
    [
        (MemoryOutbox, EventStore, Outbox),
        (MadeUpCameras, Cameras, HasCameras),
        (MadeUpCameras, CamerasHere, RunsCameras),
        (ToldCameras, CamerasHere, RunsCameras),
        (Told, CamerasHere, RunsCameras),
        (ToldCameras, AllCameras, RunsCameras),
        (ToldCameras, RemoteCameras, RunsCameras),
        (ToldActor, _RayActor, Actor),
        (ToldActors, RayActors, Actors),
        (Here, Processes, Executor),
        (ListSink, WebhookSink, Sink),
        (Failing, Settings, KeepsSessions),
        (FakeStack, stacking.Stack, Stack),
        (Windowed, OnnxDetector, WindowDetector),
        (Bright, OnnxDetector, Detector),
        (Scene, OnnxDetector, Detector),
        (Spots, OnnxDetector, Detector),
        (BrightSpot, OnnxDetector, Detector),
        (FindBright, OnnxDetector, Detector),
    ],
)
def test_a_fake_has_what_is_asked_of_the_real_one(fake: type, real: type, protocol: type) -> None:
    for kind in (fake, real):
        assert public(protocol) <= public(kind)
        for name in inspect.get_annotations(protocol):
            assert name in inspect.getsource(kind), f"{kind.__name__}.{name}"
        for name in public(protocol):
            wanted = inspect.signature(getattr(protocol, name)).parameters
            given = inspect.signature(getattr(kind, name)).parameters
            assert list(wanted) == list(given)[: len(wanted)], f"{kind.__name__}.{name}"


def test_a_simulated_camera_has_all_of_a_live_one() -> None:
    """No protocol says what a worker asks of its source: it is the real one."""
    real = public(LiveSource)
    assert real >= {"frames", "health", "stop", "is_over"}
    camera = SimulatedCamera("gate", lambda _s: np.zeros((4, 4, 3), np.uint8), fps=1, hours=0)
    assert real <= {*public(type(camera)), *vars(camera)}
    for name in real:
        method = getattr(LiveSource, name)
        if inspect.isfunction(method):
            wanted = inspect.signature(method).parameters
            given = inspect.signature(getattr(SimulatedCamera, name)).parameters
            assert list(wanted) == list(given), name


def test_scenes_are_whole_sources() -> None:
    for source in (Scene([], 1), Scripted(1)):
        assert {"name", "fps", "num_frames", "num_corrupt"} <= set(dir(source))


def test_no_detector_of_a_test_hides_corners() -> None:
    bare = re.compile(r"[^\w.]Detection\((?!.*quad)")
    files = {p.relative_to(TESTS).as_posix(): p.read_text() for p in TESTS.rglob("*.py")}
    del files["service/test_fakes.py"]
    found = {name for name, code in files.items() if bare.search(code)}
    assert found - ABOUT_CORNERS == BOXES_ALONE
    assert slanted((0.0, 0.0, 40.0, 10.0)).quad
    scene = Scene([Car("AB12", range(2))], 2)
    frame = next(scene.frames())
    assert all(plate.quad for plate in scene.detect(frame.rgb))
    assert not isinstance(scene, WindowDetector), "it sees whole frames"


def test_made_up_plates_and_cameras_fill_every_field() -> None:
    (plate,) = read_nothing_new(np.zeros((20, 60, 3), np.uint8))
    assert isinstance(plate, FoundPlate)
    assert all(getattr(plate, each.name) is not None for each in dataclasses.fields(plate))
    states = {health.state for health in MadeUpCameras().health().values()}
    assert states == {"live", "lost"}


def test_the_outbox_in_memory_gives_what_the_store_gives(tmp_path: Path) -> None:
    store, memory = open_store(str(tmp_path / "events.db"), tmp_path / "pictures"), MemoryOutbox()
    dice, now = random.Random(8), datetime.now(UTC)
    numbers: dict[str, tuple[int, int]] = {}
    for step in range(300):
        now += timedelta(seconds=1)
        match dice.randrange(4):
            case 0 | 1:
                sink, camera, event = dice.choice("ab"), dice.choice("cd"), f"event-{step}"
                memory.put(sink, camera, event)
                store.enqueue([Message(sink, camera, event, "event", "{}")])
            case 2 if numbers:
                for box, number in zip((store, memory), numbers.popitem()[1], strict=True):
                    box.told(number)
            case 3 if numbers:
                later = now + timedelta(seconds=dice.randrange(5))
                for box, number in zip((store, memory), numbers.popitem()[1], strict=True):
                    box.retry(number, later)
        limit = dice.choice((1, 100))
        kept, remembered = store.due(now, limit=limit), memory.due(now, limit=limit)
        shown = [
            [(m.sink, m.camera, m.event_id, m.num_tries) for m in d] for d in (kept, remembered)
        ]
        assert shown[0] == shown[1]
        assert store.num_waiting() == memory.num_waiting()
        numbers = {
            one.event_id: (one.number, other.number)
            for one, other in zip(kept, remembered, strict=True)
        }
    store.close()
