import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.live.plate_rules import PlateRules, without_separators


@pytest.mark.parametrize(
    ("pattern", "without"),
    [
        ("^[A-Z]{2} [A-Z][0-9]{4}$", "^[A-Z]{2}[A-Z][0-9]{4}$"),
        ("EMP-[0-9]{3}[A-Z]", "EMP[0-9]{3}[A-Z]"),
        (r"AB[ -]?12\s*3\-4", "AB1234"),
        (r"[A-Z -]{3}", r"[A-Z -]{3}"),
        (r"\d{3} {0,2}\w+", r"\d{3}\w+"),
        ("[]-a] [^]-]x", "[]-a][^]-]x"),
        ("ABC123", "ABC123"),
    ],
)
def test_separators_go_from_patterns_and_classes_stay(pattern: str, without: str) -> None:
    assert without_separators(pattern) == without
    re.compile(without)


@given(st.from_regex(r"[A-Z]{1,3}[ -]?[A-Z]{1,2}[ -]?[0-9]{1,4}", fullmatch=True))
def test_a_plate_as_a_pattern_fits_itself_as_it_is_read(plate: str) -> None:
    read = plate.replace(" ", "").replace("-", "")
    assert re.fullmatch(without_separators(plate), read)


def test_rules_are_applied_one_after_the_other_and_leave_a_plate_as_plates_are_written() -> None:
    rules = [
        ("[%#*?]", ""),
        ("O", "0"),
        (r"^(\w{3})(\w{3})$", r"\1-\2"),
    ]
    assert PlateRules(rules, None).rewrite("A%BCO23") == "ABC023"


@pytest.mark.parametrize(
    ("plate", "is_expected"),
    [("AB12CDE", True), ("AB12CD", False), ("XAB12CDE", False), ("", False)],
)
def test_the_whole_plate_must_be_written_as_expected(plate: str, is_expected: bool) -> None:
    rules = PlateRules([], "^[A-Z]{2}[0-9]{2} [A-Z]{3}$")
    assert rules.is_expected(plate) is is_expected


def test_without_a_format_anything_goes() -> None:
    assert PlateRules([], None).is_expected("X")
