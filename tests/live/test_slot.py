import threading

import pytest

from platestream.live.slot import RateLimit, Slot


def test_the_newest_wins_and_the_others_are_counted() -> None:
    slot: Slot[int] = Slot()
    for item in (1, 2, 3):
        slot.put(item)
    assert (slot.take(0), slot.num_dropped) == (3, 2)
    assert slot.take(0) is None
    slot.put(4)
    assert (slot.take(0), slot.num_dropped) == (4, 2)


def test_who_may_drop_nothing_waits_until_the_item_was_taken() -> None:
    slot: Slot[int] = Slot()

    def put_all() -> None:
        for item in range(100):
            slot.put_when_free(item)
        slot.close()

    thread = threading.Thread(target=put_all)
    thread.start()
    taken = []
    while not slot.is_empty_for_good:
        item = slot.take(5)
        if item is not None:
            taken.append(item)
    thread.join()
    assert taken == list(range(100))
    assert slot.num_dropped == 0


def test_closing_wakes_who_waits_and_leaves_what_is_there() -> None:
    slot: Slot[int] = Slot()
    slot.put(7)
    slot.close()
    assert not slot.is_empty_for_good
    assert slot.take(60) == 7
    assert slot.take(60) is None
    assert slot.is_empty_for_good


def test_closing_frees_who_waits_to_put() -> None:
    slot: Slot[int] = Slot()
    slot.put(1)
    thread = threading.Thread(target=slot.put_when_free, args=(2,))
    thread.start()
    slot.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_closed_slot_takes_no_more() -> None:
    slot: Slot[int] = Slot()
    slot.close()
    slot.put(1)
    slot.put_when_free(2)
    assert slot.is_empty_for_good
    assert (slot.take(60), slot.num_dropped) == (None, 0)


def test_a_limit_lets_every_fifth_of_25_a_second_pass() -> None:
    limit = RateLimit(5)
    assert [n for n in range(21) if limit.lets_pass(100 + n / 25 + 1e-6 * n)] == [0, 5, 10, 15, 20]


def test_a_limit_between_two_rates_holds_on_average() -> None:
    # 10 of 25: every second and every third in turn, since 2.5 frames cannot be left out.
    limit = RateLimit(10)
    assert sum(limit.lets_pass(n / 25) for n in range(250)) == pytest.approx(100, abs=1)


def test_a_pause_ends_in_no_burst() -> None:
    limit = RateLimit(5)
    assert limit.lets_pass(0)
    passed = [n for n in range(25) if limit.lets_pass(60 + n / 25)]
    assert len(passed) <= 5 + 2


def test_without_a_limit_all_pass() -> None:
    limit = RateLimit(None)
    assert all(limit.lets_pass(5.0) for _ in range(10))
