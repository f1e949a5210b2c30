"""How P, S and E learn: who moves when, and exact resuming."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from platestream.core.alphabet import encode
from platestream.core.errors import ConfigError, ModelContractError, WeightsNotFound
from platestream.lab.networks.eqlpr import Arch, EqLpr, NetworkConfig
from platestream.lab.train.eqlpr import EqLprConfig, EqLprTask, load_network
from platestream.lab.train.loop import Batch, LoopConfig, run_training

TINY = 0.0625


def batches(step: int) -> Batch:
    rng = np.random.default_rng([7, step])
    texts = ["".join(rng.choice(list("AB1"), size=3)) for _ in range(8)]
    return {
        "patches": rng.integers(0, 256, (8, 32, 128, 3), np.uint8),
        "targets": np.stack([encode(text) for text in texts]),
    }


def tensors(step: int) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in batches(step).items()}


def make_task(arch: Arch, init_from: Path | None = None, **options: Any) -> EqLprTask:
    torch.manual_seed(0)
    config = EqLprConfig(NetworkConfig(arch, TINY), num_steps=20, init_from=init_from, **options)
    return EqLprTask(config, lambda _: {})


def train(
    task: EqLprTask,
    run_dir: Path,
    stop_after: int | None = None,
    on_step: Callable[[int], object] | None = None,
) -> None:
    loop = LoopConfig(
        6, validate_every=100, log_every=2, num_workers=0, stop_after=stop_after, on_step=on_step
    )
    run_training(task, batches, run_dir, loop, task.config.to_json() | {"trained_on": ["rendered"]})


def snapshot(network: EqLpr) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def moved(before: Mapping[str, Tensor], network: EqLpr) -> set[str]:
    """Parts of the network with a parameter that changed."""
    return {
        name.split(".")[0]
        for name, parameter in network.named_parameters()
        if not torch.equal(before[name], parameter)
    }


def test_p_moves_one_branch_at_a_time() -> None:
    task = make_task("p")
    before = snapshot(task.network)
    losses = task.train_step(1, tensors(1))
    assert set(losses) == {"reader_loss"}
    assert moved(before, task.network) == {"reader_trunk", "reader_head"}
    before = snapshot(task.network)
    losses = task.train_step(2, tensors(2))
    assert {"quality_loss", "alpha"} == set(losses)
    assert moved(before, task.network) <= {"quality_trunk", "quality_head"}
    assert "quality_head" in moved(before, task.network)


def test_s_moves_the_shared_trunk_in_both_steps() -> None:
    task = make_task("s")
    before = snapshot(task.network)
    task.train_step(1, tensors(1))
    assert moved(before, task.network) == {"reader_trunk", "reader_head"}
    before = snapshot(task.network)
    task.train_step(2, tensors(2))
    assert moved(before, task.network) == {"reader_trunk", "quality_head"}


def test_grey_pictures_leave_the_averages_alone_that_colours_are_read_by() -> None:
    task = make_task("s")
    read, scored = task.network.reader_trunk, task.network.quality_trunk
    norms = {k: v.clone() for k, v in read.state_dict().items()}
    task.train_step(2, tensors(2))
    after = read.state_dict()
    averages = [name for name in norms if "running" in name or "num_batches" in name]
    assert len(averages) == 30, "three for each of ten convolutions"
    assert all(torch.equal(norms[name], after[name]) for name in averages)
    of_grey = scored.state_dict()
    assert not any(torch.equal(norms[name], of_grey[name]) for name in averages)
    task.load_state_dict(task.state_dict())
    learned = [name for name in norms if name not in averages]
    assert not all(torch.equal(norms[name], after[name]) for name in learned)
    assert all(torch.equal(read.state_dict()[name], scored.state_dict()[name]) for name in learned)
    pairs = zip(read.parameters(), scored.parameters(), strict=True)
    assert all(mine is its for mine, its in pairs), "one trunk, however it was loaded"


def test_quality_waits_until_it_may() -> None:
    task = make_task("p", quality_from=10)
    assert "reader_loss" in task.train_step(2, tensors(2))
    assert "quality_loss" in task.train_step(10, tensors(10))


def test_e_learns_from_a_trained_s_and_leaves_its_reader_alone(tmp_path: Path) -> None:
    train(make_task("s"), tmp_path / "s")
    teacher = load_network(tmp_path / "s")
    task = make_task("e", init_from=tmp_path / "s")
    for step in range(3):
        losses = task.train_step(step, tensors(step))
        assert set(losses) == {"quality_loss", "alpha", "distillation_loss"}
    for name, value in teacher.state_dict().items():
        if name.startswith("reader"):  # batch norm's running statistics included
            assert torch.equal(value, task.network.state_dict()[name]), name


def test_distillation_pulls_the_light_trunk_towards_the_reader(tmp_path: Path) -> None:
    train(make_task("s"), tmp_path / "s")
    task = make_task("e", init_from=tmp_path / "s")
    losses = [task.train_step(200, tensors(1))["distillation_loss"] for _ in range(40)]
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize(
    ("arch", "options"),
    [
        ("e", {}),
        ("nano", {"quality_every": 1}),
    ],
)
def test_no_teacher_says_what_to_do(arch: Arch, options: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="give the run folder"):
        make_task(arch, **options)


def test_a_start_of_another_shape_says_so(tmp_path: Path) -> None:
    train(make_task("s"), tmp_path)
    for network in (NetworkConfig("p", 0.125), NetworkConfig("p", TINY, "square")):
        with pytest.raises(ModelContractError, match="no run of a reader like"):
            EqLprTask(EqLprConfig(network, 20, init_from=tmp_path), lambda _: {})
    (tmp_path / "config.json").write_text('{"num_stills": 3}', encoding="utf-8")
    with pytest.raises(ModelContractError, match="no run of a reader like"):
        make_task("p", tmp_path)


def test_no_start_is_not_taken_for_a_start_from_nothing(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"no config\.json; name the folder"):
        make_task("nano", init_from=tmp_path / "typo")


def test_each_step_fits_half_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a CPU with AVX-512; where there is none, it is slow and works all the same.
    half = torch.autocast("cpu", torch.bfloat16, enabled=True)
    monkeypatch.setattr("platestream.lab.train.eqlpr.fast_floats", lambda _: half)
    task = make_task("nano")
    assert "reader_loss" in task.train_step(1, tensors(1))
    assert "distillation_loss" in task.train_step(2, tensors(2))


def test_nano_learns_to_rank_from_the_truth_and_leaves_the_reader_alone(tmp_path: Path) -> None:
    train(make_task("nano"), tmp_path / "reader")
    options = {"target": "truth", "ranking": 1.0, "views": 4, "quality_every": 1}
    task = make_task("nano", init_from=tmp_path / "reader", **options)
    before = snapshot(task.network)
    losses = [task.train_step(200, tensors(1)) for _ in range(40)]
    assert moved(before, task.network) == {"quality_trunk", "quality_head", "projection"}
    assert losses[-1]["ranking_loss"] < losses[0]["ranking_loss"]


def test_our_reader_starts_from_the_papers_encoder(tmp_path: Path) -> None:
    train(make_task("s"), tmp_path / "s")
    theirs = load_network(tmp_path / "s").state_dict()
    ours = make_task("nano", init_from=tmp_path / "s").network.state_dict()
    shared = [name for name in ours if name in theirs and name.startswith("reader")]
    assert any(name.startswith("reader_head.encoder") for name in shared)
    for name in shared:
        if name.startswith(("reader_trunk", "reader_head.encoder")):
            assert torch.equal(ours[name], theirs[name]), name


@pytest.mark.parametrize("arch", ["s", "p"])
def test_frozen_groups_stay_as_they_are(arch: Arch) -> None:
    task = make_task(arch, frozen_groups=2)
    # The first two groups are the layers 0 to 5, with a pool at 3; batch norm included.
    frozen = tuple(f"reader_trunk.{layer}." for layer in range(6))
    before = {name: value.clone() for name, value in task.network.state_dict().items()}
    for step in (1, 2):
        task.train_step(step, tensors(step))
    after = task.network.state_dict()
    reader = [name for name in after if name.startswith("reader_trunk")]
    changed = {name for name in reader if not torch.equal(before[name], after[name])}
    assert changed == {name for name in reader if not name.startswith(frozen)}


def test_nano_has_wide_pools_only() -> None:
    with pytest.raises(ConfigError, match="--pools wide"):
        EqLprTask(EqLprConfig(NetworkConfig("nano", TINY, "square"), 20), lambda _: {})


@pytest.mark.parametrize("arch", ["p", "s"])
def test_a_run_that_was_cut_off_ends_with_the_same_weights(tmp_path: Path, arch: Arch) -> None:
    train(make_task(arch), tmp_path / "whole")
    train(make_task(arch), tmp_path / "cut", stop_after=3)
    torch.manual_seed(99)  # a new process has another random state
    train(make_task(arch), tmp_path / "cut")
    whole = load_network(tmp_path / "whole").state_dict()
    cut = load_network(tmp_path / "cut").state_dict()
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_a_run_folder_belongs_to_one_configuration(tmp_path: Path) -> None:
    train(make_task("p"), tmp_path)
    with pytest.raises(ConfigError, match=r"config\.json differs"):
        train(make_task("s"), tmp_path)


def test_metrics_are_logged(tmp_path: Path) -> None:
    train(make_task("p"), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "reader_loss" in row] == [2, 4, 6]


def test_who_asked_is_told_of_every_step_also_after_a_break(tmp_path: Path) -> None:
    told: list[int] = []
    train(make_task("p"), tmp_path, stop_after=4, on_step=told.append)
    assert told == [0, 1, 2, 3, 4]
    train(make_task("p"), tmp_path, on_step=told.append)
    assert told[5:] == [4, 5, 6]


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    train(make_task("p"), tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"p"', '"nano"'))
    with pytest.raises(ModelContractError, match="train it again"):
        load_network(tmp_path)


def test_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"no checkpoint\.pt"):
        load_network(tmp_path)
