"""One training run of P, S, E or our own, from a data folder to a run folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from platestream.core.errors import ConfigError
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Reading, Rgb
from platestream.lab.networks.eqlpr import ReaderNetwork
from platestream.lab.quantize import save_measuring
from platestream.lab.render.bank import TemplateBank, build_bank
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.adopt import adopt_quality, adopt_reader
from platestream.lab.train.corrections import corrected, read_corrections
from platestream.lab.train.crops import (
    LabelledCrop,
    is_held_out,
    load_crops,
    shrunk,
    with_upright,
)
from platestream.lab.train.eqlpr import EqLprConfig, EqLprTask, Validate, load_network
from platestream.lab.train.hardness import hardness
from platestream.lab.train.label_noise import without_doubtful
from platestream.lab.train.loop import LoopConfig, run_training, training_device
from platestream.lab.train.plates import LIFTED, PlateBatches
from platestream.lab.train.prepared import PreparedCrops, prepared
from platestream.lab.train.real_plates import KOREAN, SPLICED, can_be_joined, retexter, splicer
from platestream.lab.train.run_folder import claim
from platestream.lab.train.stacks import make_stacks
from platestream.lab.train.validation import make_validation
from platestream.models.bundle import load_corner_finder
from platestream.models.cards import sha256
from platestream.models.preprocess import make_patches
from platestream.models.reader import OnnxReader

DEV_CROPS_PER_SET = 250

READING_BATCH = 64
"""Crops that are read at once before a run: more do not make it faster on a CPU."""


@dataclass(frozen=True, slots=True)
class PlateData:
    """What a run learns from.

    Attributes:
        root: Folder of label files, see `load_crops`; None for rendered plates alone.
        num_templates: Rendered plates.
        china_glyphs: Folder of Chinese plate glyphs, see `build_bank`.
        batch_size: Plates a step.
        real_share: Share of real plates in a batch. The reader sees all but those held out, see
            `is_held_out`. A run for the quality branch alone sees just those, and Korean plates
            joined anew, see `Splicer`: the reader knows the others by heart, and reads them from
            any blur.
        seed: Of templates, batches and weights.
        lifted: How much more often than by its plates a set is seen, by name; 0 leaves it out.
        corrections: Labels put right by eye, see `read_corrections`.
        looked_at: Sets whose labels were looked at: none is left out as doubtful.
        corners: Folder of the corner network that turns crops upright; the package's where None.
        wrong_lift: How much more often crops are seen that the start of the run reads wrongly.
        two_row_lift: The same of those that mostly show two rows.
        stack_share: Share of averaged frames in a batch, besides single ones, see `make_stacks`.
        num_stacks: Of them, made once.
    """

    root: Path | None
    num_templates: int = 30_000
    china_glyphs: Path | None = None
    batch_size: int = 128
    real_share: float = 0.5
    seed: int = 0
    lifted: Mapping[str, float] = field(default_factory=lambda: dict(LIFTED))
    corrections: Path | None = None
    looked_at: frozenset[str] = frozenset()
    corners: Path | None = None
    wrong_lift: float = 1.0
    two_row_lift: float = 1.0
    stack_share: float = 0.0
    num_stacks: int = 6_000


def train_reader(
    config: EqLprConfig, data: PlateData, run_dir: Path, loop: LoopConfig
) -> dict[str, float]:
    """Train a network, or go on with it, and leave config, metrics and checkpoint in `run_dir`.

    Returns:
        The last validation's metrics.

    Raises:
        DataError: a label file is wrong.
        ConfigError: `run_dir` holds another run, or a quality branch has no reader to learn from.
        WeightsNotFound: what the run is to start from is not there.
        ModelContractError: it is no reader of this shape.
    """
    _check_views(config, data)
    # Before OpenCV's first call: its thread pool does not survive the fork of batch workers.
    cv2.setNumThreads(1)
    torch.set_num_threads(loop.num_threads)
    is_for_reading = config.learns_reading
    inputs = config.to_json() | _inputs(data, is_for_reading=is_for_reading)
    # Before anything is made of them: what is kept here is never that of other inputs.
    claim(run_dir, inputs, "inputs.json")
    ready = prepared(run_dir, lambda: _prepare(config, data))
    crops, bank = ready.crops, _templates(data, run_dir)
    batches = PlateBatches(
        bank,
        crops,
        data.batch_size,
        data.seed,
        data.real_share,
        views=config.views,
        book=GlyphBook(data.china_glyphs),
        spliced=SPLICED if is_for_reading else 1.0,
        size_px=config.network.size_px,
        lifted=data.lifted,
        lift=_lift(config, data, crops, run_dir) if is_for_reading else None,
        stacks=_stacks(data, bank, crops, run_dir) if is_for_reading else None,
        stack_share=data.stack_share if is_for_reading else 0.0,
    )
    first = batches(0)["patches"]
    save_measuring(run_dir, list(first))
    torch.manual_seed(data.seed)  # what came before may have drawn, or have been there already
    task = EqLprTask(config, dev_validation(data.root))
    _adopt(task, torch.from_numpy(first).to(training_device()))
    settings = inputs | {
        "trained_on": sorted({crop.set_name for crop in crops} | {"rendered"}),
        "num_real_crops": len(crops),
        "num_doubtful_labels": ready.num_doubtful,
        "num_left_aside": ready.num_left_aside,
    }
    return run_training(task, batches, run_dir, loop, settings)


def _adopt(task: EqLprTask, patches: torch.Tensor) -> None:
    """Take what the files hold that a run starts from; of run folders the task has done so."""
    config, network = task.config, task.network
    if config.init_from and config.init_from.suffix == ".onnx":
        is_whole = adopt_reader(network, config.init_from, patches)
        if not (is_whole or config.learns_reading):
            msg = (
                f"{config.init_from}: its decoder is of another kind than {config.network.arch}'s, "
                "which needs a reader that can read; give the file of one, or a run folder"
            )
            raise ConfigError(msg)
    if config.quality_init_from:
        adopt_quality(network, config.quality_init_from, patches)


def _check_views(config: EqLprConfig, data: PlateData) -> None:
    views = config.views
    if data.batch_size % views:
        msg = f"a batch of {data.batch_size} with {views} views: give views that divide a batch"
        raise ConfigError(msg)
    if config.ranking and views < 2:
        msg = f"ranking {config.ranking:g} needs 2 views or more to order"
        raise ConfigError(msg)
    if views > 1 and data.stack_share and config.learns_reading:
        msg = f"averaged frames have one view each: leave them out, or have 1 view, not {views}"
        raise ConfigError(msg)


def _inputs(data: PlateData, *, is_for_reading: bool) -> dict[str, Any]:
    """All that settles what a run sees, but for the pictures, as its card tells it."""
    corrections = sha256(data.corrections.read_bytes()) if data.corrections else ""
    hard = {
        "stack_share": data.stack_share,
        "num_stacks": data.num_stacks,
        "wrong_lift": data.wrong_lift,
        "two_row_lift": data.two_row_lift,
    }
    return {
        "num_templates": data.num_templates,
        "china_glyphs": data.china_glyphs is not None,
        "batch_size": data.batch_size,
        "real_share": data.real_share,
        "seed": data.seed,
        "lifted": dict(data.lifted),
        "looked_at": sorted(data.looked_at),
        "corrections": corrections,
        **(hard if is_for_reading else {}),
    }


def _prepare(config: EqLprConfig, data: PlateData) -> PreparedCrops:
    """Real plates to learn from: labels put right, none that is kept from readers, all upright."""
    labelled = load_crops(data.root, "train") if data.root else []
    if data.corrections:
        labelled = corrected(labelled, read_corrections(data.corrections))
    labelled = [shrunk(crop) for crop in labelled if data.lifted.get(crop.set_name, 1) > 0]
    # How legible a crop is can only be learned where the reader does not know it by heart.
    is_for_reading = config.learns_reading
    wanted = [
        crop
        for crop in labelled
        if is_held_out(crop.text) != is_for_reading
        or (not is_for_reading and crop.set_name == KOREAN)
    ]
    crops = wanted = wanted if data.real_share else []
    # For the quality branch those that contradict the reader are what it must know.
    if config.init_from and is_for_reading:
        crops = without_doubtful(crops, _reader_of(config.init_from), data.looked_at)
    num_doubtful = len(wanted) - len(crops)
    crops = with_upright(crops, load_corner_finder(data.corners).upright) if crops else []
    if not is_for_reading:
        crops = [crop for crop in crops if is_held_out(crop.text) or can_be_joined(crop)]
    return PreparedCrops(crops, num_doubtful, len(labelled) - len(wanted))


def dev_validation(root: Path | None) -> Validate:
    """What judges a network by the dev crops of a data folder; says nothing without any."""
    dev = _thinned(load_crops(root, "dev") if root else [])
    return make_validation(dev) if dev else lambda _: {}


def _reader_of(start: Path) -> Callable[[Sequence[Rgb]], list[Reading]]:
    """What a run or a file reads, as it reads at run time."""
    if start.suffix == ".onnx":
        read_batch = OnnxReader(start).read_batch
    else:
        trained = load_network(start)
        network, size_px = ReaderNetwork(trained), trained.config.size_px

        @torch.no_grad()
        def read_batch(crops: Sequence[Rgb]) -> list[Reading]:
            probs = network(torch.from_numpy(make_patches(crops, *size_px))).numpy()
            return [Reading.from_probs(each) for each in probs]

    def read_all(crops: Sequence[Rgb]) -> list[Reading]:
        starts = range(0, len(crops), READING_BATCH)
        return [r for at in starts for r in read_batch(crops[at : at + READING_BATCH])]

    return read_all


def _templates(data: PlateData, run_dir: Path) -> TemplateBank:
    """Render once, then keep: a run that is resumed has the same plates."""
    path = run_dir / "templates.npz"
    if not path.exists():
        make_private_folder(run_dir)
        # Written beside and renamed: a run killed here would resume with half a bank.
        part = path.with_name("part.npz")
        build_bank(data.num_templates, data.seed, data.china_glyphs).save(part)
        part.replace(path)
    return TemplateBank.load(path)


def _lift(
    config: EqLprConfig, data: PlateData, crops: Sequence[LabelledCrop], run_dir: Path
) -> NDArray[np.float64]:
    """How hard each crop is for the start of a run, kept as the crops are."""
    path = run_dir / "lift.npy"
    if not path.exists():
        wrong = data.wrong_lift if config.init_from else 1.0
        read_all = _reader_of(config.init_from) if config.init_from else _nobody
        lift = hardness(crops, read_all, wrong, data.two_row_lift)
        with open_private(path.with_name("part.npy"), "wb") as file:
            np.save(file, lift)
        path.with_name("part.npy").replace(path)
    return np.asarray(np.load(path), np.float64)


def _nobody(_: Sequence[Rgb]) -> list[Reading]:
    return []


def _stacks(
    data: PlateData, bank: TemplateBank, crops: Sequence[LabelledCrop], run_dir: Path
) -> TemplateBank:
    """Averaged frames, made once and kept as the rendered plates are."""
    path = run_dir / "stacks.npz"
    num = data.num_stacks if data.stack_share else 0
    if not path.exists():
        part = path.with_name("part.npz")
        make_stacks(bank, crops, splicer(crops), retexter(crops), num, data.seed).save(part)
        part.replace(path)
    return TemplateBank.load(path)


def _thinned(crops: list[LabelledCrop]) -> list[LabelledCrop]:
    """Evenly spaced crops of each set, so that validation stays short."""
    by_set: dict[str, list[LabelledCrop]] = {}
    for crop in crops:
        by_set.setdefault(crop.set_name, []).append(crop)
    thinned = []
    for in_set in by_set.values():
        stride = -(-len(in_set) // DEV_CROPS_PER_SET)
        thinned += in_set[::stride]
    return thinned
