"""A training that starts from the file that ships starts where that file stands."""

from pathlib import Path

import numpy as np
import pytest
import torch

from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.models.cards import WEIGHTS_DIR, load_card
from platestream.models.session import open_session

PICTURES = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), np.uint8))


def test_the_network_gives_what_the_file_gives() -> None:
    network = PlateDetector()
    adopt_detector(network, WEIGHTS_DIR / "detector.onnx", PICTURES)
    session = open_session(load_card("detector").read_weights())
    picture = PICTURES[:1]
    with torch.no_grad():
        _, boxes, quads = network(picture)
    _, file_boxes, file_quads = session.run(None, {"rgb": picture.numpy()})
    # Integers against floats, on noise: in the mean, in pixels of a picture of 96.
    assert np.abs(boxes.numpy() - file_boxes).mean() < 1.5
    assert np.abs(quads.numpy() - file_quads).mean() < 1.5
    # Once more in training mode: the batch norms' own figures are those of the pictures.
    network.train()
    with torch.no_grad():
        _, again, _ = network(PICTURES)
    assert np.abs(again[:1].numpy() - boxes.numpy()).mean() < 0.5


def test_what_is_no_detector_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match="no such file"):
        adopt_detector(PlateDetector(), tmp_path / "none.onnx", PICTURES)
    with pytest.raises(ModelContractError, match="not a detector"):
        adopt_detector(PlateDetector((8, 8, 8, 8, 8)), WEIGHTS_DIR / "detector.onnx", PICTURES)
    with pytest.raises(ModelContractError, match="not a detector"):
        adopt_detector(PlateDetector(), WEIGHTS_DIR / "corners.onnx", PICTURES)
