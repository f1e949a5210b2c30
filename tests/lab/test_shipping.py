"""Train, export, read: a whole round on tiny networks, and the export by itself."""

import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from platestream.core.errors import ConfigError, ModelContractError
from platestream.core.types import Reading
from platestream.lab.export import TOLERANCE, export_onnx
from platestream.lab.networks.eqlpr import Arch, EqLpr, NetworkConfig, soft_cap
from platestream.lab.render.output import write_crops
from platestream.lab.shipping import _eqlpr_shipments, ship
from platestream.lab.train.eqlpr import EqLprConfig, load_network
from platestream.lab.train.loop import LoopConfig
from platestream.lab.train.reader import train_reader
from platestream.lab.train.reader_inputs import PlateData
from platestream.models.cards import load_card
from platestream.models.preprocess import make_patch
from platestream.models.quality import OnnxQuality
from platestream.models.reader import OnnxReader
from platestream.models.registry import ARCHITECTURES

LOOP = LoopConfig(2, validate_every=2, num_workers=1)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of all four, trained for a moment on rendered plates and a folder of labels."""
    root = tmp_path_factory.mktemp("round")
    write_crops(root / "data" / "crops" / "rendered", 20, seed=1)
    data = PlateData(root / "data", num_templates=8, batch_size=4)
    for arch, init_from in (("s", None), ("e", root / "s"), ("p", None), ("nano", root / "p")):
        network = NetworkConfig(arch, width=0.0625)  # type: ignore[arg-type]
        config = EqLprConfig(network, num_steps=2, init_from=init_from)
        metrics = train_reader(config, data, root / arch, LOOP)
        assert set(metrics) == {"rendered", "accuracy", "score_auc", "quality_auc"}
        ship(root / arch, root / "models")
    return root


@pytest.mark.parametrize("arch", ["s", "e", "p", "nano"])
def test_the_shipped_networks_compute_what_was_trained(models: Path, arch: str) -> None:
    network = load_network(models / arch)
    weights = ARCHITECTURES[arch]
    reader, quality_net = (
        load_card(name, models / "models") for name in (weights.reader, weights.quality)
    )
    rgb = np.random.default_rng(0).integers(0, 256, (40, 150, 3), np.uint8)
    patch = torch.from_numpy(make_patch(rgb))[None]
    with torch.no_grad():
        probs = network.read(patch).softmax(2)[0].numpy()
        score = network.score(patch)
        # Nano's score ends in a sigmoid; the paper's knows no upper bound.
        quality = float(score if arch == "nano" else soft_cap(score))
    reading = OnnxReader(reader.read_weights())(rgb)
    np.testing.assert_allclose(reading.char_probs, probs, atol=TOLERANCE)
    assert reading.text == Reading.from_probs(probs).text
    assert OnnxQuality(quality_net.read_weights())(rgb) == pytest.approx(quality, abs=TOLERANCE)


def test_a_network_for_higher_patches_is_fed_them_in_training_and_at_run_time(
    models: Path, tmp_path: Path
) -> None:
    config = EqLprConfig(NetworkConfig("nano", width=0.0625, height_px=64), num_steps=2)
    data = PlateData(models / "data", num_templates=8, batch_size=4)
    train_reader(config, data, tmp_path / "run", LOOP)
    quality_card, reader_card = ship(tmp_path / "run", tmp_path / "models")
    assert "(N, 64, 128, 3)" in reader_card.input
    rgb = np.random.default_rng(0).integers(0, 256, (80, 150, 3), np.uint8)
    network, patch = load_network(tmp_path / "run"), torch.from_numpy(make_patch(rgb, 64))[None]
    with torch.no_grad():
        probs, score = network.read(patch).softmax(2)[0].numpy(), float(network.score(patch))
    reading = OnnxReader(reader_card.read_weights())(rgb)
    np.testing.assert_allclose(reading.char_probs, probs, atol=TOLERANCE)
    assert OnnxQuality(quality_card.read_weights())(rgb) == pytest.approx(score, abs=TOLERANCE)


def test_a_quality_branch_learns_from_a_shipped_reader_of_ours(
    models: Path, tmp_path: Path
) -> None:
    data = PlateData(models / "data", num_templates=8, batch_size=4)
    network = NetworkConfig("nano", width=0.0625)
    for reader in ("reader-nano", "reader-p"):
        start = models / "models" / f"{reader}.onnx"
        config = EqLprConfig(network, num_steps=2, quality_every=1, init_from=start)
        if reader == "reader-nano":
            train_reader(config, data, tmp_path / reader, LOOP)
            (card,) = ship(tmp_path / reader, tmp_path / "models")
            assert card.name == "quality-nano"
        else:
            with pytest.raises(ConfigError, match="its decoder is of another kind"):
                train_reader(config, data, tmp_path / reader, LOOP)


def test_e_ships_no_reader_of_its_own(models: Path) -> None:
    names = sorted(path.name for path in (models / "models").glob("*.onnx"))
    assert names == [
        *("quality-e.onnx", "quality-nano.onnx", "quality-p.onnx", "quality-s.onnx"),
        *("reader-nano.onnx", "reader-p.onnx", "reader-s.onnx"),
    ]


@pytest.mark.parametrize(
    ("arch", "options", "names"),
    [
        ("nano", {"quality_from": 5}, ["reader-nano"]),
        ("nano", {"quality_every": 1}, ["quality-nano"]),
        ("nano", {}, ["quality-nano", "reader-nano"]),
        ("e", {}, ["quality-e"]),
    ],
)
def test_only_what_a_run_has_trained_ships(
    arch: Arch, options: dict[str, int], names: list[str]
) -> None:
    network = NetworkConfig(arch, width=0.0625)
    run = EqLprConfig(network, num_steps=5, **options)  # type: ignore[arg-type]
    assert [each.name for each in _eqlpr_shipments(EqLpr(network), run)] == names


def test_the_weights_tell_nothing_of_the_machine_that_made_them(models: Path) -> None:
    for path in (models / "models").glob("*.onnx"):
        weights = path.read_bytes()
        assert str(Path.cwd()).encode() not in weights
        assert b"heads.py" not in weights


def test_a_card_tells_what_the_run_saw(models: Path) -> None:
    card = load_card("reader-s", models / "models")
    assert card.trained_on == ("rendered",)
    assert card.run["network"]["width"] == 0.0625
    assert "accuracy" in card.metrics
    assert card.read_weights()


class Doubler(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-1, 1, 300))

    def forward(self, rgb: Tensor) -> Tensor:
        return rgb.float().mean() * self.weight


def test_large_weights_are_halved_and_the_result_is_the_same(tmp_path: Path) -> None:
    example = torch.randint(0, 2, (2, 4, 4, 3), dtype=torch.uint8)
    model = onnx.load_from_string(export_onnx(Doubler(), [example], ["out"], {}))
    (stored,) = [t for t in model.graph.initializer if np.prod(t.dims) == 300]
    assert stored.data_type == onnx.TensorProto.FLOAT16
    assert logging.getLogger("torch.onnx").level == logging.NOTSET, "no one else is muted"


def test_a_network_that_cannot_be_kept_in_half_is_refused() -> None:
    network = Doubler()
    with torch.no_grad():
        network.weight.fill_(1e-9)  # float16 knows only 0 there
        network.weight[0] = 70_000.0  # and no such number
    example = torch.ones((2, 4, 4, 3), dtype=torch.uint8)
    with pytest.raises(ModelContractError, match="is off by"), np.errstate(all="ignore"):
        export_onnx(network, [example], ["out"], {})
