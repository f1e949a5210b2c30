"""Recipes: read strictly, and the shipped ones are whole."""

import subprocess
from pathlib import Path

import pytest

from platestream.core.errors import ConfigError
from platestream.lab.kept import is_kept
from platestream.lab.recipe import Recipe
from platestream.lab.recipe_file import load_recipe
from platestream.models.registry import ARCHITECTURES

RECIPES = Path(__file__).parents[2] / "recipes"
ONE = '[[stage]]\nname = "a"\ntrains = "reader"\nsteps = 5\n'


def read(folder: Path, text: str) -> Recipe:
    path = folder / "recipe.toml"
    path.write_text("[plates]\n" + text, encoding="utf-8")
    return load_recipe(path)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_of_the_repository_can_be_read(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.stage
    assert (path.parent / recipe.plates.corrections).is_file()
    assert recipe.made_by()["recipe"] == path.name


@pytest.mark.parametrize("name", ["from_nothing", "shipped"])
def test_a_recipe_makes_every_network(name: str) -> None:
    stages = {stage.name: stage for stage in load_recipe(RECIPES / f"{name}.toml").stage}
    made = [s for s in stages.values() if s.ships]
    # A mean is of what its second trains.
    made = [stages[s.of[1]] if s.trains == "mean" else s for s in made]
    # No detector that went on from the one that ships was better so far.
    kinds = {"corners", "reader", "regions"} | ({"detector"} if name == "from_nothing" else set())
    assert {stage.trains for stage in made} == kinds
    assert {stage.arch for stage in made if stage.trains == "reader"} == set(ARCHITECTURES)


def test_the_commits_that_recipes_name_hold_those_files() -> None:
    def git(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(RECIPES), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("needs the whole history")
    stages = [stage for path in RECIPES.glob("*.toml") for stage in load_recipe(path).stage]
    starts = {name for s in stages for name in (s.start, s.quality_start, *s.of) if is_kept(name)}
    assert starts
    assert [name for name in starts if git("cat-file", "-e", name).returncode] == []


def test_values_come_as_they_are_written(tmp_path: Path) -> None:
    text = 'looked_at = ["x"]\nreal_share = 1\n[plates.lifted]\nx = 2\n' + ONE
    recipe = read(tmp_path, text)
    assert recipe.plates.looked_at == ("x",)
    assert recipe.plates.lifted == {"x": 2.0}
    assert isinstance(recipe.plates.real_share, float)
    assert recipe.stage[0].steps == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("template = 5\n" + ONE, "no key 'template'; do you mean 'templates'"),
        (ONE.replace("reader", "raeder"), "choose one of reader"),
        (ONE.replace("5", '"5"'), "'5' is no int"),
        (ONE.replace("5", "true"), "True is no int"),
        (ONE.replace('name = "a"\n', ""), "'name' is missing"),
        (ONE + 'start = "b"\n', "needs b, which is no stage before it"),
        (ONE + ONE, "there twice"),
        (ONE.replace("reader", "mean").replace("steps = 5\n", ""), "a mean without its two"),
        (ONE.replace("reader", "mean"), "steps changes nothing"),
        (ONE.replace("reader", "corners") + 'start = "a.onnx"\n', "start changes nothing"),
        (ONE + 'quality_start = "b"\nquality_from = 1\n', "is no file; write an .onnx"),
        (ONE + 'quality_start = "b.onnx"\n', "quality_start without quality_from changes nothing"),
        (
            ONE + 'arch = "s"\nquality_start = "b.onnx"\nquality_from = 1\n',
            "write the .onnx of its reader as start",
        ),
        (
            ONE + ONE.replace('"a"', '"b"').replace("reader", "detector") + 'start = "a"\n',
            "from a file",
        ),
        (
            ONE + '[[stage]]\nname = "b"\ntrains = "mean"\nof = ["a", "c.onnx"]\n',
            "the second of a mean is a stage",
        ),
        (ONE.replace("reader", "regions") + "lr = 0.1\n", "lr changes nothing"),
        (ONE.replace("steps = 5\n", ""), "has no steps"),
        ("= 5", "no recipe that can be read"),
    ],
)
def test_a_slip_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"see recipes/shipped\.toml"):
        load_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_cut_down_keeps_every_stage(path: Path) -> None:
    recipe = load_recipe(path)
    quick = recipe.cut_down()
    assert [stage.name for stage in quick.stage] == [stage.name for stage in recipe.stage]
    assert all(stage.steps <= recipe.quick.steps for stage in quick.stage)
    (width,) = {stage.width for stage in quick.stage}
    assert width == (recipe.quick.width if path.stem == "from_nothing" else 0.5), "as its start"
    # What can read is not shaken: it must be fit to ship.
    rates = {stage.lr for stage in quick.stage if stage.lr > 0}
    assert path.stem == "from_nothing" or max(rates) <= 1e-5
    # A branch that never learns does not learn in haste either.
    never = [stage.name for stage in recipe.stage if stage.quality_from < 0]
    assert [stage.name for stage in quick.stage if stage.quality_from < 0] == never
