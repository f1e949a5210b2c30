from pathlib import Path

import platestream
from platestream.core.types import Plate
from platestream.live.so_far import SoFar
from platestream.video.engine import load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source

DEMO_CLIP = Path(platestream.__file__).parent / "demo" / "street.mp4"


def counts(plate: Plate) -> tuple[int, int, int, int]:
    return plate.num_frames, plate.num_passed, plate.first_frame, plate.last_frame


def test_a_plate_so_far_counts_as_the_heart_does() -> None:
    so_far: dict[int, SoFar] = {}
    num_ended = num_passed = 0
    for step in Pipeline(load_engine()).run(open_source(DEMO_CLIP)):
        for decision in step.decisions:
            so_far.setdefault(decision.track_id, SoFar()).see(decision)
        for track in step.tracks:
            plate = so_far[track.plate.track_id].plate()
            assert plate
            assert counts(plate) == counts(track.plate)
            num_ended += 1
            num_passed += track.plate.num_passed
    assert num_ended >= 5
    assert num_passed > 0, "of the demo's plates some are told from memory"
