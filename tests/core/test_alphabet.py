import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import (
    CHARACTERS,
    END,
    MAX_PLATE_CHARS,
    NUM_CLASSES,
    NUM_STEPS,
    PROVINCES,
    decode,
    encode,
    normalize,
)
from platestream.core.errors import DataError

PLATES = st.text(st.sampled_from(CHARACTERS), max_size=MAX_PLATE_CHARS)


def test_classes_by_hand() -> None:
    # 10 digits, 26 letters, 31 provinces, 11 uses, and the end.
    assert NUM_CLASSES == 10 + 26 + 31 + 11 + 1
    assert len(set(PROVINCES)) == 31
    assert len(set(CHARACTERS)) == len(CHARACTERS)
    assert encode("0AZ京").tolist() == [1, 11, 36, 37] + [END] * (NUM_STEPS - 4)


@given(PLATES)
def test_decode_undoes_encode(text: str) -> None:
    indices = encode(text)
    assert indices.shape == (NUM_STEPS,)
    assert indices.dtype == np.int64
    assert decode(indices) == text


def test_decode_stops_at_the_first_end() -> None:
    assert decode([2, 3, END, 4]) == "12"
    assert decode([]) == decode([END, 1]) == ""


def test_the_longest_plate_fits_with_its_end() -> None:
    assert encode("A" * MAX_PLATE_CHARS)[-1] == END
    with pytest.raises(DataError, match="has 11 characters; the longest we read is 10"):
        encode("A" * (MAX_PLATE_CHARS + 1))


@pytest.mark.parametrize("text", ["ab1", "A 1", "Ä1", "A-1", "가1"])
def test_strange_characters_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="not in the alphabet"):
        encode(text)


def test_normalize_by_hand() -> None:
    assert normalize("azj-6991") == "AZJ6991"
    assert normalize(" 京A·88 7.3_1 ") == "京A88731"


@given(st.text())
def test_normalize_twice_is_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(PLATES)
def test_normalize_leaves_plates_alone(text: str) -> None:
    assert normalize(text) == text
