import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import ConfigError
from platestream.live.known_plates import Watch
from platestream.store.records import WatchEntry

ANNA = {"Anna": ["AB12 CDE", "Z-999-ZZ"]}


def test_a_plate_on_a_list_is_named_however_it_is_written() -> None:
    assert Watch(ANNA).name("AB12CDE") == "Anna"
    assert Watch(ANNA, max_distance=0).name("Z999ZZ", confidence=0.3) == "Anna"
    assert Watch(ANNA).name("XX11XXX") == ""
    assert Watch({}).name("AB12CDE") == ""


@pytest.mark.parametrize(
    ("plate", "confidence", "name"),
    [
        ("AB12CD7", 0.80, "Anna"),  # E read as 7, at 1: the reader was not sure
        ("AB12CD7", 0.95, ""),  # it was: another car
        ("A812CDE", 0.95, "Anna"),  # B read as 8, which it does even when it is sure
        ("A812CD7", 0.80, ""),  # both, at 1.59
        ("AB12CD", 0.80, "Anna"),  # a character lost
        ("AB12CD", 0.95, ""),
        ("AB1ZCDF", 0.30, ""),
    ],
)
def test_tolerance_depends_on_how_sure_the_reader_is(
    plate: str, confidence: float, name: str
) -> None:
    assert Watch(ANNA).name(plate, confidence=confidence) == name


def test_what_the_reader_doubts_counts_half() -> None:
    watch = Watch(ANNA)
    assert watch.name("AB1377E", masked="AB13??E") == ""  # 0.62 + 0.5 + 0.5
    assert watch.name("AB1277E", masked="AB12??E") == "Anna"  # 0.5 + 0.5
    assert watch.name("AB1277E") == ""  # 2


def test_without_tolerance_only_exact_plates_count() -> None:
    watch = Watch(ANNA, max_distance=0)
    assert watch.name("AB12CDE") == "Anna"
    assert watch.name("A812CDE") == ""
    assert watch.name("AB12CDE", masked="???????") == "Anna"


def test_the_nearest_wins_and_ties_are_not_guessed() -> None:
    watch = Watch({"Anna": ["AB12CDE"], "Ben": ["AB12CD8"], "Cleo": ["AB12CDB"]})
    assert watch.name("AB12CD8") == "Ben"
    assert watch.name("AB12CD7") == ""  # as far from all three
    # 6 is 0.43 from 8, and further from B.
    assert Watch({"Ben": ["AB12CD8"], "Cleo": ["AB12CDB"]}).name("AB12CD6") == "Ben"


def test_two_plates_of_one_name_are_no_tie() -> None:
    assert Watch({"Anna": ["AB12CDE", "AB12CDF"]}).name("AB12CD7") == "Anna"


def test_two_names_for_one_plate_are_a_tie() -> None:
    assert Watch({"Anna": ["AB12CDE"], "Ben": ["AB12CDE"]}).name("AB12CDE") == ""


def test_expressions_are_for_whole_plates() -> None:
    watch = Watch({"Post": [r"P\d{3}[A-C]+"], "Anna": ["P111A"]})
    assert watch.name("P123ABC", confidence=0.99) == "Post"
    assert watch.name("P123ABCD") == ""
    assert watch.name("XP123A") == ""
    assert Watch({"Post": [r"P-\d{3} [A-C]"]}).name("P123A") == "Post"
    assert watch.name("P111A") == "Anna"  # the plate itself before an expression


def test_a_broken_expression_is_named() -> None:
    with pytest.raises(ConfigError, match=r"known_plates\.Post: '\(P' is neither"):
        Watch({"Post": ["(P"]})


def test_watch_lists_name_by_label_or_list() -> None:
    entries = [WatchEntry("staff", "AB12CDE", "Anna"), WatchEntry("wanted", "黑Q1624S")]
    watch = Watch({}, entries)
    assert watch.name("AB12CDE") == "Anna"
    assert watch.name("黑Q1624S") == "wanted"


@given(st.text("AB18O0", min_size=5, max_size=8), st.floats(0.3, 1), st.floats(0, 3))
def test_a_known_plate_is_never_missed_when_it_is_read_right(
    plate: str, confidence: float, max_distance: float
) -> None:
    watch = Watch({"Anna": [plate], "Ben": ["ZZZZZ"]}, max_distance=max_distance)
    assert watch.name(plate, confidence=confidence) == "Anna"
