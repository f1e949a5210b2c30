from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from platestream.core.ids import uuid5, uuid7

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_it_is_a_uuid_of_version_7_that_holds_its_time() -> None:
    made = UUID(uuid7(NOON))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == 1767268800000


@given(st.integers(1, 10**12))
def test_later_ids_sort_later(later_ms: int) -> None:
    assert uuid7(NOON) < uuid7(NOON + timedelta(milliseconds=later_ms))


def test_two_of_one_moment_differ() -> None:
    assert len({uuid7(NOON) for _ in range(1000)}) == 1000


def test_of_a_file_each_passage_has_one_id_that_stays() -> None:
    made = [uuid5("gate.mp4", "1"), uuid5("gate.mp4", "2"), uuid5("yard.mp4", "1")]
    assert len(set(made)) == 3
    assert uuid5("gate.mp4", "1") == made[0] == "232b2eb8-5479-5cf0-86db-11d01a1cbee8"
    assert (UUID(made[0]).version, UUID(made[0]).variant) == (5, RFC_4122)


def test_a_file_s_name_may_be_no_text() -> None:
    assert UUID(uuid5("gate-\udcff.mp4", "1")).version == 5
