"""A shipped reader becomes a torch network again, and computes what it computed."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.export import export_onnx
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.networks.eqlpr import (
    Arch,
    EqLpr,
    NetworkConfig,
    QualityNetwork,
    ReaderNetwork,
)
from platestream.lab.quantize import quantize
from platestream.lab.render.bank import build_bank
from platestream.lab.train.adopt import adopt_quality, adopt_reader
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.lab.train.plates import PlateBatches
from platestream.models.cards import WEIGHTS_DIR, load_card
from platestream.models.registry import ARCHITECTURES
from platestream.models.session import open_session

TINY = NetworkConfig("nano", width=0.0625)


def lively(arch: Arch) -> EqLpr:
    """A network whose batch norms are not what they start as."""
    torch.manual_seed(1)
    network = EqLpr(NetworkConfig(arch, width=0.0625)).train()
    with torch.no_grad():
        for _ in range(20):
            network.read(patches(8))
        for name, parameter in network.named_parameters():
            if "conv" in name or name.startswith("reader_trunk"):
                parameter.mul_(1.2).add_(0.05)
    return network.eval()


def patches(num: int) -> torch.Tensor:
    return torch.randint(0, 256, (num, 32, 128, 3), dtype=torch.uint8)


def exported(network: EqLpr) -> bytes:
    free = {0: torch.export.Dim("batch", max=4096)}
    return export_onnx(ReaderNetwork(network), [patches(2)], ["char_probs"], free)


@cache
def weights(arch: Arch) -> bytes:
    """A lively reader's file; exporting takes seconds, so each is exported once."""
    return exported(lively(arch))


def save(arch: Arch, path: Path, *, integers: bool) -> Path:
    torch.manual_seed(3)
    whole = weights(arch)
    ops = ("Conv", "Relu", "MaxPool", "LSTM")
    path.write_bytes(quantize(whole, list(patches(8).numpy()), ops) if integers else whole)
    return path


@pytest.mark.parametrize("source", ["p", "nano"])
@pytest.mark.parametrize("integers", [False, True])
def test_trunk_and_encoder_compute_the_same(tmp_path: Path, source: Arch, integers: bool) -> None:
    shipped = lively(source)
    file = save(source, tmp_path / "reader.onnx", integers=integers)
    torch.manual_seed(2)
    network, crops = EqLpr(TINY), patches(64)
    adopt_reader(network, file, crops)
    with torch.no_grad():
        wanted = shipped.reader_head.encoder(shipped.reader_features(crops))
        found = network.eval().reader_head.encoder(network.reader_features(crops))
        # Trained on, it must start from there too: batch statistics are those it was given.
        learning = network.train().reader_head.encoder(network.reader_features(crops))
    tolerance = 0.02 if integers else 2e-3
    assert np.abs((found - wanted).numpy()).mean() < tolerance * wanted.abs().mean()
    assert np.abs((learning - wanted).numpy()).mean() < tolerance * wanted.abs().mean()


@pytest.mark.parametrize("arch", ["p", "nano"])
@pytest.mark.parametrize("integers", [False, True])
def test_between_two_of_a_kind_the_decoder_comes_along(
    tmp_path: Path, arch: Arch, integers: bool
) -> None:
    shipped = lively(arch)
    file = save(arch, tmp_path / "reader.onnx", integers=integers)
    torch.manual_seed(2)
    network, crops = EqLpr(NetworkConfig(arch, TINY.width)), patches(64)
    assert adopt_reader(network, file, crops)
    wanted = shipped.reader_head.state_dict()
    for name, found in network.reader_head.state_dict().items():
        if not name.startswith("encoder."):
            # The file holds half floats.
            assert torch.allclose(found, wanted[name], atol=2e-3), name


def forget(head: torch.nn.Module) -> None:
    """Make a head one of eleven characters and 79 classes, as the first that shipped."""
    for name, parameter in dict(head.named_parameters()).items():
        size = {"queries": 11, "embedding.weight": 79}.get(name, 79 if "classify" in name else 0)
        if size:
            owner, _, last = name.rpartition(".")
            setattr(head.get_submodule(owner), last, torch.nn.Parameter(parameter[:size]))


