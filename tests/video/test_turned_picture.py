"""A picture that nobody turned upright is read all the same, by every way single pictures go."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

import platestream
from platestream.core.boxes import box_size
from platestream.core.types import Rgb
from platestream.video.engine import Engine, load_engine
from platestream.video.photo import find_plates
from platestream.video.pipeline import Pipeline
from platestream.video.profile import Profile
from platestream.video.sources import open_source

DEMO = Path(platestream.__file__).parent / "demo" / "street.mp4"
FRAME = 40
PLATE = "JRFY02"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine()


@pytest.fixture(scope="module")
def upright() -> Rgb:
    return next(islice(open_source(DEMO).frames(), FRAME, None)).rgb


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_picture_on_its_side_is_read(upright: Rgb, engine: Engine, quarters: int) -> None:
    lying = np.ascontiguousarray(np.rot90(upright, quarters))
    (best, *_) = find_plates(lying, engine)
    assert best.plate == PLATE
    assert best.confidence > 0.9
    width, height = box_size(best.box_xyxy)
    assert height > 2 * width, "the box is where the plate lies"


def test_a_file_that_lies_on_its_side_is_read(upright: Rgb, engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "lying.png"
    cv2.imwrite(str(file), np.rot90(upright)[:, :, ::-1])
    for watch in (Profile(), None):  # the command has one, Python has none
        source, by = open_source(file), engine
        if watch:
            source, by = watch.source(source), watch.engine(engine)
        steps = Pipeline(by).run(source)
        assert PLATE in {plate.reading.text for step in steps for plate in step.ended}
