from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.boxes import boxes

from platestream.core.boxes import BoxXyxy, iou
from platestream.core.metrics import (
    char_error_rate,
    edit_distance,
    fold,
    match_boxes,
    plate_accuracy,
)

WORDS = st.text("AB1", max_size=6)


@cache
def recursive_distance(a: str, b: str) -> int:
    """Levenshtein's definition, word for word."""
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return recursive_distance(a[1:], b[1:])
    return 1 + min(
        recursive_distance(a[1:], b),
        recursive_distance(a, b[1:]),
        recursive_distance(a[1:], b[1:]),
    )


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("", "ABC", 3), ("KITTEN", "SITTING", 3), ("AB12", "AB21", 2), ("A", "B", 1)],
)
def test_edit_distance_by_hand(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == distance


@given(WORDS, WORDS)
def test_edit_distance_is_the_recursive_one(a: str, b: str) -> None:
    assert edit_distance(a, b) == recursive_distance(a, b)


@given(WORDS, WORDS, WORDS)
def test_edit_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


def test_plate_accuracy_counts_whole_strings() -> None:
    assert plate_accuracy(["AB1", "AB2", "", "X"], ["AB1", "AB3", "", "XY"]) == 0.5
    assert plate_accuracy([], []) == 0


def test_char_error_rate_is_over_all_characters() -> None:
    # 1 of 3, 2 of 2 and 0 of 5 characters; a mean of rates would say 0.444.
    assert char_error_rate(["AB2", "", "ABCDE"], ["AB1", "XY", "ABCDE"]) == pytest.approx(3 / 10)
    # Insertions can make it more than 1.
    assert char_error_rate(["ABCD"], ["A"]) == 3
    assert char_error_rate([], []) == 0


def test_a_pair_of_characters_may_cost_less_than_another() -> None:
    costs = {"O0": 0.25, "0O": 0.5}
    assert edit_distance("AO1", "A01", costs) == 0.25
    assert edit_distance("A01", "AO1", costs) == 0.5
    assert edit_distance("AO1", "A1", costs) == edit_distance("AO1", "AX1", costs) == 1


def test_readings_and_labels_must_pair_up() -> None:
    for metric in (plate_accuracy, char_error_rate):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            metric(["A"], [])


def test_fold_by_hand() -> None:
    assert fold("OI10QL") == "0110QL"


def test_boxes_pair_best_first() -> None:
    labelled = [(0, 0, 10, 10), (100, 0, 110, 10)]
    found = [
        (0, 0, 10, 8),  # IoU 0.8 with the first label
        (0, 0, 10, 9),  # 0.9: takes it
        (100, 0, 110, 4),  # 0.4: too little
    ]
    assert match_boxes(found, labelled) == [(1, 0)]
    assert match_boxes(found, labelled, min_iou=0.4) == [(1, 0), (2, 1)]
    assert match_boxes([], labelled) == match_boxes(found, []) == []


@given(st.lists(boxes(), max_size=5), st.lists(boxes(), max_size=5))
def test_each_box_is_used_once(found: list[BoxXyxy], labelled: list[BoxXyxy]) -> None:
    pairs = match_boxes(found, labelled, min_iou=0.1)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(iou(found[i], labelled[j]) >= 0.1 for i, j in pairs)
    # Nobody who could still be paired is left over.
    left = set(range(len(found))) - {i for i, _ in pairs}
    lonely = set(range(len(labelled))) - {j for _, j in pairs}
    assert all(iou(found[i], labelled[j]) < 0.1 for i in left for j in lonely)
