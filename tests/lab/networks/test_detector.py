"""The detector network: sizes, peaks, and where plates lie when its heads say nothing."""

import math

import pytest
import torch

from platestream.lab.networks.detector import PlateDetector


@pytest.fixture(scope="module")
def network() -> PlateDetector:
    torch.manual_seed(0)
    return PlateDetector((4, 4, 8, 8, 8)).eval()


def pictures(count: int, height: int = 64, width: int = 96) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, height, width, 3), dtype=torch.uint8, generator=generator)


def test_stays_small() -> None:
    assert sum(p.numel() for p in PlateDetector().parameters()) < 500_000


@torch.no_grad()
def test_a_cell_is_eight_pixels(network: PlateDetector) -> None:
    scores, boxes, quads = network(pictures(2, 64, 96))
    assert scores.shape == (2, 1, 8, 12)
    assert boxes.shape == (2, 4, 8, 12)
    assert quads.shape == (2, 8, 8, 12)


@torch.no_grad()
def test_only_the_highest_of_nine_cells_stay(network: PlateDetector) -> None:
    rgb = pictures(1)
    heat = network.raw(rgb)[0].sigmoid()[0, 0]
    scores = network(rgb)[0][0, 0]
    for row in range(heat.shape[0]):
        for column in range(heat.shape[1]):
            around = heat[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
            is_peak = heat[row, column] == around.max()
            assert scores[row, column] == (heat[row, column] if is_peak else 0)


@torch.no_grad()
def test_an_untrained_box_is_centred_on_its_cell() -> None:
    network = PlateDetector((4, 4, 8, 8, 8)).eval()
    network.box.weight.zero_()
    boxes = network(pictures(1))[1][0]
    half_width, half_height = 8 * math.exp(2.1) / 2, 8 * math.exp(1.1) / 2
    x, y = 8 * 5 + 4, 8 * 2 + 4
    expected = [x - half_width, y - half_height, x + half_width, y + half_height]
    assert boxes[:, 2, 5].tolist() == pytest.approx(expected)


@torch.no_grad()
def test_corners_that_say_nothing_are_those_of_the_box() -> None:
    network = PlateDetector((4, 4, 8, 8, 8)).eval()
    network.corners.weight.zero_()
    network.corners.bias.copy_(torch.tensor([0.0] * 7 + [0.5]))
    _, boxes, quads = network(pictures(1))
    x1, y1, x2, y2 = boxes[0, :, 2, 5].tolist()
    # The last corner lies half of half the height further down.
    expected = [x1, y1, x2, y1, x2, y2, x1, y2 + (y2 - y1) / 4]
    assert quads[0, :, 2, 5].tolist() == pytest.approx(expected)


@torch.no_grad()
def test_a_picture_is_judged_by_itself(network: PlateDetector) -> None:
    rgb = pictures(3)
    for together, alone in zip(network(rgb), network(rgb[1:2]), strict=True):
        torch.testing.assert_close(together[1:2], alone, atol=1e-4, rtol=1e-4)


def test_every_parameter_learns(network: PlateDetector) -> None:
    logits, boxes, quads = network.raw(pictures(1))
    torch.autograd.backward(logits.sum() + boxes.sum() + quads.square().sum())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
