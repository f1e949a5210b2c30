"""What the corner network learns from, that it learns, and what ships."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from platestream.core.errors import WeightsNotFound
from platestream.core.types import Rgb
from platestream.lab.networks.corners import CornerNetwork
from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.shipping import ship
from platestream.lab.train import corners as module
from platestream.lab.train.corners import (
    CornerBatches,
    CornerConfig,
    CornerTask,
    Still,
    cut_loosely,
    labelled_stills,
    paste_stills,
)
from platestream.lab.train.detector.scenes import Scene, box_quads
from platestream.lab.train.loop import LoopConfig, run_training
from platestream.lab.train.run_folder import load_trained
from platestream.models.bundle import load_corner_finder
from platestream.models.preprocess import make_patch

QUAD = np.array([(60, 50), (180, 60), (176, 96), (58, 84)], np.float32)


def marked() -> Rgb:
    """A grey picture with a red dot on each corner of `QUAD`."""
    rgb = np.full((140, 240, 3), 90, np.uint8)
    for x, y in QUAD:
        cv2.circle(rgb, (round(x - 0.5), round(y - 0.5)), 3, (255, 0, 0), -1)
    return rgb


def scene(quad: np.ndarray = QUAD, *, known: bool = True) -> Scene:
    nothing = np.empty((0, 4), np.float32)
    return Scene(marked(), quad[None].astype(np.float32), np.array([known]), nothing)


@pytest.mark.parametrize("seed", range(20))
def test_corners_stay_on_what_they_mark(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "spoil", lambda rgb, _: rgb)
    crop, corners = cut_loosely(Still(marked(), QUAD), np.random.default_rng(seed))
    height, width = crop.shape[:2]
    is_red = crop[..., 0].astype(int) - crop[..., 1] > 60
    rows, columns = np.nonzero(is_red)
    for x, y in corners.reshape(4, 2) * (width, height):
        if 0 < x < width and 0 < y < height:
            nearest = np.hypot(columns + 0.5 - x, rows + 0.5 - y).min()
            assert nearest < 1.5


def test_only_marked_corners_are_learned_from_as_they_are() -> None:
    unknown = scene(box_quads(np.array([[60.0, 50.0, 180.0, 96.0]]))[0], known=False)
    (still,) = labelled_stills([scene(), unknown])
    # Cut out with four fifths of its height, 46 px, above and below it: rows 13 to 133.
    assert still.rgb.shape[0] == 133 - 13
    np.testing.assert_allclose(still.quad - still.quad[0], QUAD - QUAD[0], atol=1e-4)


def test_drawn_plates_replace_real_ones() -> None:
    plate = np.zeros((40, 160, 3), np.uint8)
    plate[:, 80:] = 255
    stills = paste_stills([scene()], [plate], 5, np.random.default_rng(0))
    assert len(stills) == 5
    for still in stills:
        middle_left = still.quad[[0, 3]].mean(0) * 0.75 + still.quad[[1, 2]].mean(0) * 0.25
        middle_right = still.quad[[0, 3]].mean(0) * 0.25 + still.quad[[1, 2]].mean(0) * 0.75
        dark, bright = (still.rgb[int(y), int(x)].mean() for x, y in (middle_left, middle_right))
        assert bright > dark + 10


def test_a_batch_is_a_function_of_its_step() -> None:
    one, other = (CornerBatches([Still(marked(), QUAD)], [], 4, seed=3) for _ in range(2))
    other(0)
    batch = one(7)
    assert batch["patches"].shape == (4, 32, 128, 3)
    assert batch["corners"].shape == (4, 8)
    for name, array in batch.items():
        np.testing.assert_array_equal(array, other(7)[name])


def test_counts() -> None:
    network = CornerNetwork()
    convs = [27 * 12, 108 * 24, 216 * 32, 288 * 48, 432 * 64, 576 * 64]
    ends = [2048 * 96, 96 * 8]
    biases = 96 + 8
    norms = 2 * (12 + 24 + 32 + 48 + 64 + 64)
    assert count_parameters(network) == sum(convs) + sum(ends) + biases + norms
    positions = [1024, 256, 256, 128, 32, 32]
    macs = sum(w * at for w, at in zip(convs, positions, strict=True)) + sum(ends)
    assert count_macs(network.eval(), torch.zeros(1, 32, 128, 3, dtype=torch.uint8)) == macs


def test_it_learns_and_ships_what_it_learned(tmp_path: Path) -> None:
    config = CornerConfig(num_steps=30, batch_size=16, peak_lr=3e-3)
    batches = CornerBatches([Still(marked(), QUAD)], [], 16, seed=0)
    torch.manual_seed(0)
    task = CornerTask(config, [Still(marked(), QUAD)])
    before = task.validate(0)["corner_error"]
    settings = {"num_stills": 1, "trained_on": ["rendered"]}
    metrics = run_training(task, batches, tmp_path / "run", LoopConfig(30, num_workers=0), settings)
    assert metrics["corner_error"] < before
    (card,) = ship(tmp_path / "run", tmp_path / "models")
    assert (card.name, card.kind) == ("corners", "corners")
    rgb = marked()[40:110, 45:195]
    found = load_corner_finder(tmp_path / "models")(rgb)
    with torch.no_grad():
        patch = torch.from_numpy(make_patch(rgb))[None]
        wanted = load_trained(CornerNetwork, tmp_path / "run")(patch).numpy().reshape(4, 2) * (
            150,
            70,
        )
    assert found is not None
    np.testing.assert_allclose(np.array(found), wanted, atol=0.5)


def test_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"no checkpoint\.pt"):
        load_trained(CornerNetwork, tmp_path)
