"""A video cut into parts gives the events of the whole one."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from platestream.cluster.archive import Found
from platestream.cluster.planning import plan
from platestream.cluster.reading import WARM_UP_S, read_unit
from platestream.cluster.seams import join
from platestream.cluster.units import Unit
from platestream.video.pipeline import Pipeline
from platestream.video.segments import cut, key_frames

from .road import film_road, make_pipeline, photos


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_road(tmp_path_factory.mktemp("road") / "road.mp4", 14)


def events_of_parts(path: Path, num_parts: int, pipeline: Pipeline) -> list[dict[str, Any]]:
    keys = key_frames(path)
    assert keys
    segments = cut(keys, num_parts, WARM_UP_S) if num_parts > 1 else [None]
    units = [
        Unit(str(path), "", part, len(segments), segment) for part, segment in enumerate(segments)
    ]
    assert len(units) == num_parts
    parts = [(unit, read_unit(unit, pipeline, photos)) for unit in units]
    return [asdict(joined.event) for joined in join(parts)]


events = partial(events_of_parts, pipeline=make_pipeline())


@pytest.fixture(scope="module")
def whole(road: Path) -> list[dict[str, Any]]:
    found = events(road, 1)
    assert len(found) > 8
    assert any(event["continued"] for event in found)
    return found


@pytest.mark.parametrize("num_parts", [2, 7, 20])
def test_parts_give_the_events_of_the_whole(
    road: Path, whole: list[dict[str, Any]], num_parts: int
) -> None:
    assert events(road, num_parts) == whole


def test_parts_are_no_shorter_than_a_second(road: Path) -> None:
    found = Found(str(road), "", road.stat().st_size)
    assert plan(found, 1e-300) == plan(found, 1.0)
    assert len(plan(found, 1.0)) > 10
