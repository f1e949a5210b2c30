from pathlib import Path

import numpy as np
import pytest
import torch

from platestream.core.errors import ConfigError
from platestream.lab.networks.eqlpr import Arch, NetworkConfig
from platestream.lab.quantize import load_measuring
from platestream.lab.shipping import ship
from platestream.lab.train.adopt import adopt_quality, adopt_reader
from platestream.lab.train.eqlpr import EqLprConfig, load_network
from platestream.lab.train.loop import LoopConfig
from platestream.lab.train.mean import mean_of_runs
from platestream.lab.train.reader import train_reader
from platestream.lab.train.reader_inputs import PlateData
from platestream.lab.train.run_folder import last_validation
from platestream.models.cards import WEIGHTS_DIR, load_card


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, one that went on from it, and one of another width."""
    root = tmp_path_factory.mktemp("runs")
    for name, width, start in (
        ("first", 0.0625, None),
        ("second", 0.0625, root / "first"),
        ("wider", 0.125, None),
    ):
        network = NetworkConfig("nano", width)
        config = EqLprConfig(network, num_steps=3, init_from=start, quality_from=99)
        data = PlateData(None, num_templates=8, batch_size=4)
        train_reader(config, data, root / name, LoopConfig(3, num_workers=0))
    return root


def test_each_weight_is_the_mean_of_two_and_the_run_says_so(runs: Path, tmp_path: Path) -> None:
    metrics = mean_of_runs(
        runs / "first", runs / "second", tmp_path / "mean", lambda _: {"accuracy": 0.5}
    )
    one, other, mean = (
        load_network(run).state_dict()
        for run in (runs / "first", runs / "second", tmp_path / "mean")
    )
    name = "reader_head.keys.weight"
    assert not torch.equal(one[name], other[name])
    torch.testing.assert_close(mean[name], (one[name] + other[name]) / 2)
    assert metrics == last_validation(tmp_path / "mean") == {"accuracy": 0.5}
    assert load_measuring(tmp_path / "mean")
    (card,) = ship(tmp_path / "mean", tmp_path / "models")
    assert (card.name, card.run["mean_of"]) == ("reader-nano", ["first", "second"])


@pytest.mark.parametrize("arch", ["nano", "p"])
def test_a_file_s_share_counts_where_it_knows_a_sign(tmp_path: Path, arch: Arch) -> None:
    shipped = WEIGHTS_DIR / f"reader-{arch}.onnx"
    config = EqLprConfig(NetworkConfig(arch, 0.5), num_steps=1, quality_from=99)
    second = tmp_path / "second"
    train_reader(config, PlateData(None, 8, batch_size=4), second, LoopConfig(1, num_workers=0))
    mean_of_runs(shipped, second, tmp_path / "mean", lambda _: {}, share=0.25)
    other, network = load_network(second).reader_head.state_dict(), load_network(second)
    mean = load_network(tmp_path / "mean").reader_head.state_dict()
    adopt_reader(network, shipped, torch.from_numpy(np.stack(load_measuring(second))))
    file = network.reader_head.state_dict()
    known = len(load_card(f"reader-{arch}").alphabet) + 1
    for name in ("classify.weight", "keys.weight"):
        expected = 0.75 * file[name][:known] + 0.25 * other[name][:known]
        torch.testing.assert_close(mean[name][:known], expected)
    torch.testing.assert_close(mean["classify.weight"][known:], other["classify.weight"][known:])


def test_a_quality_network_s_share_leaves_the_reader_alone(tmp_path: Path) -> None:
    reader, quality = (WEIGHTS_DIR / f"{kind}-nano.onnx" for kind in ("reader", "quality"))
    config = EqLprConfig(
        NetworkConfig("nano", 0.5), num_steps=1, quality_every=1, init_from=reader,
        quality_init_from=quality,
    )  # fmt: skip
    second = tmp_path / "second"
    train_reader(config, PlateData(None, 8, batch_size=4), second, LoopConfig(1, num_workers=0))
    mean_of_runs(quality, second, tmp_path / "mean", lambda _: {}, share=0.25)
    file, other, mean = load_network(second), load_network(second), load_network(tmp_path / "mean")
    adopt_quality(file, quality, None)
    one, two, between = (n.quality_head.hidden.weight for n in (file, other, mean))
    assert not torch.equal(one, two)
    torch.testing.assert_close(between, 0.75 * one + 0.25 * two)
    assert torch.equal(mean.reader_head.classify.weight, other.reader_head.classify.weight)
    (card,) = ship(tmp_path / "mean", tmp_path / "models")
    assert card.name == "quality-nano"


def test_a_file_with_another_decoder_has_no_mean(tmp_path: Path) -> None:
    config = EqLprConfig(NetworkConfig("p", 0.5), num_steps=1, quality_from=99)
    second = tmp_path / "second"
    train_reader(config, PlateData(None, 8, batch_size=4), second, LoopConfig(1, num_workers=0))
    with pytest.raises(ConfigError, match="have other decoders"):
        mean_of_runs(WEIGHTS_DIR / "reader-nano.onnx", second, tmp_path / "mean", lambda _: {})


def test_networks_of_other_shapes_have_no_mean(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="trained different networks"):
        mean_of_runs(runs / "first", runs / "wider", tmp_path / "mean", lambda _: {})
    assert not (tmp_path / "mean").exists()


def test_another_run_is_not_written_over(runs: Path, tmp_path: Path) -> None:
    mean_of_runs(runs / "first", runs / "second", tmp_path / "mean", lambda _: {})
    with pytest.raises(ConfigError, match="differs from this run's configuration"):
        mean_of_runs(runs / "second", runs / "first", tmp_path / "mean", lambda _: {})
