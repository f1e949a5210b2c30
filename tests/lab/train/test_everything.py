"""A whole recipe in a moment: every stage, cards, confidence; and again, from where it was."""

import csv
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from platestream.core.errors import ConfigError
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.networks.eqlpr import EqLpr, NetworkConfig
from platestream.lab.recipe_file import load_recipe
from platestream.lab.render.bank import build_bank
from platestream.lab.train.adopt import adopt_quality
from platestream.lab.train.crops import is_held_out
from platestream.lab.train.detector.scenes import DEV_SETS, TRAIN_SETS
from platestream.lab.train.eqlpr import load_network
from platestream.lab.train.everything import train_all
from platestream.lab.train.kitchen import FINISHED, Kitchen
from platestream.lab.train.run_folder import load_settings
from platestream.models.bundle import load_networks
from platestream.models.cards import WEIGHTS_DIR, list_models, load_card

RECIPE = """
[plates]
templates = 900
stack_share = 0.25
[plates.lifted]
drawn = 2.0
[quick]
steps = 2
templates = 6
batch = 4
width = 0.0625
num_plates = 6
num_streams = 3
num_frames = 2
[confidence]
num_streams = 100
num_held_out = 100
num_singles = 100
without = ["crops/agreed", "crops/elsewhere"]
[[stage]]
name = "detector"
trains = "detector"
steps = 900
[[stage]]
name = "corners"
trains = "corners"
steps = 900
[[stage]]
name = "p"
trains = "reader"
arch = "p"
steps = 900
quality_from = 500
[[stage]]
name = "one"
trains = "reader"
start = "p"
steps = 900
ships = false
[[stage]]
name = "nano"
trains = "mean"
of = ["one", "one"]
[[stage]]
name = "nano-quality"
trains = "reader"
start = "nano"
steps = 900
quality_from = 0
quality_every = 1
target = "truth"
ranking = 1.0
views = 2
[[stage]]
name = "regions"
trains = "regions"
steps = 900
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a plate for each split of each set, and a set of drawn crops."""
    root = tmp_path_factory.mktemp("data")
    rgb = np.full((96, 128, 3), 60, np.uint8)
    rgb[40:56, 40:88] = 240
    for name in {*TRAIN_SETS, *DEV_SETS}:
        rows = [(f"{split}.png", split, "AB12", 40, 40, 48, 16) for split in ("train", "dev")]
        _write(root / name, rows, [rgb, rgb])
    bank = build_bank(60, seed=3)
    plates = [(t, i) for t, i in zip(bank.texts, bank.images, strict=True) if t]
    plates = [p for p in plates if is_held_out(p[0])][:3] + plates[:12]
    rows = [(f"{i}.png", "dev" if i > 12 else "train", t) for i, (t, _) in enumerate(plates)]
    _write(root / "crops" / "drawn", rows, [image for _, image in plates])
    _write(root / "crops" / "agreed", [("0.png", "train", plates[0][0])], [plates[0][1]])
    return root


def _write(folder: Path, rows: list[tuple[object, ...]], pictures: list[np.ndarray]) -> None:
    folder.mkdir(parents=True)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        header = ["file", "split", "text", "x", "y", "w", "h", "quad", "track", "frame_index"]
        csv.writer(file).writerows([header, *([*row, *[""] * (10 - len(row))] for row in rows)])
    for row, picture in zip(rows, pictures, strict=True):
        cv2.imwrite(str(folder / str(row[0])), picture[..., ::-1])


