import numpy as np
import pytest

from platestream.lab.render.fonts import GlyphBook


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_240_501)


@pytest.fixture(scope="session")
def book() -> GlyphBook:
    return GlyphBook()
