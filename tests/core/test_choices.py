"""Registries, and what they say of a name that is not there."""

import pytest

from platestream.core.choices import Choices, nearest
from platestream.core.errors import ConfigError

COLOURS = Choices("colour", {"red": 1, "green": 2, "light-green": 3})


def test_it_is_a_table_in_its_own_order() -> None:
    assert list(COLOURS) == ["red", "green", "light-green"]
    assert COLOURS["green"] == COLOURS.choose("green") == 2
    assert str(COLOURS) == "red, green, light-green"
    assert len(COLOURS) == 3


def test_later_changes_of_what_it_was_made_of_do_not_count() -> None:
    entries = {"a": 1}
    choices = Choices("letter", entries)
    entries["b"] = 2
    assert list(choices) == ["a"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gren", "no colour 'gren'; did you mean green? Choose one of red, green, light-green"),
        ("RED", "no colour 'RED'; did you mean red? Choose one of red, green, light-green"),
        ("xyz", "no colour 'xyz'; choose one of red, green, light-green"),
        ("", "no colour ''; choose one of red, green, light-green"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        COLOURS.choose(name)
    assert str(caught.value) == says


def test_the_nearest_keeps_its_own_capitals() -> None:
    assert nearest("us-c", ["US-CA", "UA"]) == "US-CA"
    assert nearest("q", []) is None
