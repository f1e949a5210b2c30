"""What keeps a taught reader from forgetting, on a network of toy size."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.lab.networks.eqlpr import EqLpr, NetworkConfig
from platestream.lab.train.loop import Batch
from platestream.lab.train.tune import Tuner, Views


def batches_of(*texts: str, seed: int = 0) -> Callable[[int], Batch]:
    """Noise that is said to show some plates, the same noise at each step."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 256, (len(texts), 32, 128, 3)).astype(np.uint8)
    return lambda _: {"patches": patches, "targets": np.stack([encode(text) for text in texts])}


@pytest.fixture
def network() -> EqLpr:
    """With batch norms that know such pictures, as those of a trained network do."""
    torch.manual_seed(0)
    network = EqLpr(NetworkConfig("nano", 0.1))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network.train().read(torch.from_numpy(np.array(batches_of("A", "B")(0)["patches"])))
    return network


def test_what_the_frozen_layers_make_of_a_view_is_what_the_network_sees(network: EqLpr) -> None:
    batches = batches_of("AB12", "CD3")
    views = Tuner(network, 0).see(batches, 1)
    with torch.no_grad():
        whole = network.read(torch.from_numpy(np.array(batches(0)["patches"])))
    torch.testing.assert_close(views.said, whole.log_softmax(2), atol=1e-4, rtol=1e-4)


def test_own_plates_are_learned_and_the_first_layers_stay(network: EqLpr) -> None:
    tuner = Tuner(network, 0)
    own, rendered = tuner.see(batches_of("AB12"), 1), tuner.see(batches_of("X7", seed=1), 1)
    first = network.reader_trunk[0][0].weight.clone()
    told: list[int] = []
    took = tuner.teach(own, rendered, 300, told.append)
    assert tuner.share_right(own) == 1
    assert told == list(range(1, took + 1))
    assert torch.equal(network.reader_trunk[0][0].weight, first)


def test_it_stops_where_nothing_is_left_to_learn(
    network: EqLpr, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = Tuner(network, 0)
    views = tuner.see(batches_of("AB12"), 1)
    monkeypatch.setattr("platestream.lab.train.tune.COOLING", 5)
    monkeypatch.setattr("platestream.lab.train.tune.DONE_LOSS", 99.0)
    assert tuner.teach(views, views, 300, lambda _: None) == 5, "it still cools down"
    monkeypatch.setattr("platestream.lab.train.tune.DONE_LOSS", 0.0)
    assert tuner.teach(views, views, 20, lambda _: None) == 20


def test_what_was_known_was_read_rightly_and_surely() -> None:
    """Three views of AB: sure and right, right and unsure, sure and wrong."""
    targets = torch.from_numpy(np.stack([encode("AB")] * 3))
    shown = torch.from_numpy(np.stack([encode("AB"), encode("AB"), encode("AC")]))
    said = torch.full((3, NUM_STEPS, NUM_CLASSES), -12.0)
    said.scatter_(2, shown[..., None], 0.0)
    said[1, 1, int(encode("AC")[1])] = -0.1  # nearly as likely as the B
    views = Views(torch.arange(3.0), targets, said.log_softmax(2))
    assert views.known().tolist() == [True, False, False]
    assert views.only(views.known()).seen.tolist() == [0]


def test_it_goes_back_to_where_nothing_is_forgotten(network: EqLpr) -> None:
    tuner = Tuner(network, 0)
    check = tuner.see(batches_of("X7", seed=1), 1)
    tuner.teach(check, check, 300, lambda _: None)
    assert tuner.share_right(check) == 1
    knew = tuner.weights()
    assert tuner.go_back(knew, check) == 1, "nothing was lost, so nothing is taken back"
    with torch.no_grad():
        network.reader_head.classify.bias += (
            torch.eye(len(network.reader_head.classify.bias))[9] * 1e3
        )
    assert tuner.share_right(check) == 0
    assert tuner.go_back(knew, check) == 0, "half of it forgets, too"
    assert all(map(torch.equal, tuner.weights(), knew))
    assert tuner.share_right(check) == 1
