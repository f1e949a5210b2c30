"""Corners of finds by a network of their own."""

import numpy as np
import pytest

from platestream.core.types import Detection, Quad, Reading, Rgb
from platestream.models.corners import NearerCorners
from platestream.stream.plate_stream import NOTHING
from platestream.video.engine import Engine
from platestream.video.pipeline import PlateReader

FRAME = np.zeros((100, 200, 3), np.uint8)
COARSE: Quad = ((98.0, 38.0), (142.0, 40.0), (142.0, 62.0), (98.0, 60.0))
PLATE = Detection((100.0, 40.0, 140.0, 60.0), 0.9, COARSE)


def in_crop(crop: Rgb) -> Quad:
    """A plate two pixels from the left and one from the top of a crop of 44x22."""
    assert crop.shape == (22, 44, 3)
    return (2.0, 1.0), (41.0, 1.5), (41.0, 20.5), (2.0, 20.0)


def test_corners_are_in_pixels_of_the_frame() -> None:
    # The box, grown by a tenth, begins at 98 and 39.
    nearer: Quad = ((100.0, 40.0), (139.0, 40.5), (139.0, 59.5), (100.0, 59.0))
    assert NearerCorners(in_crop)(FRAME, PLATE) == Detection(PLATE.box_xyxy, 0.9, nearer)


SLIPS = (
    None,
    # Elsewhere, and where the first character is lost: 31 of 44 px.
    ((0.0, 0.0), (10.0, 0.0), (10.0, 22.0), (0.0, 22.0)),
    ((10.0, 1.0), (41.0, 1.5), (41.0, 20.5), (10.0, 20.0)),
)


@pytest.mark.parametrize("corners", SLIPS)
def test_the_detectors_corners_stay_where_the_others_are_a_slip(corners: Quad | None) -> None:
    assert NearerCorners(lambda _: corners)(FRAME, PLATE) == PLATE


def test_what_is_too_small_for_a_crop_is_left_alone() -> None:
    tiny = Detection((100.0, 40.0, 101.5, 41.5), 0.5, COARSE)
    assert NearerCorners(in_crop)(FRAME, tiny) == tiny


def test_a_single_picture_is_cut_by_nearer_corners_and_a_film_is_not() -> None:
    class Networks:
        """Sees every crop as sharp and unreadable."""

        def score(self, _: Rgb) -> float:
            return 0.5

        def read(self, _: Rgb) -> Reading:
            return NOTHING

    class Sees:
        def detect(self, _: Rgb) -> list[Detection]:
            return [PLATE]

    networks, nearer = Networks(), NearerCorners(in_crop)
    engine = Engine(Sees(), networks.score, networks.read, new_stack=None, nearer=nearer)
    of_picture = PlateReader(engine, is_picture=True).push(FRAME, 0.0).decisions
    of_film = PlateReader(engine).push(FRAME, 0.0).decisions
    assert [each.crop.quad for each in of_picture] == [nearer(FRAME, PLATE).quad]
    assert [each.crop.quad for each in of_film] == [COARSE]
