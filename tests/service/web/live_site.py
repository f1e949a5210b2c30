"""The whole service behind the page, with networks that are plain functions, and its restarts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from platestream.core.types import Detection, Reading, Rgb
from platestream.service import running
from platestream.service.config import ServiceConfig
from platestream.stream.confidence import least_certain
from platestream.stream.fusion import best_quality
from platestream.stream.policy import first_frame
from platestream.stream.rules import Rule
from platestream.video.engine import Engine
from tests.detections import slanted
from tests.service.scenes import reading
from tests.service.site import Site, answering

PLATE = "JRFY02"


class Middle:
    """Finds a plate in the middle of every picture."""

    def detect(self, rgb: Rgb) -> list[Detection]:
        height, width = rgb.shape[:2]
        return [slanted((width * 0.3, height * 0.4, width * 0.7, height * 0.6))]


def read(_rgb: Rgb) -> Reading:
    return reading(PLATE)


ENGINE = Engine(
    Middle(), lambda _rgb: 0.9, read, least_certain, Rule(first_frame, best_quality), None
)


@contextmanager
def live_site(folder: Path, *, engine: Engine = ENGINE, **config: Any) -> Iterator[Site]:
    """Start the service over the store in a folder; again with the same folder is a restart."""
    config.setdefault("store", {"url": f"sqlite:///{folder}/events.db"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "load_configured", lambda _config: engine)
        with running.running(ServiceConfig.model_validate(config)) as app, answering(app) as url:
            yield Site(url, app, app.state.services.store)


def yellow(rgb: Rgb) -> int:
    """How many pixels are of the colours that plates are drawn in."""
    red, green, blue = (rgb[..., channel].astype(np.int16) for channel in range(3))
    return int((np.maximum(red, green) - blue > 90).sum())
