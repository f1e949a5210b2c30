"""A camera's actor with networks that are plain functions, for workers of a Ray cluster."""

from platestream.service.camera_actor import CameraActor
from platestream.service.wiring import CameraPlan
from platestream.video.engine import Engine
from tests.live.test_workers import ENGINE


class RoadActor(CameraActor):
    """Reads the clips of `tests.live.test_workers`."""

    def engine(self, plan: CameraPlan) -> Engine:
        return ENGINE
