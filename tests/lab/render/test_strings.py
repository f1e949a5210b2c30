import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import DIGITS, LATIN, PROVINCES, decode, encode
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.strings import BLOT, FOREIGN, SEAL, SERIES, TUNIS, label, write


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        ("aaa-dddd", r"[A-Z]{3}-[0-9]{4}"),
        ("n|dd", r"[1-9]\|[0-9]{2}"),
        ("pa·xx", rf"[{PROVINCES}][A-Z]·[A-Z0-9]{{2}}"),
        ("{KA|MH|aa} dd", r"[A-Z]{2} [0-9]{2}"),
        ("ddh dtd", rf"[0-9]{{2}}[{SERIES}] [0-9]{TUNIS}[0-9]"),
    ],
)
def test_a_pattern_is_filled_in(pattern: str, shape: str, rng: np.random.Generator) -> None:
    for _ in range(50):
        assert re.fullmatch(shape, write(pattern, rng))


def test_a_choice_may_be_a_pattern(rng: np.random.Generator) -> None:
    seen = {write("{KA|d}", rng) for _ in range(300)}
    assert seen == {"KA", *DIGITS}


def test_only_the_letters_of_the_country_are_used(rng: np.random.Generator) -> None:
    assert set(write("a" * 200, rng, "AB")) == {"A", "B"}
    assert set(write("x" * 500, rng, "AB")) == {"A", "B", *DIGITS}


def test_every_character_is_as_likely_as_the_next(rng: np.random.Generator) -> None:
    counts = Counter(write("a" * 26_000, rng))
    # 1,000 of each are expected; five standard deviations are about 155.
    assert set(counts) == set(LATIN)
    assert all(845 < count < 1155 for count in counts.values())


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("A123BC|77", "A123BC77"),
        ("12가 3456", "12가3456"),
        (f"12{BLOT} 3456", "123456"),
        ("서울12|가 3456", "서울12가3456"),
        ("1กส 9659|อ", ""),
        ("DÜW-AS 870", "DÜWAS870"),
        (f"123 {TUNIS} 4567", "123T4567"),
        (f"RK{SEAL}-123.AB", "RK123AB"),
        ("皖A·12345", "皖A12345"),
        ("(RT)|72LY", "72LY"),
    ],
)
def test_the_label_leaves_out_what_is_no_character(written: str, text: str) -> None:
    assert label(written) == text


@given(st.integers(0, len(LAYOUTS) - 1), st.integers(0, 2**32 - 1))
def test_every_layout_writes_plates_that_can_be_encoded(number: int, seed: int) -> None:
    layout, rng = LAYOUTS[number], np.random.default_rng(seed)
    for pattern in layout.patterns:
        written = write(pattern, rng, layout.letters)
        text = label(written)
        assert decode(encode(text)) == text
        if not FOREIGN.isdisjoint(written):
            assert text == ""
            continue
        assert len(text) >= 4
        # Nothing on the plate is dropped but what is known to be no character.
        symbols = set(re.sub(r"\([^)]*\)", "", written)) - set(text)
        assert symbols <= set(" -.·|" + SEAL + TUNIS + BLOT)
