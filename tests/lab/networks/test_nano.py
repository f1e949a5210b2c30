"""Nano's sizes, worked out by hand, and what its head may give."""

import torch

from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.networks.eqlpr import EqLpr, NetworkConfig, QualityNetwork
from platestream.lab.networks.nano import NanoHead, NanoTrunk


def test_counts() -> None:
    trunk = NanoTrunk()
    # Stem, then depthwise 3x3 and 1x1 of each block.
    depthwise, pointwise = [288, 432, 576], [1536, 3072, 6144]
    norms = 2 * (32 + (32 + 48) + (48 + 64) + (64 + 96))
    assert count_parameters(trunk) == sum([1536, *depthwise, *pointwise]) + norms
    positions = [256, 128, 64]
    macs = 1536 * 256
    macs += sum((d + p) * at for d, p, at in zip(depthwise, pointwise, positions, strict=True))
    assert count_macs(trunk, torch.zeros(1, 3, 32, 128)) == macs


def test_it_is_within_its_budget() -> None:
    network = QualityNetwork(EqLpr(NetworkConfig("nano", width=0.5)))
    assert count_parameters(network) <= 100_000
    assert count_macs(network, torch.zeros(1, 32, 128, 3, dtype=torch.uint8)) <= 5_000_000


def test_its_map_has_the_shape_of_the_readers() -> None:
    network = EqLpr(NetworkConfig("nano", width=0.0625))
    patches = torch.zeros(2, 32, 128, 3, dtype=torch.uint8)
    features = network.projection(network.quality_features(patches))
    assert features.shape == network.reader_features(patches).shape


def test_scores_lie_between_0_and_1() -> None:
    torch.manual_seed(0)
    scores = NanoHead(8)(torch.randn(64, 8, 2, 32) * 30)
    assert scores.shape == (64,)
    assert scores.min() >= 0
    assert scores.max() <= 1
