"""The shipped reader says where drawn plates are from, by their picture."""

import numpy as np
import pytest

from platestream.core.origin import REGIONS
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import layouts_of
from platestream.models.cards import load_card
from platestream.models.reader import OnnxReader

SEED = 4040
"""Of no training run."""


@pytest.mark.parametrize(
    ("layout", "region"),
    [("cn_blue", "CN"), ("br_old", "BR"), ("uz", "UZ"), ("ru", "RU"), ("us_vanity", "US")],
)
def test_most_drawn_plates_are_told(layout: str, region: str) -> None:
    card = load_card("reader-nano")
    read = OnnxReader(card.read_weights(), alphabet=card.alphabet)
    shares = []
    for index in range(20):
        rng = np.random.default_rng((SEED, index))
        _, _, plate = draw_plate(rng, GlyphBook(None), layouts_of([layout]))
        said = read(shoot(plate, Camera.sample(rng).upright(), rng)).region_log_probs
        assert said is not None, "train the head: platestream train regions --models ..."
        shares.append(float(np.exp(said[REGIONS.index(region)])))
    assert np.mean(np.array(shares) > 0.5) >= 0.7, shares
