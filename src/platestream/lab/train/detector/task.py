"""How the plate detector is trained, judged and exported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from platestream.core.metrics import match_boxes
from platestream.core.types import Rgb
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.quantize import save_measuring
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.lab.train.detector.batches import DetectorBatches, draw_pasted
from platestream.lab.train.detector.closeups import TWO_ROW_SETS, PlatePictures, load_two_row
from platestream.lab.train.detector.loss import box_loss, corner_loss, heat_loss
from platestream.lab.train.detector.scenes import (
    DEV_SETS,
    TRAIN_SETS,
    Boxes,
    Scene,
    ignore_unlabelled,
    load_scenes,
)
from platestream.lab.train.loop import LoopConfig, fast_floats, run_training, training_device
from platestream.lab.train.single import SingleNetwork
from platestream.models.bundle import load_detector
from platestream.models.cards import DETECTOR_SIZE_PX, WEIGHTS_DIR, sha256
from platestream.models.detector import MIN_SCORE, letterbox, pick_plates

_JUDGE: Final = WEIGHTS_DIR / "detector.onnx"
"""Whose finds that nobody labelled are left alone: the detector that ships on the day."""

_NUM_MEASURING: Final = 40
_CORNER_WEIGHT: Final = 5.0


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """What settles a training run.

    Attributes:
        num_steps: Batches in all.
        batch_size: Pictures a batch, a multiple of 4.
        size_px: Side of the square training pictures, a multiple of 32; a quarter of the batches
            hold a quarter as many of twice the side.
        num_plates: Drawn plates to paste over real ones.
        judge_score: Score at which a detection of the package's own weights that nobody labelled
            is neither plate nor background.
        seed: Of weights and batches.
        peak_lr: Highest learning rate.
        init_from: A detector's ``.onnx`` to start from, see `adopt_detector`.
        frozen_blocks: First blocks of the network that do not learn, of the three that shrink the
            picture; two spare a fifth of a step's time.
    """

    num_steps: int
    batch_size: int = 16
    size_px: int = 320
    num_plates: int = 4000
    judge_score: float = 0.6
    seed: int = 0
    peak_lr: float = 3e-3
    init_from: Path | None = None
    frozen_blocks: int = 0


def train_detector(
    data_root: Path,
    run_dir: Path,
    config: DetectorConfig,
    loop: LoopConfig,
    china_glyphs: Path | None = None,
) -> dict[str, float]:
    """Train a plate detector, or go on where `run_dir` left off.

    Args:
        data_root: Holds the sets `TRAIN_SETS` and `DEV_SETS`.
        run_dir: Gets `config.json`, `metrics.jsonl`, `checkpoint.pt` and `measuring.npz`.
        config: What settles the run.
        loop: How often to look and save.
        china_glyphs: Folder of Chinese plate glyphs, see `build_bank`.

    Returns:
        The last validation: recall and precision of each dev set at IoU 0.5.

    Raises:
        DataError: labels or pictures are missing or wrong.
        ConfigError: `run_dir` holds another run.
    """
    cv2.setNumThreads(1)  # a forked worker hangs on the threads that OpenCV left in its parent
    validate = detector_validation(data_root)
    judge = load_detector(min_score=config.judge_score)
    train = {
        name: ignore_unlabelled(load_scenes(data_root, name, "train"), judge.detect)
        for name in TRAIN_SETS
    }
    save_measuring(run_dir, _measuring_pictures(train))
    plates, lettering = draw_pasted(config.num_plates, config.seed, china_glyphs)
    batches = DetectorBatches(
        train,
        TRAIN_SETS,
        plates=PlatePictures(plates, load_two_row(data_root)),
        lettering=lettering,
        batch_size=config.batch_size,
        size_px=config.size_px,
        seed=config.seed,
    )
    torch.manual_seed(config.seed)
    task = DetectorTask(config, validate)
    if config.init_from:
        typical = _typical(batches, config).to(training_device())
        adopt_detector(task.network, config.init_from, typical)
    sets = [*TRAIN_SETS, *(name for name in TWO_ROW_SETS if (data_root / name).is_dir())]
    init_from = str(config.init_from.name) if config.init_from else None
    settings = asdict(config) | {
        "init_from": init_from,
        "china_glyphs": china_glyphs is not None,
        "trained_on": sorted(sets),
        "sha256": {
            name: sha256(path.read_bytes())
            for name, path in (("judge", _JUDGE), ("start", config.init_from))
            if path
        },
    }
    return run_training(task, batches, run_dir, loop, settings)


class DetectorTask(SingleNetwork[PlateDetector]):
    """A `Task` for the training loop.

    Args:
        config: Of the run.
        judge: Gives a network's metrics, see `detector_validation`.
    """

    def __init__(
        self, config: DetectorConfig, judge: Callable[[PlateDetector], dict[str, float]]
    ) -> None:
        super().__init__(PlateDetector(), config.num_steps, config.peak_lr)
        self._judge = judge
        self._frozen = list(self.network.fine.children())[: config.frozen_blocks]
        for block in self._frozen:
            block.requires_grad_(requires_grad=False)

    def train_step(self, step: int, batch: dict[str, Tensor]) -> dict[str, float]:
        """Learn from one batch of `DetectorBatches`."""
        self.network.train()
        for block in self._frozen:
            block.eval()  # its averages stay as they are, too
        with fast_floats(batch["rgb"].device):
            logits, boxes, quads = self.network.raw(batch["rgb"])
        heat = heat_loss(logits.float(), batch["heat"], batch["heat_weight"])
        box = box_loss(boxes, batch["box"], batch["box_weight"])
        corners = corner_loss(quads, batch["quad"], batch["box"], batch["quad_weight"])
        self.descend(step, heat + 2 * box + _CORNER_WEIGHT * corners)
        return {"heat": heat.item(), "box": box.item(), "corners": corners.item()}

    def validate(self, step: int) -> dict[str, float]:
        """Recall and precision of each dev set."""
        self.network.eval()
        return self._judge(self.network)


def detector_validation(data_root: Path | None) -> Callable[[PlateDetector], dict[str, float]]:
    """What judges a detector in eval mode by the dev sets of a data folder: recall and precision.

    Raises:
        DataError: labels or pictures are missing or wrong.
    """
    sets = DEV_SETS if data_root else ()
    dev = {name: load_scenes(Path(data_root or ""), name, "dev", 1280) for name in sets}

    def judge(network: PlateDetector) -> dict[str, float]:
        metrics: dict[str, float] = {}
        for name, scenes in dev.items():
            found = [find_boxes(network, scene) for scene in scenes]
            recall, precision = score_boxes([scene.boxes for scene in scenes], found)
            metrics |= {f"{name}/recall": recall, f"{name}/precision": precision}
        return metrics

    return judge


def _measuring_pictures(train: Mapping[str, Sequence[Scene]]) -> list[Rgb]:
    """Some training pictures of every set, as the network sees them at run time."""
    a_set = -(-_NUM_MEASURING // len(train))
    chosen = [
        scenes[index]
        for scenes in train.values()
        for index in np.linspace(0, len(scenes) - 1, min(a_set, len(scenes))).astype(int)
    ]
    return [letterbox(scene.rgb, DETECTOR_SIZE_PX)[0] for scene in chosen]


def _typical(batches: DetectorBatches, config: DetectorConfig) -> Tensor:
    """Pictures of the usual size that training itself will not see."""
    rows = (batches(config.num_steps + step)["rgb"] for step in range(8))
    shape = (config.size_px, config.size_px, 3)
    return torch.from_numpy(np.concatenate([rgb for rgb in rows if rgb.shape[1:] == shape]))


@torch.no_grad()
def find_boxes(network: PlateDetector, scene: Scene) -> Boxes:
    """Detect as at run time: ``(K, 4)`` xyxy in the scene's pixels, best first."""
    picture, scale = letterbox(scene.rgb, DETECTOR_SIZE_PX)
    device = next(network.parameters()).device
    heat, boxes, _ = network(torch.from_numpy(picture)[None].to(device))
    plates = pick_plates(heat[0, 0].cpu().numpy(), boxes[0].cpu().numpy(), MIN_SCORE)
    return plates[:, 1:] / np.float32(scale)


def score_boxes(labelled: Sequence[Boxes], found: Sequence[Boxes]) -> tuple[float, float]:
    """Recall and precision by `match_boxes`, as in evaluation.

    Args:
        labelled: ``(K, 4)`` xyxy of each picture.
        found: ``(M, 4)`` of each picture.
    """
    num_hits = sum(
        len(match_boxes(boxes, labels)) for labels, boxes in zip(labelled, found, strict=True)
    )
    num_labels, num_found = sum(map(len, labelled)), sum(map(len, found))
    return num_hits / max(1, num_labels), num_hits / max(1, num_found)
