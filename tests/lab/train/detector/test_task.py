"""Losses and metrics by hand, and a whole round: train, go on, export, detect."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from platestream.core.errors import ConfigError, WeightsNotFound
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.shipping import ship
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.lab.train.detector.batches import DetectorBatches
from platestream.lab.train.detector.closeups import PlatePictures
from platestream.lab.train.detector.loss import box_loss, corner_loss, giou, heat_loss
from platestream.lab.train.detector.scenes import (
    DEV_SETS,
    TRAIN_SETS,
    Scene,
    box_quads,
    load_scenes,
)
from platestream.lab.train.detector.task import (
    DetectorConfig,
    DetectorTask,
    score_boxes,
    train_detector,
)
from platestream.lab.train.loop import LoopConfig
from platestream.lab.train.mean import mean_of_runs, validation_of
from platestream.lab.train.run_folder import last_validation, load_trained
from platestream.models.cards import WEIGHTS_DIR
from platestream.models.detector import OnnxDetector

TINY = DetectorConfig(num_steps=2, batch_size=4, size_px=64, num_plates=8)
LOOP = LoopConfig(TINY.num_steps, num_workers=0)


@pytest.fixture(scope="module")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every set, each with one picture of a white plate for each split."""
    root = tmp_path_factory.mktemp("detector") / "data"
    rgb = np.full((96, 128, 3), 60, np.uint8)
    rgb[40:56, 40:88] = 240
    for name in {*TRAIN_SETS, *DEV_SETS}:
        folder = root / name
        folder.mkdir(parents=True)
        rows = [f"{split}.png,{split},,40,40,48,16,,," for split in ("train", "dev")]
        for split in ("train", "dev"):
            cv2.imwrite(str(folder / f"{split}.png"), rgb)
        header = "file,split,text,x,y,w,h,quad,track,frame_index"
        (folder / "labels.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def run_dir(data_root: Path) -> Path:
    """A run that went to its end; not to be changed."""
    metrics = train_detector(data_root, data_root.parent / "run", TINY, LOOP)
    assert set(metrics) == {f"{s}/{kind}" for s in DEV_SETS for kind in ("recall", "precision")}
    return data_root.parent / "run"


def boxes(*rows: tuple[float, float, float, float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float32)


def test_giou_by_hand() -> None:
    a = boxes((0, 0, 4, 2), (0, 0, 2, 2), (0, 0, 2, 2))
    b = boxes((0, 0, 4, 2), (1, 0, 3, 2), (4, 0, 6, 2))
    # Half overlapping: 2 of 6, hull full. Apart: hull 12, of which 4 are neither.
    assert giou(a, b).tolist() == pytest.approx([1, 2 / 6, -4 / 12])


def test_heat_loss_by_hand() -> None:
    logits = torch.tensor([0.0, 0.0, 0.0, 0.0]).reshape(1, 1, 2, 2)
    heat = torch.tensor([1.0, 0.5, 0.0, 0.0]).reshape(1, 1, 2, 2)
    weight = torch.tensor([1.0, 1.0, 1.0, 0.0]).reshape(1, 1, 2, 2)
    # p = 1/2 everywhere: each term is 1/4 ln 2, the near miss softened by (1 - 0.5)^4.
    expected = 0.25 * np.log(2) * (1 + 0.5**4 + 1)
    assert heat_loss(logits, heat, weight).item() == pytest.approx(expected)


def test_heat_loss_without_plates_is_finite() -> None:
    nothing = torch.zeros(1, 1, 2, 2)
    assert heat_loss(nothing, nothing, torch.ones(1, 1, 2, 2)).item() == pytest.approx(np.log(2))


def test_box_loss_counts_weighted_cells_only() -> None:
    target = boxes((0, 0, 4, 2)).reshape(1, 4, 1, 1).repeat(1, 1, 1, 3)
    found = target.clone()
    found[0, :, 0, 1] = torch.tensor([2.0, 0, 6, 2])
    found[0, :, 0, 2] = 99
    weight = torch.tensor([1.0, 0.5, 0.0]).reshape(1, 1, 1, 3)
    # The second cell: GIoU 4/12, both sides off by half the width: mean 1/4; a third of the weight.
    expected = (1 - 4 / 12 + 0.25) / 3
    assert box_loss(found, target, weight).item() == pytest.approx(expected)


def test_box_loss_without_plates_is_zero_and_has_a_gradient() -> None:
    found = torch.ones(1, 4, 1, 1, requires_grad=True)
    loss = box_loss(found, torch.zeros(1, 4, 1, 1), torch.zeros(1, 1, 1, 1))
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert found.grad is not None


def test_corner_loss_by_hand() -> None:
    box = boxes((0, 0, 40, 10)).reshape(1, 4, 1, 1)
    target = torch.tensor([0.0, 0, 40, 0, 40, 10, 0, 10]).reshape(1, 8, 1, 1)
    found = target.clone()
    found[0, 0] += 4  # a tenth of the width
    found[0, 1] += 0.1  # a hundredth of the height
    # Smooth L1 with its knee at 0.02: 0.1 - 0.01, and 0.01^2 / 0.04, of eight numbers.
    expected = (0.09 + 0.0025) / 8
    weight = torch.ones(1, 1, 1, 1)
    assert corner_loss(found, target, box, weight).item() == pytest.approx(expected, rel=1e-4)
    assert corner_loss(found, target, box, 0 * weight).item() == 0


def test_score_boxes_by_hand() -> None:
    def array(*rows: tuple[float, ...]) -> np.ndarray:
        return np.array(rows, np.float32).reshape(-1, 4)

    labelled = [array((0, 0, 10, 10), (20, 0, 30, 10)), array((0, 0, 10, 10)), array()]
    found = [
        array((0, 0, 10, 10), (0, 0, 10, 9)),  # the second finds the same plate again
        array((8, 0, 18, 10)),  # IoU 2/18
        array((0, 0, 5, 5)),
    ]
    assert score_boxes(labelled, found) == (1 / 3, 1 / 4)
    assert score_boxes([array()], [array()]) == (0, 0)


def test_learns_to_find_a_plate() -> None:
    torch.manual_seed(0)
    rgb = np.full((64, 64, 3), 40, np.uint8)
    rgb[24:40, 12:52] = 220
    quads = box_quads(np.array([[12, 24, 52, 40]]))
    scene = Scene(rgb, quads, np.array([True]), np.zeros((0, 4), np.float32))
    batches = DetectorBatches(
        {"a": [scene]},
        {"a": 1.0},
        plates=PlatePictures([]),
        lettering=[],
        batch_size=4,
        size_px=64,
        seed=0,
    )
    task = DetectorTask(DetectorConfig(num_steps=60), lambda _: {})
    losses = []
    for step in range(60):
        batch = {name: torch.from_numpy(array) for name, array in batches(step).items()}
        losses.append(task.train_step(step, batch))
    for name in ("heat", "box", "corners"):
        first, last = (np.mean([each[name] for each in part]) for part in (losses[:8], losses[-8:]))
        assert last < 0.8 * first, name


def test_frozen_blocks_stay_as_they_are() -> None:
    torch.manual_seed(0)
    task = DetectorTask(DetectorConfig(num_steps=4, frozen_blocks=2), lambda _: {})
    before = {name: each.clone() for name, each in task.network.state_dict().items()}
    nothing = torch.zeros(2, 1, 8, 8)
    batch = {
        "rgb": torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8),
        "heat": nothing,
        "heat_weight": torch.ones(2, 1, 8, 8),
        "box": torch.zeros(2, 4, 8, 8),
        "box_weight": nothing,
        "quad": torch.zeros(2, 8, 8, 8),
        "quad_weight": nothing,
    }
    task.train_step(0, batch)
    after = task.network.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert "fine.2.0.weight" in moved
    assert not [name for name in moved if name.startswith(("fine.0", "fine.1"))]


def test_trains_goes_on_exports_and_detects(data_root: Path, run_dir: Path, tmp_path: Path) -> None:
    metrics = last_validation(run_dir)
    assert metrics
    assert train_detector(data_root, run_dir, TINY, LOOP) == metrics, "nothing is left to do"
    (card,) = ship(run_dir, tmp_path / "models")
    assert card.trained_on == tuple(sorted(TRAIN_SETS))
    # The exported file takes any size, and its answers are the network's own.
    detector = OnnxDetector(card.read_weights(), size_px=640, min_score=1e-6)
    network = load_trained(PlateDetector, run_dir)
    (scene,) = load_scenes(data_root, DEV_SETS[0], "dev")
    with torch.no_grad():
        scores, _, _ = network(torch.from_numpy(scene.rgb)[None])
    found = detector.detect(scene.rgb)
    assert found[0].score == pytest.approx(scores.max().item(), abs=0.03), "8-bit integers"
    assert all(0 <= d.box_xyxy[0] < d.box_xyxy[2] <= 128 for d in found)
    assert all(0 <= d.box_xyxy[1] < d.box_xyxy[3] <= 96 for d in found)


def test_a_run_may_go_on_from_the_detector_that_ships(data_root: Path, tmp_path: Path) -> None:
    config = replace(TINY, init_from=WEIGHTS_DIR / "detector.onnx", frozen_blocks=2)
    train_detector(data_root, tmp_path / "run", config, LOOP)
    network = load_trained(PlateDetector, tmp_path / "run")
    shipped = PlateDetector()
    adopt_detector(shipped, WEIGHTS_DIR / "detector.onnx", torch.zeros((1, 64, 64, 3)).byte())
    kernels = [n.state_dict()["fine.0.0.weight"] for n in (network, shipped)]
    assert torch.equal(*kernels), "a frozen block is the file's"


def test_the_mean_with_the_file_it_started_from_lies_between(
    data_root: Path, tmp_path: Path
) -> None:
    shipped, second = WEIGHTS_DIR / "detector.onnx", tmp_path / "second"
    train_detector(data_root, second, replace(TINY, init_from=shipped, frozen_blocks=2), LOOP)
    judge = validation_of(second, data_root)
    metrics = mean_of_runs(shipped, second, tmp_path / "mean", judge, share=0.25)
    assert metrics == judge(load_trained(PlateDetector, tmp_path / "mean"))
    file = PlateDetector()
    adopt_detector(file, shipped, torch.zeros((1, 64, 64, 3)).byte())
    one, mean, other = (
        network.state_dict()["heat.weight"]
        for network in (
            file,
            *(load_trained(PlateDetector, tmp_path / n) for n in ("mean", "second")),
        )
    )
    assert not torch.equal(one, other)
    torch.testing.assert_close(mean, 0.75 * one + 0.25 * other)
    # What does not learn is the same in both, and so in their mean.
    picture = torch.rand(1, 3, 96, 96)
    with torch.no_grad():
        before, after = (
            load_trained(PlateDetector, tmp_path / n).fine[:2](picture) for n in ("second", "mean")
        )
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-3)
    (card,) = ship(tmp_path / "mean", tmp_path / "models")
    assert card.run["mean_of"] == ["detector.onnx", "second"]


def test_another_run_in_the_same_folder_is_refused(data_root: Path, run_dir: Path) -> None:
    with pytest.raises(ConfigError, match="another run folder"):
        train_detector(data_root, run_dir, replace(TINY, num_steps=3), LOOP)


def test_a_folder_without_a_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"no checkpoint\.pt"):
        load_trained(PlateDetector, tmp_path)
    with pytest.raises(WeightsNotFound, match=r"no config\.json"):
        ship(tmp_path, tmp_path)
