"""Which boxes the picture's edge may have cut."""

import pytest

from platestream.models.edge import is_cut_off


@pytest.mark.parametrize(
    ("box_xyxy", "is_cut"),
    [
        ((100, 100, 200, 130), False),
        ((0, 100, 100, 130), True),
        ((5, 100, 100, 130), True),
        ((7, 100, 100, 130), False),
        ((540, 100, 635, 130), True),
        ((540, 100, 633, 130), False),
        # Of a large plate the ends are less exact.
        ((14, 100, 514, 230), True),
        ((16, 100, 516, 230), False),
        # Rows are exact: a plate that stands on the picture's edge is whole.
        ((100, 1, 200, 30), False),
        ((100, 0, 200, 30), True),
        ((100, 450, 200, 480), True),
    ],
)
def test_a_plate_at_the_edge_may_be_cut(
    box_xyxy: tuple[float, float, float, float], is_cut: bool
) -> None:
    assert is_cut_off(box_xyxy, 640, 480) is is_cut
    # The same picture twice as large.
    x1, y1, x2, y2 = box_xyxy
    assert is_cut_off((2 * x1, 2 * y1, 2 * x2, 2 * y2), 1280, 960) is is_cut
