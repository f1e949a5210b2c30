"""One training run of P, S, E or our own, from a data folder to a run folder."""

from pathlib import Path

import cv2
import torch
from torch import Tensor

from platestream.core.errors import ConfigError
from platestream.lab.quantize import save_measuring
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.adopt import adopt_quality, adopt_reader
from platestream.lab.train.eqlpr import EqLprConfig, EqLprTask
from platestream.lab.train.loop import LoopConfig, run_training, training_device
from platestream.lab.train.plates import PlateBatches
from platestream.lab.train.prepared import prepared
from platestream.lab.train.reader_inputs import (
    PlateData,
    lift_of,
    prepare,
    settings_of,
    stacks_of,
    templates_of,
)
from platestream.lab.train.real_plates import SPLICED
from platestream.lab.train.run_folder import claim
from platestream.lab.train.validation import dev_validation


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
    inputs = config.to_json() | settings_of(config, data)
    # Before anything is made of them: what is kept here is never that of other inputs.
    claim(run_dir, inputs, "inputs.json")
    ready = prepared(run_dir, lambda: prepare(config, data))
    crops, bank = ready.crops, templates_of(data, run_dir)
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
        lift=lift_of(config, data, crops, run_dir) if is_for_reading else None,
        stacks=stacks_of(data, bank, crops, run_dir) if is_for_reading else None,
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


def _adopt(task: EqLprTask, patches: Tensor) -> None:
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
