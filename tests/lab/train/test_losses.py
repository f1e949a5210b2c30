"""What networks are pulled towards, by hand."""

import numpy as np
import pytest
import torch

from platestream.core.alphabet import END, NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import Reading
from platestream.lab.train.losses import (
    RANKING_SCALE,
    distillation_loss,
    legibility,
    ranking_loss,
    reader_loss,
    truth,
)


def test_reader_loss_counts_characters_and_the_end_but_no_padding() -> None:
    targets = torch.from_numpy(encode("A1"))[None]
    logits = torch.zeros(1, NUM_STEPS, NUM_CLASSES)
    # Even odds everywhere, and nonsense after the end, which must not matter.
    logits[:, 3:, 5] = 50.0
    assert reader_loss(logits, targets).item() == pytest.approx(np.log(NUM_CLASSES), rel=1e-5)


def test_legibility_is_the_least_confident_character_up_to_the_end() -> None:
    probs = np.full((NUM_STEPS, NUM_CLASSES), 1e-6)
    for step, (index, value) in enumerate([(11, 0.9), (2, 0.6), (END, 0.8), (4, 0.2)]):
        probs[step] = (1 - value) / (NUM_CLASSES - 1)
        probs[step, index] = value
    logits = torch.from_numpy(np.log(probs))[None].requires_grad_()
    alpha = legibility(logits)
    assert alpha.item() == pytest.approx(0.6, abs=1e-6)
    assert not alpha.requires_grad
    # The same rule as at run time.
    assert Reading.from_probs(probs.astype(np.float32)).score == pytest.approx(0.6, abs=1e-6)


def test_distillation_loss_by_hand() -> None:
    student, teacher = torch.zeros(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    teacher[0] = 3.0
    assert distillation_loss(student, teacher).item() == pytest.approx((3.0 + 0.0) / 2)


def test_truth_is_the_least_likely_character_of_the_label() -> None:
    probs = np.full((1, NUM_STEPS, NUM_CLASSES), 1e-6, np.float32)
    label = encode("A1")
    # Sure of A, sure of a wrong second character, sure of the end.
    probs[0, 0, label[0]] = probs[0, 1, 40] = probs[0, 2, END] = 0.97
    probs[0, 1, label[1]] = 0.02
    logits, targets = torch.from_numpy(np.log(probs)), torch.from_numpy(label)[None]
    assert truth(logits, targets).item() == pytest.approx(0.02, rel=0.02)
    assert legibility(logits).item() > 0.9


def test_ranking_loss_by_hand() -> None:
    scale = RANKING_SCALE
    # One pair that matters, 0.6 apart: weight cancels, the loss is softplus of the difference.
    loss = ranking_loss(torch.tensor([[0.5, 0.3]]), torch.tensor([[0.8, 0.2]]))
    assert loss.item() == pytest.approx(np.log1p(np.exp(-0.2 / scale)), rel=1e-4)
    wrong = ranking_loss(torch.tensor([[0.3, 0.5]]), torch.tensor([[0.8, 0.2]]))
    assert wrong.item() == pytest.approx(np.log1p(np.exp(0.2 / scale)), rel=1e-4)
    # Equal targets ask for no order; another plate's views are never compared.
    assert ranking_loss(torch.tensor([[0.5, 0.3]]), torch.tensor([[0.4, 0.4]])).item() == 0
    apart = ranking_loss(torch.tensor([[0.5], [0.3]]), torch.tensor([[0.1], [0.9]]))
    assert apart.item() == 0
