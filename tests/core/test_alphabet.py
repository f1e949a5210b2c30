import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import (
    CHARACTERS,
    END,
    MARKED,
    MAX_PLATE_CHARS,
    NUM_CLASSES,
    NUM_STEPS,
    PROVINCES,
    decode,
    encode,
    normalize,
    plain,
)
from platestream.core.errors import DataError

PLATES = st.text(st.sampled_from(CHARACTERS), max_size=MAX_PLATE_CHARS)


def test_classes_by_hand() -> None:
    # 10 digits, 26 letters, 31 provinces, 11 uses, 11 marked letters, 57 syllables, and the end.
    assert NUM_CLASSES == 10 + 26 + 31 + 11 + 11 + 57 + 1
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
    with pytest.raises(DataError, match="has 13 characters; the longest we read is 12"):
        encode("A" * (MAX_PLATE_CHARS + 1))


@pytest.mark.parametrize("text", ["ab1", "A 1", "ß1", "A-1", "ก1", "ä1"])
def test_strange_characters_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="not in the alphabet"):
        encode(text)


def test_normalize_by_hand() -> None:
    assert normalize("azj-6991") == "AZJ6991"
    assert normalize(" 京A·88 7.3_1 ") == "京A88731"
    assert normalize("mu\u0308 ab-12") == "MÜAB12", "a mark that was typed by itself"


def test_marks_are_left_out_where_lists_leave_them_out() -> None:
    assert plain("DÜWAS870") == "DUWAS870"
    assert plain("ČŠŽĐĆ ÆØÅ 京가") == "CSZDC AEOA 京가"


@given(PLATES)
def test_a_plain_plate_has_no_marks(text: str) -> None:
    assert not set(plain(text)) & set(MARKED)
    assert plain(plain(text)) == plain(text)


def test_new_characters_come_last() -> None:
    # A network that was trained before them has the first 78.
    assert CHARACTERS[77:80] == "急ÄÖ"


@given(st.text())
def test_normalize_twice_is_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(PLATES)
def test_normalize_leaves_plates_alone(text: str) -> None:
    assert normalize(text) == text
