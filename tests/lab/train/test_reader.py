"""A reader's run: the same weights however often it was broken off, and from no other's inputs."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from platestream.core.errors import ConfigError
from platestream.lab.networks.eqlpr import Arch, NetworkConfig
from platestream.lab.quantize import MEASURING_FILE
from platestream.lab.train.eqlpr import EqLprConfig, load_network
from platestream.lab.train.loop import LoopConfig
from platestream.lab.train.reader import train_reader
from platestream.lab.train.reader_inputs import PlateData
from platestream.models.cards import WEIGHTS_DIR

DATA = PlateData(None, num_templates=8, batch_size=4, seed=3, stack_share=0.25, num_stacks=2)
LOOP = LoopConfig(2, num_workers=0)


def config(arch: Arch, init_from: Path | None = None) -> EqLprConfig:
    network = NetworkConfig(arch, 0.0625)
    return EqLprConfig(network, num_steps=2, quality_from=1, quality_every=1, init_from=init_from)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "start"
    train_reader(config("nano"), DATA, run, LOOP)
    return run


def test_a_run_that_was_killed_before_its_first_checkpoint_ends_the_same(
    start: Path, tmp_path: Path
) -> None:
    """P's decoder starts from chance, which preparing must not move."""
    train_reader(config("p", start), DATA, tmp_path / "whole", LOOP)
    shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    for name in ("config.json", "metrics.jsonl", "checkpoint.pt"):
        (tmp_path / "killed" / name).unlink()
    train_reader(config("p", start), DATA, tmp_path / "killed", LOOP)
    whole, killed = (load_network(tmp_path / name).state_dict() for name in ("whole", "killed"))
    assert [name for name in whole if not torch.equal(whole[name], killed[name])] == []


@pytest.mark.parametrize(
    "other",
    [replace(DATA, seed=4), replace(DATA, num_templates=9), replace(DATA, num_stacks=3)],
)
def test_what_was_made_of_other_inputs_is_not_taken(
    start: Path, tmp_path: Path, other: PlateData
) -> None:
    run = tmp_path / "run"
    shutil.copytree(start, run)
    for name in ("config.json", "metrics.jsonl", "checkpoint.pt"):
        (run / name).unlink()
    measuring = (run / MEASURING_FILE).read_bytes()
    with pytest.raises(ConfigError, match=r"inputs\.json differs"):
        train_reader(config("nano"), other, run, LOOP)
    assert (run / MEASURING_FILE).read_bytes() == measuring


def test_a_start_of_the_same_name_is_another_start(tmp_path: Path) -> None:
    first, second = (tmp_path / name / "reader.onnx" for name in ("first", "second"))
    for file, source in ((first, "reader-p"), (second, "reader-s")):
        file.parent.mkdir()
        shutil.copy(WEIGHTS_DIR / f"{source}.onnx", file)
    once = EqLprConfig(NetworkConfig("p", 0.5), num_steps=1, quality_from=9, init_from=first)
    train_reader(once, DATA, tmp_path / "run", LoopConfig(1, num_workers=0))
    with pytest.raises(ConfigError, match=r"inputs\.json differs"):
        train_reader(replace(once, init_from=second), DATA, tmp_path / "run", LOOP)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"views": 3}, "a batch of 4 with 3 views"),
        ({"ranking": 1.0}, "ranking 1 needs 2 views or more"),
        ({"views": 2, "ranking": 1.0}, "averaged frames have one view each"),
    ],
)
def test_views_that_do_not_fit_are_refused(
    tmp_path: Path, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        train_reader(replace(config("nano"), **options), DATA, tmp_path, LOOP)
    assert not list(tmp_path.iterdir())
