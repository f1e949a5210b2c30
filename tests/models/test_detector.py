"""From a frame to plates, with a network whose answer is known: it finds red squares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from platestream.core.errors import ConfigError, ModelContractError, ShapeError
from platestream.core.types import Detection
from platestream.models.detector import (
    OnnxDetector,
    coarsen,
    letterbox,
    pick_plates,
    shrink,
)
from platestream.models.preprocess import shrink_to

HEIGHT, WIDTH, CELL = 64, 96, 8
sides = st.integers(1, 700)


def cell_places() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Box and quad of each cell of a 64x96 picture; the quad's left side is a pixel lower."""
    top, left = np.mgrid[: HEIGHT // CELL, : WIDTH // CELL] * CELL
    right, bottom = left + CELL, top + CELL
    quads = (left, top + 1, right, top, right, bottom, left, bottom + 1)
    boxes = (left, top, right, bottom)
    return np.stack(boxes)[None].astype(np.float32), np.stack(quads)[None].astype(np.float32)


def make_finder(boxes: NDArray[np.float32] | None = None) -> bytes:
    """A network for pictures up to 64x96: a cell's score is its mean red, its box the cell."""
    cells, quads = cell_places()
    constants = [
        numpy_helper.from_array(cells if boxes is None else boxes, "boxes"),
        numpy_helper.from_array(quads, "quads"),
        numpy_helper.from_array(np.array([0]), "red"),
        numpy_helper.from_array(np.array(255, np.float32), "white"),
        numpy_helper.from_array(np.array([0, 0]), "zeros"),
        numpy_helper.from_array(np.array([-2, -1]), "axes"),
    ]
    cells = {"kernel_shape": [CELL, CELL], "strides": [CELL, CELL]}
    nodes = [
        helper.make_node("Cast", ["rgb"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Gather", ["planes", "red"], ["plane"], axis=1),
        helper.make_node("AveragePool", ["plane"], ["mean"], **cells),
        helper.make_node("Div", ["mean", "white"], ["scores"]),
        helper.make_node("Shape", ["scores"], ["size"], start=2),
        helper.make_node("Slice", ["boxes", "zeros", "size", "axes"], ["out"]),
        helper.make_node("Slice", ["quads", "zeros", "size", "axes"], ["corners"]),
    ]
    picture = helper.make_tensor_value_info("rgb", TensorProto.UINT8, [1, "H", "W", 3])
    outputs = [
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, None),
        helper.make_tensor_value_info("out", TensorProto.FLOAT, None),
        helper.make_tensor_value_info("corners", TensorProto.FLOAT, None),
    ]
    graph = helper.make_graph(nodes, "finder", [picture], outputs, constants)
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def blank(height: int, width: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_finds_squares_best_first() -> None:
    frame = blank(HEIGHT, WIDTH)
    frame[8:16, 24:32, 0] = 204
    frame[40:48, 80:88, 0] = 255
    frame[0:8, 0:8, 1:] = 255  # not red
    found = OnnxDetector(make_finder(), size_px=WIDTH, min_score=0.5).detect(frame)
    assert [d.box_xyxy for d in found] == [(80, 40, 88, 48), (24, 8, 32, 16)]
    assert [d.score for d in found] == pytest.approx([1.0, 0.8])


def test_boxes_are_in_pixels_of_the_frame_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    # The finder takes no picture as large as the window of a closer look.
    monkeypatch.setattr("platestream.models.detector.windows", lambda *_: [])
    frame = blank(3 * HEIGHT, 3 * WIDTH)
    frame[24:48, 72:96, 0] = 255
    found = OnnxDetector(make_finder(), size_px=WIDTH).detect(frame)
    quad = ((72, 27), (96, 24), (96, 48), (72, 51))
    assert found == [Detection((72, 24, 96, 48), 1.0, quad)]


def test_boxes_end_at_the_frame_and_padding_holds_none() -> None:
    frame = blank(60, 90)
    frame[56:, 88:, 0] = 255
    # The last cell reaches over the frame's edge into the grey padding.
    found = OnnxDetector(make_finder(), size_px=WIDTH, min_score=0.5).detect(frame)
    assert [d.box_xyxy for d in found] == [(88, 56, 90, 60)]


def test_empty_frame_has_no_plate() -> None:
    assert OnnxDetector(make_finder(), size_px=WIDTH).detect(blank(HEIGHT, WIDTH)) == []


@pytest.mark.parametrize(
    "boxes",
    [
        np.full((1, 4, 8, 12), np.nan, np.float32),
        np.zeros((1, 5, 8, 12), np.float32),
        np.zeros((1, 4, 8, 11), np.float32),
        np.zeros((4, 8), np.float32),
    ],
)
def test_odd_outputs_break_the_contract(boxes: NDArray[np.float32]) -> None:
    detector = OnnxDetector(make_finder(boxes), size_px=WIDTH)
    with pytest.raises(ModelContractError, match="check the weights"):
        detector.detect(blank(HEIGHT, WIDTH))


def test_refuses_grey_frames() -> None:
    detector = OnnxDetector(make_finder(), size_px=WIDTH)
    with pytest.raises(ShapeError, match="frame"):
        detector.detect(np.zeros((HEIGHT, WIDTH), np.uint8))


@pytest.mark.parametrize("options", [{"size_px": 31}, {"min_score": 0.0}, {"min_score": 1.1}])
def test_refuses_senseless_options(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        OnnxDetector(make_finder(), **options)


@given(sides, sides, st.sampled_from([32, 320, 640]))
def test_letterbox_shrinks_to_fit_and_pads_to_32(height: int, width: int, size_px: int) -> None:
    picture, scale = letterbox(np.full((height, width, 3), 7, np.uint8), size_px)
    assert all(side % 32 == 0 for side in picture.shape[:2])
    assert max(picture.shape[:2]) < size_px + 32
    assert scale == min(1.0, size_px / max(height, width))
    is_frame = (picture == 7).all(axis=2)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    assert is_frame[: inner[0], : inner[1]].all()
    assert is_frame.sum() == inner[0] * inner[1]


def test_picks_one_peak_a_plate() -> None:
    scores = np.zeros((2, 3), np.float32)
    boxes = np.zeros((4, 2, 3), np.float32)
    for (row, column), score, box in [
        ((0, 0), 0.6, (0, 0, 10, 10)),
        ((0, 2), 0.9, (1, 0, 11, 10)),  # overlaps the first by 90 of 110
        ((1, 1), 0.7, (20, 0, 30, 10)),
        ((1, 2), 0.2, (50, 0, 60, 10)),  # under the least score
    ]:
        scores[row, column] = score
        boxes[:, row, column] = box
    found = pick_plates(scores, boxes, 0.3)
    assert found[:, 1:].tolist() == [[1, 0, 11, 10], [20, 0, 30, 10]]
    assert found[:, 0].tolist() == pytest.approx([0.9, 0.7])


def test_picks_nothing_from_nothing() -> None:
    found = pick_plates(np.zeros((2, 3), np.float32), np.zeros((12, 2, 3), np.float32), 1)
    assert found.shape == (0, 13)


@pytest.mark.parametrize(
    ("scale", "is_mean"), [(0.7, False), (0.95, False), (0.5, True), (0.3, True)]
)
def test_what_is_shrunk_by_much_is_averaged(scale: float, is_mean: bool) -> None:
    # Of lines one pixel wide interpolation keeps some, which no average does.
    lines = np.zeros((200, 200, 3), np.uint8)
    lines[:, ::2] = 255
    small = shrink_to(lines, scale).astype(int)[4:-4, 4:-4]
    assert (np.abs(small - 127).max() < 90) == is_mean


@given(st.integers(20, 900), st.integers(20, 900), st.integers(20, 300))
def test_a_coarse_picture_lies_as_one_shrunk_at_once(height: int, width: int, size_px: int) -> None:
    rgb = blank(height, width)
    rgb[: height // 2, : width // 2] = 255
    if size_px >= max(height, width):
        return
    (small, scale), (expected, at_once) = coarsen(rgb, size_px), shrink(rgb, size_px)
    assert small.shape[1 if width >= height else 0] == size_px
    # An odd row or column is left out at each halving: no more than a pixel of the coarse one.
    assert np.abs(np.subtract(small.shape, expected.shape)).max() <= 1 + size_px // min(
        height, width
    )
    assert scale == pytest.approx(at_once, rel=0.06)
    edge = np.array(small.shape[:2]) // 2 - 3
    assert small[max(0, edge[0]), max(0, edge[1])].mean() > 200 or min(small.shape[:2]) < 16
