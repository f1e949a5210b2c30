"""How the corner network is trained and judged: crops whose plate's corners are known."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from platestream.core.types import Rgb
from platestream.lab.evaluate_frames import corner_error
from platestream.lab.networks.corners import CornerNetwork
from platestream.lab.render.bank import build_bank
from platestream.lab.render.refilm import spoil
from platestream.lab.train.detector.paste import replace_plates
from platestream.lab.train.detector.scenes import TRAIN_SETS, Quads, Scene, hulls, load_scenes
from platestream.lab.train.detector.views import View, cut_view
from platestream.lab.train.loop import Batch, LoopConfig, fast_floats, run_training
from platestream.lab.train.single import SingleNetwork
from platestream.models.preprocess import CROP_MARGIN, grown, make_patches

JUDGE_SET: Final = "tracks/tudelft"
"""Its dev split has hand-marked corners."""

_VIEW_PX: Final = 320
_MIN_WIDTH_PX: Final = 32.0
_SURROUNDINGS: Final = 0.8
_REAL_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class CornerConfig:
    """What settles a training run.

    Attributes:
        num_steps: Batches in all.
        batch_size: Crops a batch.
        num_stills: Pictures of pasted plates to cut crops from.
        num_plates: Drawn plates to paste.
        seed: Of weights and batches.
        peak_lr: Highest learning rate.
    """

    num_steps: int
    batch_size: int = 128
    num_stills: int = 6000
    num_plates: int = 3000
    seed: int = 0
    peak_lr: float = 2e-3


@dataclass(frozen=True, slots=True)
class Still:
    """A plate and what is around it.

    Attributes:
        rgb: ``(H, W, 3)`` uint8.
        quad: ``(4, 2)`` float32 pixels, the plate's corners.
    """

    rgb: Rgb
    quad: Quads


def train_corners(
    data_root: Path,
    run_dir: Path,
    config: CornerConfig,
    loop: LoopConfig,
    china_glyphs: Path | None = None,
) -> dict[str, float]:
    """Train a corner network, or go on where `run_dir` left off.

    Args:
        data_root: Holds the sets of the detector, `TRAIN_SETS`.
        run_dir: Gets `config.json`, `metrics.jsonl` and `checkpoint.pt`.
        config: What settles the run.
        loop: How often to look and save.
        china_glyphs: Folder of Chinese plate glyphs, see `build_bank`.

    Returns:
        The last validation: mean distance of the corners from hand-marked ones, as a share of the
        plate's diagonal.

    Raises:
        DataError: labels or pictures are missing or wrong.
        ConfigError: `run_dir` holds another run.
    """
    cv2.setNumThreads(1)  # a forked worker hangs on the threads that OpenCV left in its parent
    scenes = [scene for name in TRAIN_SETS for scene in load_scenes(data_root, name, "train")]
    plates = build_bank(config.num_plates, config.seed, china_glyphs).images
    stills = paste_stills(scenes, plates, config.num_stills, np.random.default_rng(config.seed))
    batches = CornerBatches(stills, labelled_stills(scenes), config.batch_size, config.seed)
    torch.manual_seed(config.seed)
    task = CornerTask(config, labelled_stills(load_scenes(data_root, JUDGE_SET, "dev", 1280)))
    settings = asdict(config) | {
        "china_glyphs": china_glyphs is not None,
        "trained_on": sorted({*TRAIN_SETS, "rendered"}),
    }
    return run_training(task, batches, run_dir, loop, settings)


def paste_stills(
    scenes: Sequence[Scene], plates: Sequence[Rgb], num: int, rng: Generator
) -> list[Still]:
    """Drawn plates, pasted over those of real pictures: their corners are known to the pixel."""
    stills: list[Still] = []
    while len(stills) < num:
        view = cut_view(scenes[int(rng.integers(len(scenes)))], _VIEW_PX, rng)
        view = replace_plates(view, plates, rng)
        stills += [_still(view.rgb, quad) for quad in view.quads if _is_large(view, quad)]
    return stills[:num]


def labelled_stills(scenes: Sequence[Scene]) -> list[Still]:
    """The plates whose corners people have marked."""
    return [
        _still(scene.rgb, quad)
        for scene in scenes
        for quad, known in zip(scene.quads, scene.has_corners, strict=True)
        if known
    ]


def _is_large(view: View, quad: Quads) -> bool:
    inside = (quad >= 0).all() and (quad < view.rgb.shape[0]).all()
    return bool(inside and np.ptp(quad[:, 0]) >= _MIN_WIDTH_PX)


def _still(rgb: Rgb, quad: Quads) -> Still:
    (box,) = hulls(quad[None])
    grow = (box[2:] - box[:2]) * _SURROUNDINGS
    left, top = np.maximum(0, np.floor(box[:2] - grow)).astype(int)
    right, bottom = np.ceil(box[2:] + grow).astype(int)
    return Still(rgb[top:bottom, left:right].copy(), quad - np.array((left, top), np.float32))


class CornerBatches:
    """Step to batch: crops cut tight or loose, straight or turned, good or bad.

    Args:
        pasted: Most of what is shown.
        labelled: Real plates; may be empty.
        batch_size: N.
        seed: With the step it settles all.
    """

    def __init__(
        self, pasted: Sequence[Still], labelled: Sequence[Still], batch_size: int, seed: int
    ) -> None:
        self._pasted, self._labelled = pasted, labelled
        self._batch_size, self._seed = batch_size, seed

    def __call__(self, step: int) -> Batch:
        """Batch `step`: ``patches`` ``(N, 32, 128, 3)`` uint8, ``corners`` ``(N, 8)`` float32."""
        rng = np.random.default_rng([self._seed, step])
        crops, corners = [], []
        for _ in range(self._batch_size):
            is_real = self._labelled and rng.random() < _REAL_SHARE
            stills = self._labelled if is_real else self._pasted
            crop, quad = cut_loosely(stills[int(rng.integers(len(stills)))], rng)
            crops.append(crop)
            corners.append(quad)
        return {"patches": make_patches(crops), "corners": np.stack(corners)}


def cut_loosely(still: Still, rng: Generator) -> tuple[Rgb, NDArray[np.float32]]:
    """Cut a plate out as some box or other would, and spoil the picture.

    Returns:
        The crop, and the corners ``(8,)`` as shares of its width and height.
    """
    angle = np.deg2rad(rng.normal(0, 5 if rng.random() < 0.7 else 10))
    rgb, quad = still.rgb, still.quad
    zoom = min(1.3, float(rng.uniform(40, 180) / np.ptp(quad[:, 0])))
    if zoom < 0.8:  # area averaging first: the warp below would alias
        size = (round(rgb.shape[1] * zoom), round(rgb.shape[0] * zoom))
        quad = quad * (np.array(size) / rgb.shape[1::-1]).astype(np.float32)
        rgb, zoom = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * zoom
    quad = np.asarray(quad @ turn.T, np.float32)
    extent = np.ptp(quad, axis=0)
    # Left, top, right, bottom: mostly a detector's box, sometimes far too loose.
    slack = np.maximum(-0.04, rng.normal(0.05, 0.06, (2, 2)))
    if rng.random() < 0.3:
        slack += rng.uniform(0, 0.45, (2, 2)) * rng.uniform(0, 1)
    low = quad.min(axis=0) - slack[0] * extent
    sides = np.maximum(8, np.ceil(extent * (1 + slack.sum(axis=0)))).astype(int)
    # Corners count from the corner of a pixel, OpenCV from its middle.
    half = np.full(2, 0.5)
    move = np.column_stack([turn, turn @ half - half - low])
    crop = cv2.warpAffine(
        rgb, move, (int(sides[0]), int(sides[1])), borderMode=cv2.BORDER_REPLICATE
    )
    corners = ((quad - low) / sides).astype(np.float32)
    return spoil(np.asarray(crop, np.uint8), rng), corners.reshape(8)


class CornerTask(SingleNetwork[CornerNetwork]):
    """A `Task` for the training loop.

    Args:
        config: Of the run.
        dev: Real plates with marked corners to judge on.
    """

    def __init__(self, config: CornerConfig, dev: Sequence[Still]) -> None:
        super().__init__(CornerNetwork(), config.num_steps, config.peak_lr)
        self._dev = dev

    def train_step(self, step: int, batch: dict[str, Tensor]) -> dict[str, float]:
        """Learn from one batch of `CornerBatches`."""
        self.network.train()
        with fast_floats(batch["patches"].device):
            corners = self.network(batch["patches"])
        loss = functional.smooth_l1_loss(corners.float(), batch["corners"], beta=0.01)
        self.descend(step, loss)
        return {"corner_loss": loss.item()}

    @torch.no_grad()
    def validate(self, step: int) -> dict[str, float]:
        """Corner error on crops cut by the box around the plate, as at run time."""
        self.network.eval()
        device = next(self.network.parameters()).device
        errors = []
        for still in self._dev:
            (box,) = hulls(still.quad[None]).tolist()
            left, top, right, bottom = grown(still.rgb, tuple(box), CROP_MARGIN)
            crop = still.rgb[top:bottom, left:right]
            patch = torch.from_numpy(make_patches([crop])).to(device)
            shares = self.network(patch)[0].cpu().numpy()
            found = shares.reshape(4, 2) * crop.shape[1::-1] + (left, top)
            errors.append(corner_error(found.tolist(), still.quad.tolist()))
        return {"corner_error": round(float(np.mean(errors)), 4)} if errors else {}
