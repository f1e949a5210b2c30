from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import CHARACTERS
from platestream.core.confusions import COSTS
from platestream.core.matching import UNSURE_COST, distance, matches, similarities
from platestream.core.metrics import edit_distance

PLATES = st.text("0OD18B7A皖Z", max_size=6)


@cache
def recursive_distance(a: str, b: str) -> float:
    """The definition, word for word: single characters as they cost, edits elsewhere."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        recursive_distance(a[1:], b) + 1,
        recursive_distance(a, b[1:]) + 1,
        recursive_distance(a[1:], b[1:]) + (distance(a[0], b[0]) if a[0] != b[0] else 0),
    )


def test_lookalikes_are_cheap_and_others_dear() -> None:
    # As the table of core/confusions.py says.
    assert distance("O", "0") == distance("0", "O") == 0.67
    assert distance("I", "1") == 0.45
    assert distance("B", "8") == 0.59
    assert distance("D", "O") == 0.25
    assert distance("A", "7") == 1


@pytest.mark.parametrize(
    ("a", "b", "far"),
    [
        ("", "", 0),
        ("", "AB", 2),
        ("AB12", "AB12", 0),
        ("AB12", "A12", 1),  # a character lost
        ("AB12", "AB112", 1),  # a character won
        ("AB12", "7B12", 1),  # a character that looks like nothing of the kind
        ("A0I8", "AO1B", 0.67 + 0.45 + 0.59),
        ("DX", "OK", 0.25 + 0.59),
        ("AB1?", "AB12", UNSURE_COST),
        ("黑Q1", "皖Q1", 1),
    ],
)
def test_distance_by_hand(a: str, b: str, far: float) -> None:
    assert distance(a, b) == pytest.approx(far)


@given(PLATES, PLATES)
def test_distance_is_the_recursive_one(a: str, b: str) -> None:
    assert distance(a, b) == pytest.approx(recursive_distance(a, b))


@given(PLATES, PLATES, PLATES)
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert distance(a, b) == pytest.approx(distance(b, a))
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9


@given(PLATES, PLATES)
def test_what_the_edit_distance_matches_still_matches(a: str, b: str) -> None:
    assert distance(a, b) <= edit_distance(a, b)
    assert distance(a, b) >= abs(len(a) - len(b))


@given(PLATES, st.lists(PLATES))
def test_similarities_are_shares_and_come_of_the_distances(a: str, others: list[str]) -> None:
    found = similarities(a, others)
    assert found.shape == (len(others),)
    for alike, b in zip(found, others, strict=True):
        assert alike == pytest.approx(1 - distance(a, b) / max(1, len(a), len(b)))
        assert 0 <= alike <= 1
        assert (alike == 1) == (a == b)


def test_similarities_and_matches_by_hand() -> None:
    assert similarities("ABCDE", ["ABCD7", "ABCDE", "AB"]) == pytest.approx([0.8, 1, 0.4])
    assert similarities("", ["", "A"]) == pytest.approx([1, 0])
    assert similarities("A", ["7"]) == pytest.approx([0])
    assert matches("AB12", "AB12", 0)
    assert matches("ABO2", "AB02", 0.67)
    assert not matches("ABO2", "AB02", 0.66)


def test_the_table_names_each_pair_once() -> None:
    rows = [line.split() for line in COSTS.strip().splitlines()]
    pairs = [pair for row in rows for pair in row[1:]]
    assert all(len(pair) == 2 and set(pair) <= set(CHARACTERS) for pair in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) > 100
    assert all(0 < float(row[0]) < 1 for row in rows)


def test_no_pair_is_dearer_than_a_detour() -> None:
    """What makes the distance a metric, for every character of the table."""
    characters = sorted({c for c in COSTS if c in CHARACTERS})
    for a, b in combinations(characters, 2):
        detour = min(distance(a, via) + distance(via, b) for via in characters if via not in (a, b))
        assert distance(a, b) <= detour + 1e-9
