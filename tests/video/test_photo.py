"""A photo is read alike whichever way it goes."""

from itertools import islice

import cv2
import pytest

from platestream.video.engine import Engine, load_engine
from platestream.video.photo import read_image
from platestream.video.pipeline import Pipeline
from platestream.video.profile import Profile
from platestream.video.sources import open_source

from .test_turned_picture import DEMO


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine()


@pytest.mark.parametrize("frame", [0, 60, 120])
def test_a_run_says_of_a_photo_what_reading_it_says(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, frame: int
) -> None:
    file = tmp_path_factory.mktemp("photo") / "street.png"
    rgb = next(islice(open_source(DEMO).frames(), frame, None)).rgb
    cv2.imwrite(str(file), rgb[:, :, ::-1])
    told = {plate.plate: (plate.confidence, plate.quality) for plate in read_image(file, engine)}
    watch = Profile()  # as the command has one
    steps = Pipeline(watch.engine(engine)).run(watch.source(open_source(file)))
    ended = [plate for step in steps for plate in step.ended]
    assert told == {
        plate.reading.text: (round(plate.confidence, 4), round(plate.quality, 4))
        for plate in ended
        if plate.reading.text
    }
    assert told
