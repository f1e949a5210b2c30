"""P, S and E: sizes worked out by hand, and who shares what."""

import pytest
import torch
from torch import nn

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.networks.eqlpr import (
    Arch,
    EqLpr,
    NetworkConfig,
    QualityNetwork,
    ReaderNetwork,
    soft_cap,
)
from platestream.lab.networks.heads import ParallelHead, QualityHead, ReaderHead
from platestream.lab.networks.trunk import LIGHT_TRUNK, TRUNK, Pools, Trunk, grey_input

# Weights of each 3x3 convolution: 9 * in * out.
TRUNK_WEIGHTS = [432, 4608, 9216, 18432, 36864, 73728, 147456, 294912, 589824, 1179648]
LIGHT_WEIGHTS = [576, 73728, 294912, 1179648]
# Positions each is applied to on a 32x128 patch.
TRUNK_POSITIONS = {
    "wide": [4096, 4096, 4096, 1024, 1024, 256, 256, 128, 128, 64],
    "square": [4096, 4096, 4096, 1024, 1024, 256, 256, 64, 64, 16],
}
LIGHT_POSITIONS = {"wide": [4096, 1024, 128, 64], "square": [4096, 1024, 64, 16]}


def tiny(arch: Arch, **options: object) -> EqLpr:
    torch.manual_seed(0)
    return EqLpr(NetworkConfig(arch, width=0.0625, **options))  # type: ignore[arg-type]


def patches(num: int, height_px: int = 32) -> torch.Tensor:
    return torch.randint(0, 256, (num, height_px, 128, 3), dtype=torch.uint8)


@pytest.mark.parametrize("pools", ["wide", "square"])
def test_trunk_counts(pools: Pools) -> None:
    trunk = Trunk(TRUNK, 3, pools=pools)
    # Batch norm has a scale and a shift for each of the 1,488 channels.
    assert count_parameters(trunk) == sum(TRUNK_WEIGHTS) + 2 * 1488 == 2_358_096
    macs = sum(w * p for w, p in zip(TRUNK_WEIGHTS, TRUNK_POSITIONS[pools], strict=True))
    assert count_macs(trunk, torch.zeros(1, 3, 32, 128)) == macs
    assert macs == {"wide": 360_382_464, "square": 247_136_256}[pools]


@pytest.mark.parametrize("pools", ["wide", "square"])
def test_light_trunk_counts(pools: Pools) -> None:
    trunk = Trunk(LIGHT_TRUNK, 1, pools=pools)
    assert count_parameters(trunk) == sum(LIGHT_WEIGHTS) + 2 * 960 == 1_550_784
    macs = sum(w * p for w, p in zip(LIGHT_WEIGHTS, LIGHT_POSITIONS[pools], strict=True))
    assert count_macs(trunk, torch.zeros(1, 1, 32, 128)) == macs


def test_quality_head_counts() -> None:
    # F is 2x32; both pools make 1x16 of 512 channels: 16,384 numbers to 64, to 1.
    head = QualityHead(512, (2, 32))
    assert count_parameters(head) == (16_384 * 64 + 64) + (64 + 1)
    assert count_macs(head, torch.zeros(1, 512, 2, 32)) == 16_384 * 64 + 64


def test_reader_head_counts() -> None:
    convolution = 9 * 512 * 512 + 2 * 512
    encoder = 2 * (4 * 256 * (512 + 256) + 2 * 4 * 256)
    attention = (512 * 256 + 256) + 256 * 256 + 256
    decoder = 4 * 256 * (768 + 256) + 2 * 4 * 256
    ends = 256 * NUM_CLASSES + (768 * NUM_CLASSES + NUM_CLASSES)
    head = ReaderHead(512)
    assert count_parameters(head) == convolution + encoder + attention + decoder + ends
    # F is 2x32: 32 positions to convolve, encode and attend to, in each of T steps.
    macs = 32 * (9 * 512 * 512 + 2 * 4 * 256 * (512 + 256) + 512 * 256)
    macs += NUM_STEPS * (256 * 256 + 32 * 256 + 4 * 256 * (768 + 256) + 768 * NUM_CLASSES)
    assert count_macs(head, torch.zeros(1, 512, 2, 32)) == macs


def test_parallel_head_counts() -> None:
    convolution = 9 * 512 * 512 + 2 * 512
    encoder = 2 * (4 * 256 * (512 + 256) + 2 * 4 * 256)
    attention = (512 * 256 + 256) + NUM_STEPS * 256
    ends = (512 * 512 + 512) + (512 * NUM_CLASSES + NUM_CLASSES)
    assert count_parameters(ParallelHead(512)) == convolution + encoder + attention + ends


