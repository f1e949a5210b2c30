"""The adapter, over the real package and a network of its kind whose answer is known."""

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from platestream.core.errors import ConfigError, WeightsNotFound
from platestream.core.types import Detection
from platestream.models.open_image_models import OpenImageModelsDetector

NAME = "yolo-v9-t-384-license-plate-end2end"


def make_yolo() -> bytes:
    """An end-to-end YOLOv9: batch, box in the 384 px square, class, score; whatever it sees."""
    rows = [[0, 96, 120, 288, 168, 0, 0.5], [0, 0, 150, 96, 192, 0, 0.9], [0, 5, 5, 9, 9, 0, 0.1]]
    answer = numpy_helper.from_array(np.array(rows, np.float32), "answer")
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["max"], keepdims=0),
        helper.make_node("Mul", ["max", "zero"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["output"]),
    ]
    zero = numpy_helper.from_array(np.array(0, np.float32), "zero")
    picture = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 384, 384])
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [3, 7])
    graph = helper.make_graph(nodes, "yolo", [picture], [output], [answer, zero])
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    hub = pytest.importorskip("open_image_models.detection.core.hub")
    monkeypatch.setattr(hub, "MODEL_CACHE_DIR", tmp_path)
    return tmp_path


def test_boxes_come_in_pixels_of_the_frame_best_first(cache: Path) -> None:
    folder = cache / NAME
    folder.mkdir()
    (folder / "yolo-v9-t-384-license-plates-end2end.onnx").write_bytes(make_yolo())
    # 768 x 384 fits the square at half its size, with 96 px of padding above and below.
    found = OpenImageModelsDetector(NAME).detect(np.zeros((384, 768, 3), np.uint8))
    assert found == [
        Detection((0, 108, 192, 192), pytest.approx(0.9)),
        Detection((192, 48, 576, 144), 0.5),
    ]


def test_missing_weights_say_how_to_fetch_them(cache: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"fetch them once with: python -c"):
        OpenImageModelsDetector(NAME)
    assert not list(cache.iterdir()), "nothing was fetched"


@pytest.mark.parametrize("name", ["yolo-v1", "rf-detr-nano-384-coco"])
def test_only_detectors_of_plates(cache: Path, name: str) -> None:
    with pytest.raises(
        ConfigError, match=f"no plate detector of open-image-models {name!r}; .* one of yolo"
    ):
        OpenImageModelsDetector(name)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_image_models.detection.core.hub", None)
    with pytest.raises(ConfigError, match=r"pip install 'platestream\[open-image-models\]'"):
        OpenImageModelsDetector(NAME)