def test_one_command_makes_every_weight(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    heard: list[tuple[str, int | None, int]] = []

    @contextmanager
    def progress(name: str, num_steps: int | None) -> Iterator[Callable[[int], None]]:
        yield lambda num_done: heard.append((name, num_steps, num_done))

    kitchen = Kitchen(
        *(data, tmp_path / "runs", tmp_path / "models"),
        num_threads=1,
        num_workers=0,
        progress=progress,
    )
    found = train_all(load_recipe(path).cut_down(), kitchen)
    assert list(found) == [
        "detector",
        "corners",
        "p",
        "one",
        "nano",
        "nano-quality",
        "regions",
        "confidence",
    ]
    recipes = {n: load_card(n, kitchen.out).run.get("recipe") for n in list_models(kitchen.out)}
    made = [name for name, recipe in recipes.items() if recipe == path.name]
    assert made == ["corners", "detector", "quality-nano", "quality-p", "reader-nano", "reader-p"]
    (agreed,) = read_labels(data / "crops" / "agreed")
    for folder in ("held-out", "standing", "singles"):
        texts = {sample.text for sample in read_labels(kitchen.runs / folder)}
        assert texts
        assert agreed.text not in texts
    assert load_card("reader-nano", kitchen.out).num_parameters < 50_000
    networks = load_networks("nano", kitchen.out)
    said = networks.read(np.full((32, 128, 3), 200, np.uint8)).region_log_probs
    assert said is not None
    assert np.exp(said).sum() == pytest.approx(1, abs=1e-3)
    load_networks("s", kitchen.out)  # the package's own, which no stage made
    assert [h for h in heard if h[0] == "p"] == [("p", 2, 0), ("p", 2, 1), ("p", 2, 2)]
    _goes_on(path, kitchen)


def _goes_on(path: Path, kitchen: Kitchen) -> None:
    """Only what is not finished runs again, and comes out the same."""
    before = _weights(kitchen)
    (kitchen.runs / "nano-quality" / FINISHED).unlink()
    found = train_all(load_recipe(path).cut_down(), kitchen)
    assert list(found) == ["nano-quality", "confidence"]
    assert _weights(kitchen) == before
    # Finished runs fill another folder, and the very same weights with their heads are there.
    shutil.rmtree(kitchen.out)
    assert list(train_all(load_recipe(path).cut_down(), kitchen)) == ["confidence"]
    assert _weights(kitchen) == before
    # What was only tried is not taken for the real thing, nor is an older recipe's.
    with pytest.raises(ConfigError, match=r"detector: finished by another recipe"):
        train_all(load_recipe(path), kitchen)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('of = ["one", "one"]', 'of = ["p", "one"]'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"nano: finished by another recipe"):
        train_all(load_recipe(path).cut_down(), kitchen)
    path.write_text(text.replace("num_singles = 100", "num_singles = 2"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"streams: finished by another recipe"):
        train_all(load_recipe(path).cut_down(), kitchen)


def _weights(kitchen: Kitchen) -> dict[str, str]:
    return {name: load_card(name, kitchen.out).sha256 for name in list_models(kitchen.out)}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('corrections = "mine.csv"\n[confidence]\nnum_streams = 1\n', "mine.csv: is not there"),
        ('[confidence]\njudge = ["tracks/none"]\n', "none/labels.csv: is not there"),
        (
            '[[stage]]\nname = "a"\ntrains = "reader"\nsteps = 1\nstart = "a.onnx"\n',
            "a.onnx: is not",
        ),
    ],
)
def test_a_file_that_a_recipe_names_is_looked_for_at_once(
    tmp_path: Path, lines: str, says: str
) -> None:
    path = tmp_path / "recipe.toml"
    stage = '[[stage]]\nname = "on"\ntrains = "reader"\nsteps = 1\n'
    path.write_text(f"[plates]\n{lines}{stage}", encoding="utf-8")
    kitchen = Kitchen(tmp_path / "data", tmp_path / "runs", tmp_path / "models")
    with pytest.raises(ConfigError, match=says):
        train_all(load_recipe(path), kitchen)
    assert not kitchen.runs.exists()


def test_a_stage_goes_on_from_files_of_a_commit(data: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name in ("reader-p", "quality-p"):
        (root / "weights").mkdir(parents=True, exist_ok=True)
        shutil.copy(WEIGHTS_DIR / f"{name}.onnx", root / "weights")

    def git(*words: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", "-C", str(root), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "weights")
    commit = git("rev-parse", "--short=12", "HEAD")
    shutil.rmtree(root / "weights")
    path = root / "recipe.toml"
    path.write_text(
        f"""
[plates]
templates = 6
batch = 4
[confidence]
num_streams = 0
[[stage]]
name = "p"
trains = "reader"
arch = "p"
start = "{commit}:weights/reader-p.onnx"
quality_start = "{commit}:weights/quality-p.onnx"
frozen_groups = 2
steps = 1
quality_from = 1
ships = false
""",
        encoding="utf-8",
    )
    kitchen = Kitchen(data, tmp_path / "runs", tmp_path / "models", num_workers=0)
    train_all(load_recipe(path), kitchen)
    trained, file = load_network(kitchen.runs / "p"), EqLpr(NetworkConfig("p", 0.5))
    adopt_quality(file, WEIGHTS_DIR / "quality-p.onnx", torch.zeros((1, 32, 128, 3)).byte())
    kernels = [n.quality_trunk.state_dict()["0.0.weight"] for n in (trained, file)]
    assert torch.equal(*kernels), "no step was the quality branch's"
    settings = load_settings(kitchen.runs / "p")
    assert settings["sha256"]["quality_start"] == load_card("quality-p").sha256