def test_our_decoder_needs_not_know_what_stands_before() -> None:
    network = tiny("nano").eval()
    crops = patches(3)
    targets = torch.randint(0, NUM_CLASSES, (3, NUM_STEPS))
    with torch.no_grad():
        logits = network.read(crops)
        torch.testing.assert_close(network.read(crops, targets), logits)
    assert logits.shape == (3, NUM_STEPS, NUM_CLASSES)
    # Each place has its own query: no two places say the same.
    assert (logits[:, 0] - logits[:, 1]).abs().max() > 1e-4


def test_width_multiplies_every_channel() -> None:
    half = Trunk(TRUNK, 3, width=0.5)
    widths = [m.out_channels for m in half.modules() if isinstance(m, nn.Conv2d)]
    assert widths == [8, 16, 16, 32, 32, 64, 64, 128, 128, 256]


def test_every_convolution_is_3x3() -> None:
    for arch in ("p", "s", "e"):
        kernels = {m.kernel_size for m in tiny(arch).modules() if isinstance(m, nn.Conv2d)}
        assert kernels == {(3, 3)}


def ids(module: nn.Module) -> set[int]:
    return {id(parameter) for parameter in module.parameters()}


def test_s_shares_every_trunk_parameter_and_p_none() -> None:
    s, p = tiny("s"), tiny("p")
    assert ids(s.reader_trunk) == ids(s.quality_trunk) != set()
    assert not ids(p.reader_trunk) & ids(p.quality_trunk)
    # P's two trunks are the same network but for the grey input.
    reader, quality = count_parameters(p.reader_trunk), count_parameters(p.quality_trunk)
    assert reader - quality == 9 * 2 * 1


def test_e_scores_with_the_light_trunk_alone() -> None:
    e = tiny("e")
    assert not ids(e.reader_trunk) & ids(e.quality_trunk)
    light = Trunk(LIGHT_TRUNK, 1, width=0.0625)
    shapes = [tuple(parameter.shape) for parameter in e.quality_trunk.parameters()]
    assert shapes == [tuple(parameter.shape) for parameter in light.parameters()]
    crops = patches(2)
    with torch.no_grad():
        before = e.eval().score(crops)
        for parameter in e.reader_trunk.parameters():
            parameter.fill_(0.0)
        torch.testing.assert_close(e.score(crops), before)


@pytest.mark.parametrize("pools", ["wide", "square"])
@pytest.mark.parametrize("height_px", [32, 64])
@pytest.mark.parametrize("arch", ["p", "s", "e"])
def test_both_branches_agree_on_the_feature_map(arch: Arch, height_px: int, pools: Pools) -> None:
    network = tiny(arch, height_px=height_px, pools=pools).eval()
    crops = patches(2, height_px)
    with torch.no_grad():
        features = network.reader_features(crops)
        assert features.shape == network.quality_features(crops).shape
        assert features.shape[2:] == network.config.feature_size
        assert network.read(crops).shape == (2, NUM_STEPS, NUM_CLASSES)
        assert network.score(crops).shape == (2,)


def test_teacher_forcing_with_the_greedy_reading_changes_nothing() -> None:
    network = tiny("p").eval()
    crops = patches(3)
    with torch.no_grad():
        greedy = network.read(crops)
        forced = network.read(crops, greedy.argmax(2))
    torch.testing.assert_close(forced, greedy)


def test_what_ships_computes_what_was_trained() -> None:
    network = tiny("s").eval()
    crops = patches(2)
    with torch.no_grad():
        probs = ReaderNetwork(network)(crops)
        torch.testing.assert_close(probs, network.read(crops).softmax(2))
        torch.testing.assert_close(probs.sum(2), torch.ones(2, NUM_STEPS))
        quality = QualityNetwork(network)(crops)
        torch.testing.assert_close(quality, soft_cap(network.score(crops)))


def test_grey_is_luma() -> None:
    red = torch.tensor([[[[255, 0, 0]]]], dtype=torch.uint8)
    assert grey_input(red).item() == pytest.approx(0.299 * 2 - 1)


def test_the_soft_cap_keeps_the_order_and_stays_below_one() -> None:
    scores = torch.linspace(0, 3, 61)
    capped = soft_cap(scores)
    assert (capped.diff() > 0).all()
    assert capped.max() < 1
    torch.testing.assert_close(capped[scores <= 0.7], scores[scores <= 0.7])
    # By hand: 0.3 of room, two rooms above.
    assert soft_cap(torch.tensor([1.3])).item() == pytest.approx(1 - 0.3 * 2.718281828**-2)
