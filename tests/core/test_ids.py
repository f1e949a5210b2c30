from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from platestream.core.ids import uuid7

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
