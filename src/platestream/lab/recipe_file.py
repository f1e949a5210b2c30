"""Read a recipe from its file, and see that its stages can be run one after another."""

import tomllib
from collections.abc import Collection
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

from platestream.core.errors import ConfigError
from platestream.lab.recipe import Recipe, Stage, is_file
from platestream.lab.typed_toml import table


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigError: it cannot be read, or a key, a value or a stage's name is wrong.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: no recipe that can be read ({error}); see recipes/shipped.toml"
        raise ConfigError(msg) from error
    content.pop("path", None)
    recipe = replace(table(Recipe, content, str(path)), path=path)
    _check_stages(recipe)
    return recipe


_OF_ALL = {"steps", "seed"}
_KEYS: Final = {
    "detector": _OF_ALL | {"lr", "batch", "start", "frozen_groups"},
    "corners": _OF_ALL | {"lr", "batch"},
    "reader": {f.name for f in fields(Stage)} - {"of", "share"},
    "mean": {"of", "share"},
    "regions": _OF_ALL,
}
"""What says something of a stage, by what it trains."""


def _check_stages(recipe: Recipe) -> None:
    seen: set[str] = set()
    for stage in recipe.stage:
        if wrong := _useless(stage) or _of_start(stage, seen) or _of_itself(stage, seen):
            msg = f"{recipe.path}: stage {stage.name}{wrong}"
            raise ConfigError(msg)
        seen.add(stage.name)


def _useless(stage: Stage) -> str:
    """What is said and changes nothing."""
    given = {f.name for f in fields(stage) if getattr(stage, f.name) != f.default}
    useless = sorted(given - _KEYS[stage.trains] - {"name", "trains", "ships"})
    if stage.quality_start and stage.quality_from < 0 and stage.arch != "e":
        useless.append("quality_start without quality_from")
    return f": {useless[0]} changes nothing; leave it out" if useless else ""


def _of_start(stage: Stage, seen: Collection[str]) -> str:
    """What is wrong with what it goes on from."""
    stages = [name for name in (*stage.of, stage.start) if name and not is_file(name)]
    if missing := ", ".join(sorted(set(stages) - set(seen))):
        return f" needs {missing}, which is no stage before it"
    if stage.trains == "detector" and stages:
        return f": a detector starts from a file; write an .onnx in place of {stage.start!r}"
    if stage.quality_start and not is_file(stage.quality_start):
        return (
            f": quality_start = {stage.quality_start!r} is no file; write an .onnx, or COMMIT:PATH"
        )
    if stage.quality_start and stage.arch == "s" and not is_file(stage.start):
        return ": in S both branches are one trunk; write the .onnx of its reader as start"
    if stage.trains == "mean" and len(stage.of) != 2:
        return " is a mean without its two; name them in `of`"
    if stage.trains == "mean" and is_file(stage.of[1]):
        return f": the second of a mean is a stage; name one in place of {stage.of[1]!r}"
    return ""


def _of_itself(stage: Stage, seen: Collection[str]) -> str:
    if stage.trains in ("reader", "detector", "corners") and stage.steps < 1:
        return " has no steps; write how many"
    return " is there twice; name one of them otherwise" if stage.name in seen else ""
