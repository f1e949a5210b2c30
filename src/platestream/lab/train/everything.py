"""All stages of a recipe, one after another: from labelled pictures to weights with cards.

Each stage has a run folder of its own, with what it ships in it, and is gone on with from its last
checkpoint; one that is finished is not run again. So the same command, given again, goes on where
it was cut off.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from platestream.core.errors import ConfigError
from platestream.core.private import make_private_folder
from platestream.lab.kept import is_kept, kept_file
from platestream.lab.networks.eqlpr import NetworkConfig
from platestream.lab.recipe import Recipe, Stage, is_file
from platestream.lab.shipping import ship
from platestream.lab.train.confidence import fit_confidence
from platestream.lab.train.corners import CornerConfig, train_corners
from platestream.lab.train.detector.task import DetectorConfig, train_detector
from platestream.lab.train.eqlpr import EqLprConfig
from platestream.lab.train.kitchen import Kitchen, finish, is_finished
from platestream.lab.train.loop import LoopConfig
from platestream.lab.train.mean import mean_of_runs, validation_of
from platestream.lab.train.reader import train_reader
from platestream.lab.train.reader_inputs import PlateData
from platestream.lab.train.regions import RegionConfig, train_regions

MODELS: Final = "models"
"""In the folder of a stage: what it ships."""


def train_all(recipe: Recipe, kitchen: Kitchen) -> dict[str, Any]:
    """Make every weight of a recipe, or go on where that was cut off.

    Returns:
        The last validation of each stage that was run, and how well the confidence holds.

    Raises:
        ConfigError: a run folder holds another run, or a stage cannot be run so.
        DataError: a label file is missing or wrong.
    """
    _check(recipe, kitchen)
    found: dict[str, Any] = {}
    for stage in recipe.stage:
        run, made_by = kitchen.runs / stage.name, recipe.all_of(stage)
        if not is_finished(run, made_by):
            steps = None if stage.trains == "regions" else stage.steps or None
            with kitchen.progress(stage.name, steps) as tell:
                found[stage.name] = _train(stage, recipe, kitchen, tell)
            if stage.trains == "regions":  # in the reader that was there
                _copy(kitchen.out, run / MODELS, "reader-nano")
            elif stage.ships:
                ship(run, run / MODELS, recipe.made_by())
            finish(run, made_by)
        _copy(run / MODELS, kitchen.out)
    if recipe.confidence.num_streams:
        found["confidence"] = fit_confidence(recipe, kitchen)
    return found


def _check(recipe: Recipe, kitchen: Kitchen) -> None:
    """See that all files are there that a recipe names: it must not end in that after a day."""
    corrections = recipe.path.parent / recipe.plates.corrections
    labels = [kitchen.data / name / "labels.csv" for name in recipe.confidence.judge]
    for path in [corrections, *(labels if recipe.confidence.num_streams else [])]:
        if not path.exists():
            msg = f"{path}: is not there; {recipe.path.name} names it"
            raise ConfigError(msg)
    for stage in recipe.stage:
        for name in (stage.start, stage.quality_start, *stage.of):
            _start_of(name, recipe, kitchen)


def _copy(out_of: Path, into: Path, name: str = "*") -> None:
    """Copy weights and cards, where there are any."""
    for path in [*out_of.glob(f"{name}.onnx"), *out_of.glob(f"{name}.json")]:
        into.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, into)


def _train(
    stage: Stage, recipe: Recipe, kitchen: Kitchen, tell: Callable[[int], object]
) -> dict[str, float]:
    run = kitchen.runs / stage.name
    loop = LoopConfig(
        stage.steps,
        num_threads=kitchen.num_threads,
        num_workers=kitchen.num_workers,
        on_step=tell,
    )
    drawn: dict[str, Any]
    batch: dict[str, Any] = {} if stage.batch < 0 else {"batch_size": stage.batch}
    few = recipe.quick.num_plates
    if stage.trains == "detector":
        drawn = {"num_plates": few} if recipe.is_quick else {}
        detector = DetectorConfig(
            stage.steps,
            seed=stage.seed,
            init_from=_start_of(stage.start, recipe, kitchen),
            frozen_blocks=stage.frozen_groups,
            **_rate(stage),
            **batch,
            **drawn,
        )
        return train_detector(kitchen.data, run, detector, loop, kitchen.glyphs)
    if stage.trains == "corners":
        drawn = {"num_plates": few, "num_stills": few} if recipe.is_quick else {}
        corners = CornerConfig(stage.steps, seed=stage.seed, **_rate(stage), **batch, **drawn)
        return train_corners(kitchen.data, run, corners, loop, kitchen.glyphs)
    if stage.trains == "regions":
        make_private_folder(run)
        return _train_regions(stage, recipe, kitchen, tell)
    if stage.trains == "mean":
        named = (_start_of(name, recipe, kitchen) for name in stage.of)
        first, second = (path for path in named if path)
        return mean_of_runs(first, second, run, validation_of(second, kitchen.data), stage.share)
    starts = (_start_of(each, recipe, kitchen) for each in (stage.start, stage.quality_start))
    return train_reader(_reader(stage, *starts), _plates(stage, recipe, kitchen), run, loop)


def _train_regions(
    stage: Stage, recipe: Recipe, kitchen: Kitchen, tell: Callable[[int], object]
) -> dict[str, float]:
    config = RegionConfig(num_steps=stage.steps, seed=stage.seed)
    if recipe.is_quick:
        few = recipe.quick.num_regions
        config = replace(config, num_drawn=few, most_real=few)
    seen = count(1)
    return train_regions(
        kitchen.data,
        kitchen.out,
        config,
        kitchen.glyphs,
        kitchen.num_threads,
        lambda: tell(next(seen)),
    )


def _rate(stage: Stage) -> dict[str, Any]:
    """Its peak learning rate, where the recipe says one."""
    return {} if stage.lr < 0 else {"peak_lr": stage.lr}


def _reader(stage: Stage, start: Path | None, quality_start: Path | None) -> EqLprConfig:
    never = stage.steps + 1
    return EqLprConfig(
        NetworkConfig(stage.arch, stage.width, "wide", stage.height),
        num_steps=stage.steps,
        quality_from=never if stage.quality_from < 0 else stage.quality_from,
        quality_every=stage.quality_every,
        quality_lr=stage.quality_lr,
        init_from=start,
        quality_init_from=quality_start,
        frozen_groups=stage.frozen_groups,
        target=stage.target,
        ranking=stage.ranking,
        views=stage.views,
        **_rate(stage),
    )


def _start_of(name: str, recipe: Recipe, kitchen: Kitchen) -> Path | None:
    """Run folder or file that a stage goes on from; None where it starts from nothing.

    Raises:
        ConfigError: the file is not there.
    """
    if not name:
        return None
    if is_kept(name):
        return kept_file(name, recipe.path.parent, kitchen.runs / "kept")
    if not is_file(name):
        return kitchen.runs / name
    path = recipe.path.parent / name
    if not path.is_file():
        form = "; a commit is written with 12 to 40 hex digits" if ":" in name else ""
        msg = f"{path}: is not there; {recipe.path.name} goes on from it{form}"
        raise ConfigError(msg)
    return path


def _plates(stage: Stage, recipe: Recipe, kitchen: Kitchen) -> PlateData:
    plates = recipe.plates
    corrections = recipe.path.parent / plates.corrections if plates.corrections else None
    data = PlateData(
        kitchen.data,
        num_templates=plates.templates,
        china_glyphs=kitchen.glyphs,
        batch_size=plates.batch if stage.batch < 0 else stage.batch,
        real_share=plates.real_share if stage.real_share < 0 else stage.real_share,
        seed=stage.seed,
        wrong_lift=plates.wrong_lift,
        two_row_lift=plates.two_row_lift,
        stack_share=plates.stack_share,
        num_stacks=plates.stacks,
        corrections=corrections,
        looked_at=frozenset(plates.looked_at),
        corners=_corners_before(stage, recipe, kitchen),
    )
    return replace(data, lifted=plates.lifted) if plates.lifted else data


def _corners_before(stage: Stage, recipe: Recipe, kitchen: Kitchen) -> Path | None:
    """Where the corner network is that a stage before this one made; None for the package's."""
    before = recipe.stage[: recipe.stage.index(stage)]
    made = [kitchen.runs / each.name / MODELS for each in before if each.trains == "corners"]
    return made[-1] if made else None