@pytest.mark.parametrize("arch", ["p", "nano"])
def test_what_a_file_never_learned_is_added_and_not_read(tmp_path: Path, arch: Arch) -> None:
    shipped = lively(arch)
    forget(shipped.reader_head)
    file = tmp_path / "reader.onnx"
    file.write_bytes(exported(shipped))
    network, crops = EqLpr(NetworkConfig(arch, TINY.width)), patches(64)
    assert adopt_reader(network, file, crops)
    with torch.no_grad():
        logits = network.eval().read(crops)
        assert logits.shape == (64, NUM_STEPS, NUM_CLASSES)
        wanted = shipped.read(crops)
    torch.testing.assert_close(logits[:, :11, :79], wanted[:, :11], atol=0.05, rtol=0.05)
    weight = network.reader_head.classify.weight.detach()
    born, apart = weight[CHARACTERS.index("Ü") + 1], weight - weight[CHARACTERS.index("Ü") + 1]
    nearest = apart[:79].norm(dim=1).argmin()
    assert nearest == CHARACTERS.index("U") + 1
    assert born.shape == weight[0].shape


@pytest.mark.parametrize("arch", ["p", "s", "e", "nano"])
def test_a_quality_branch_scores_as_the_file_that_ships(arch: Arch) -> None:
    names = ARCHITECTURES.choose(arch)
    network = EqLpr(NetworkConfig(arch, 0.5))
    # Plates: on noise integers run out of their range.
    plates = PlateBatches(build_bank(16, 0), [], 64, 0, 0.0)(0)["patches"]
    crops = torch.from_numpy(plates)
    adopt_reader(network, WEIGHTS_DIR / f"{names.reader}.onnx", crops)
    adopt_quality(network, WEIGHTS_DIR / f"{names.quality}.onnx", crops)
    with torch.no_grad():
        found = QualityNetwork(network.eval())(crops)
    session = open_session(load_card(names.quality).read_weights())
    (wanted,) = session.run(None, {"rgb": crops.numpy()})
    assert np.abs(found.numpy() - wanted).mean() < 0.02
    with pytest.raises(ModelContractError, match="not a quality network"):
        adopt_quality(network, WEIGHTS_DIR / "detector.onnx", crops)


def test_of_s_each_branch_has_its_own_averages_again(tmp_path: Path) -> None:
    torch.manual_seed(4)
    shipped = EqLpr(NetworkConfig("s", TINY.width)).train()
    with torch.no_grad():
        for _ in range(20):
            shipped.read(patches(8))
            shipped.score(patches(8) // 3)  # darker, so the averages are others
    shipped.eval()
    reader, quality = tmp_path / "reader.onnx", tmp_path / "quality.onnx"
    reader.write_bytes(exported(shipped))
    free = {0: torch.export.Dim("batch", max=4096)}
    quality.write_bytes(export_onnx(QualityNetwork(shipped), [patches(2)], ["quality"], free))
    network, crops = EqLpr(NetworkConfig("s", TINY.width)), patches(64)
    adopt_reader(network, reader, crops)
    adopt_quality(network, quality, crops)
    with torch.no_grad():
        wanted, found = (each.eval().quality_features(crops // 3) for each in (shipped, network))
        read, again = (each.reader_features(crops) for each in (shipped, network))
    assert wanted.std() > 0.1, "it sees something"
    assert (found - wanted).abs().mean() < 0.01 * wanted.abs().mean()
    assert (again - read).abs().mean() < 0.01 * read.abs().mean()


@pytest.mark.parametrize("content", [b"no network at all", b""])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "reader.onnx"
    file.write_bytes(content)
    with pytest.raises(ModelContractError, match=r"reader\.onnx: no"):
        adopt_reader(EqLpr(TINY), file, patches(2))
    with pytest.raises(ModelContractError, match=r"reader\.onnx: no"):
        adopt_detector(PlateDetector(), file, patches(2))


@pytest.mark.parametrize(("source", "into"), [("p", "nano"), ("nano", "p")])
def test_a_decoder_of_the_other_kind_does_not(tmp_path: Path, source: Arch, into: Arch) -> None:
    file = save(source, tmp_path / "reader.onnx", integers=False)
    assert not adopt_reader(EqLpr(NetworkConfig(into, TINY.width)), file, patches(8))


def test_a_reader_of_another_width_is_refused(tmp_path: Path) -> None:
    file = save("p", tmp_path / "reader.onnx", integers=False)
    with pytest.raises(ModelContractError, match="name another file"):
        adopt_reader(EqLpr(NetworkConfig("nano", width=0.125)), file, patches(2))


def test_no_file_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"a network's \.onnx"):
        adopt_reader(EqLpr(TINY), tmp_path / "nothing.onnx", patches(2))
