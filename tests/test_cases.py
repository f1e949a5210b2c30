"""Small inputs from bug reports, each of a kind of plate that was once not found, or found in part.

Read from the data folder, whose `index.csv` says what is right. What still fails stands in
`FAILING`, and with its reason in docs/shortfalls.md.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest

from platestream.core.types import Plate
from platestream.models.bundle import load_detector
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.video.engine import load_engine
from platestream.video.pictures import read_picture
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source

ROOT = Path(__file__).parents[1]
CASES = ROOT.parent / "shared" / "data" / "cases"

READ: Final = (
    *("close_po522wj.jpg", "close_pobtc81.jpg", "close_stitchz.jpg", "close_sleep.jpg"),
    *("close_593bgt.jpg", "cutbox_fsd23429.jpg", "cutbox_hdad89.jpg", "cutbox_bx0578ce.jpg"),
    *("whole_ua03271.jpg", "whole_2gn090.jpg", "in_up64w4388.jpg", "in_kl64h7345.jpg"),
    *("in_jh05aw2117.jpg", "in_dl8sbt6438.jpg", "in_up64w4388_whole.jpg", "in_br07ab1993.jpg"),
    *("in_rj11gb8850.jpg", "in_mp07l7524.jpg", "my_kw655.jpg", "my_pns3685.jpg"),
    *("cn_yellow2_jingE.jpg", "cn_moto_jingA.jpg", "ua_tractor_30217bi.jpg"),
    *("hr_moto_vt769cj.jpg", "ru_moto_0248ap50.jpg", "us_nevada_xx0017.jpg"),
    *("kr_bus_701380.mp4", "mirrored_l417vs.mp4", "edge_bimv59.mp4"),
)
"""Whose plate must be read as a whole."""

NOT_SURE: Final = (
    *("edge_ad233lt_r.jpg", "edge_ae182ay_r.jpg", "edge_ae486we_r.jpg", "edge_ae796gg_r.jpg"),
    "ad_bmwx7.jpg",
)
"""Cut off by the picture, or no plate: nothing may be read surely."""

FAILING: Final = frozenset(
    {
        *("in_up64w4388.jpg", "in_jh05aw2117.jpg"),
        *("in_up64w4388_whole.jpg", "in_br07ab1993.jpg"),
        *("in_rj11gb8850.jpg", "in_mp07l7524.jpg", "hr_moto_vt769cj.jpg"),
        *("us_nevada_xx0017.jpg", "kr_bus_701380.mp4"),
        *("edge_bimv59.mp4", "ad_bmwx7.jpg"),
    }
)
"""Those that are not right yet."""

CHARACTERS: Final = {
    "in_kl64h7345.jpg": ((216, 302), (409, 323), (222, 417)),
    "in_jh05aw2117.jpg": ((140, 192), (418, 252), (140, 288)),
    "in_rj11gb8850.jpg": ((251, 109), (519, 175)),
    "cn_yellow2_jingE.jpg": ((222, 229), (268, 248)),
    "cn_moto_jingA.jpg": ((186, 166), (242, 192)),
    "ua_tractor_30217bi.jpg": ((149, 113), (198, 156)),
    "ru_moto_0248ap50.jpg": ((139, 143), (212, 168), (139, 194)),
    "us_nevada_xx0017.jpg": ((234, 201), (361, 192)),
}
"""The middles of first and last characters of plates of two rows, by eye, in pixels."""

SURE: Final = 0.5

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not CASES.is_dir(), reason="needs the folder of cases"),
]


@cache
def _pipeline() -> Pipeline:
    return Pipeline(load_engine())


@cache
def _plates(file: str) -> list[Plate]:
    return [plate for step in _pipeline().run(open_source(CASES / file)) for plate in step.ended]


def _param(file: str) -> object:
    fails = pytest.mark.xfail(strict=True, raises=AssertionError, reason="see docs/shortfalls.md")
    return pytest.param(file, marks=fails if file in FAILING else ())


@cache
def _expected() -> dict[str, str]:
    with (CASES / "index.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["expected"].split(" ")[0] for row in csv.DictReader(file)}


@pytest.mark.parametrize("file", [_param(file) for file in READ])
def test_the_plate_is_found_and_read_as_a_whole(file: str) -> None:
    read = {p.reading.text for p in _plates(file) if p.confidence >= MIN_CONFIDENCE}
    assert _expected()[file] in read


@pytest.mark.parametrize("file", [_param(file) for file in NOT_SURE])
def test_what_is_no_whole_plate_is_not_read_surely(file: str) -> None:
    assert [p.reading.text for p in _plates(file) if p.confidence >= SURE] == []


@pytest.mark.parametrize("file", CHARACTERS)
def test_a_plate_of_two_rows_is_found_as_one(file: str) -> None:
    found = load_detector().detect(read_picture(CASES / file))
    quads = [np.array(plate.corners, np.float32) for plate in found]
    assert any(
        all(cv2.pointPolygonTest(quad, point, measureDist=False) > 0 for point in CHARACTERS[file])
        for quad in quads
    )


def test_the_part_of_a_plate_never_wins_over_the_whole() -> None:
    sure = [p.reading.text for p in _plates("edge_bimv59.mp4") if p.confidence >= SURE]
    assert "MV59" not in sure


def test_failures_are_told() -> None:
    told = (ROOT / "docs" / "shortfalls.md").read_text(encoding="utf-8")
    assert not [file for file in FAILING if f"`{file}`" not in told]
