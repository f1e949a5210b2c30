"""Of plates that the picture's edge cuts off, hardly one reads as if it were whole."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from platestream.core.boxes import BoxXyxy, iou
from platestream.core.types import Frame, Plate, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.sample import Sample, whole_box
from platestream.video.engine import load_engine
from platestream.video.pictures import read_picture
from platestream.video.pipeline import Pipeline
from tests.cut_frames import cut_by_edge

DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = (
    *("frames/europe", "frames/brazil", "frames/china_easypr", "frames/california"),
    *("frames/world_416", "tracks/tudelft"),
)
NUM_CUT = 200
MIN_WIDTH_PX = 40
SURE = 0.5

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs the labelled images"),
]


class _Picture:
    """A picture at hand, as a source of one frame."""

    name, num_frames, num_corrupt, fps = "picture", 1, 0, 1.0

    def __init__(self, rgb: Rgb) -> None:
        self._rgb = rgb

    def frames(self) -> Iterator[Frame]:
        yield Frame(0, 0.0, self._rgb)


def _plates_at(pipeline: Pipeline, rgb: Rgb, box: BoxXyxy) -> list[Plate]:
    ended = [plate for step in pipeline.run(_Picture(rgb)) for plate in step.ended]
    return [p for p in ended if iou(p.best_crop.box_xyxy, box)[0, 0] > 0.1]


def _dev() -> list[Sample]:
    return [
        sample
        for name in SETS
        for sample in read_labels(DATA / name, "dev")
        if sample.text
        and sample.box_xyxy
        and sample.box_xyxy[2] - sample.box_xyxy[0] >= MIN_WIDTH_PX
    ]


def test_cut_plates_are_flagged_and_whole_ones_are_not() -> None:
    pipeline = Pipeline(load_engine())
    rng, samples = np.random.default_rng(20), _dev()
    sure_parts, flagged = [], []
    chosen = rng.permutation(len(samples))[:NUM_CUT]
    for index in chosen:
        sample, rgb = samples[index], read_picture(samples[index].file)
        box = whole_box(sample)
        flagged += [p for p in _plates_at(pipeline, rgb, box) if p.is_cut]
        rest, left = cut_by_edge(rgb, box, rng)
        if min(rest.shape[:2]) < MIN_WIDTH_PX:
            continue
        sure_parts += [
            p
            for p in _plates_at(pipeline, rest, left)
            if p.confidence >= SURE and p.reading.text != sample.text
        ]
    assert len(sure_parts) <= 0.02 * NUM_CUT, [p.reading.text for p in sure_parts]
    assert len(flagged) <= 0.01 * NUM_CUT, [p.reading.text for p in flagged]
