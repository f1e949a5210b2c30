"""The life of a plate: what is told of it, under which id, and how it ends."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stream.plates import decide, make_plate

from platestream.core.types import Plate, PlateDecision
from platestream.stream.life import LifeRules, News, PlateLives, PlateUpdate


def make_lives(rules: LifeRules | None = None) -> PlateLives:
    return PlateLives(lambda number, first_pts_s: f"id{number}", rules)


def told(news: News) -> list[tuple[str, str, str]]:
    return [(update.id, update.state, update.reading.text) for update in news.updates]


def states(lives: PlateLives, *decisions: PlateDecision) -> list[str]:
    return [u.state for d in decisions for u in lives.see([d], d.crop.pts_s).updates]


def test_what_is_told_of_a_plate_in_view() -> None:
    lives = make_lives()
    frames = [
        ("", 0.9, []),
        ("AB1", 0.2, []),
        ("AB1", 0.4, ["provisional"]),
        ("AB1", 0.5, []),
        ("AB2", 0.5, ["improved"]),
        ("AB2", 0.99, ["improved", "sure"]),
        ("AB2", 0.99, []),
        ("AB2", 0.6, []),
        ("AB2", 0.99, []),
        ("AB3", 0.6, ["improved"]),
        ("AB3", 0.99, ["improved"]),  # sure is told once
    ]
    for number, (text, confidence, expected) in enumerate(frames):
        assert states(lives, decide(text, number / 10, confidence=confidence)) == expected


def test_a_plate_that_is_sure_at_first_sight_is_told_as_both() -> None:
    assert states(make_lives(), decide("AB1", 0, confidence=0.99)) == ["provisional", "sure"]


def test_how_sure_is_sure_can_be_chosen() -> None:
    lives = make_lives(LifeRules(sure=0.999))
    assert states(lives, decide("AB1", 0, confidence=0.99)) == ["provisional"]


def test_an_update_says_since_when() -> None:
    lives = make_lives()
    lives.see([decide("", 1.0)], 1.0)
    (update,) = lives.see([decide("AB1", 1.5)], 1.5).updates
    assert (update.first_pts_s, update.since_s, update.frame_index) == (1.0, 1.5, 15)
    lives.end(make_plate("AB1", 1.0, 3.0))
    (final,) = lives.flush().updates
    assert (final.first_pts_s, final.since_s, final.frame_index) == (1.0, 3.0, 30)


def test_a_passage_ends_under_the_id_it_was_told_by() -> None:
    lives = make_lives()
    lives.see([decide("AB1", 0)], 0)
    lives.end(make_plate("AB1", 0, 1))
    assert told(lives.see([], 4.9)) == []
    news = lives.see([], 5.1)
    assert told(news) == [("id1", "final", "AB1")]
    assert news.updates[0].plate is news.passages[0]


@pytest.mark.parametrize("plate", [make_plate("AB1", 0, 1, confidence=0.1), make_plate("", 0, 1)])
def test_what_comes_to_nothing_is_withdrawn_if_it_was_told(plate: Plate) -> None:
    lives = make_lives()
    lives.see([decide("AB1", 0)], 0)
    lives.end(plate)
    assert [(i, s) for i, s, _ in told(lives.flush())] == [("id1", "withdrawn")]
    never_told = make_lives()
    never_told.end(plate)
    news = never_told.flush()
    assert (told(news), news.passages) == ([], [plate])


def test_what_cannot_be_a_plate_is_not_spoken_of() -> None:
    lives = make_lives(LifeRules(is_plate=lambda text: text.startswith("AB")))
    assert states(lives, decide("XY1", 0), decide("AB1", 0.1)) == ["provisional"]
    lives.end(make_plate("XY1", 0, 1))
    assert [(i, s) for i, s, _ in told(lives.flush())] == [("id1", "withdrawn")]


def test_a_vehicle_that_is_lost_and_found_keeps_its_id_and_is_sure_once() -> None:
    lives = make_lives()
    assert states(lives, decide("AB1", 0, confidence=0.99)) == ["provisional", "sure"]
    lives.end(make_plate("AB1", 0, 1))
    news = lives.see([decide("AB1", 3, track=2, confidence=0.99)], 3)
    assert told(news) == [("id1", "improved", "AB1")]
    lives.end(make_plate("AB1", 3, 4, track=2))
    news = lives.flush()
    assert told(news) == [("id1", "final", "AB1")]
    assert news.passages[0].continued == (2,)


def test_it_is_known_again_by_what_it_ended_as() -> None:
    lives = make_lives()
    lives.see([decide("AB1", 0)], 0)
    lives.end(make_plate("AB123", 0, 1))
    assert told(lives.see([decide("AB123", 3, track=2)], 3)) == [("id1", "improved", "AB123")]


def test_what_was_told_as_another_passage_is_withdrawn_when_the_two_are_one() -> None:
    lives = make_lives()
    lives.see([decide("AB123", 0)], 0)
    lives.end(make_plate("AB123", 0, 1, s1_8=0.2))
    assert told(lives.see([decide("A8123", 3, track=2)], 3)) == [("id2", "provisional", "A8123")]
    lives.end(make_plate("A8123", 3, 4, track=2, confidence=0.5))
    assert told(lives.see([], 4)) == [("id2", "withdrawn", "AB123")]
    assert told(lives.flush()) == [("id1", "final", "AB123")]


def test_the_id_that_was_told_is_kept_whichever_track_it_was_of() -> None:
    lives = make_lives()
    lives.end(make_plate("AB123", 0, 1, s1_8=0.2))
    lives.see([decide("A8123", 3, track=2)], 3)
    lives.end(make_plate("A8123", 3, 4, track=2, confidence=0.5))
    assert told(lives.flush()) == [("id2", "final", "AB123")]


def test_one_that_looked_like_a_passage_and_is_another_gets_an_id_of_its_own() -> None:
    lives = make_lives()
    lives.see([decide("AB123", 0)], 0)
    lives.end(make_plate("AB123", 0, 1))
    assert told(lives.see([decide("AB123", 2, track=2)], 2)) == [("id1", "improved", "AB123")]
    # It reads as something else from now on, so the one that waited is over.
    lives.see([decide("XY789", 2.1, track=2)], 2.1)
    assert told(lives.see([decide("XY789", 6.5, track=2)], 6.5)) == [("id1", "final", "AB123")]
    assert told(lives.see([decide("XY789", 6.6, track=2)], 6.6)) == [
        ("id3", "provisional", "XY789")
    ]


def test_a_track_s_end_tells_what_it_joined() -> None:
    lives = make_lives()
    first, again = make_plate("AB1", 0, 1), make_plate("AB1", 3, 4, track=2)
    lives.end(first)
    (alone,) = lives.see([], 1).tracks
    lives.end(again)
    (joined,) = lives.see([], 4).tracks
    assert (alone.plate, alone.passage, alone.joined) == (first, first, None)
    assert (joined.plate, joined.joined, joined.passage.last_pts_s) == (again, 1, 4)


def test_a_passage_continued_for_days_holds_no_more_than_one_of_seconds() -> None:
    lives = make_lives()
    for track in range(1, 2000):
        lives.see([decide("AB1", 2.0 * track, track)], 2.0 * track)
        lives.end(make_plate("AB1", 2 * track, 2 * track + 1, track))
        assert len(lives._tracks) <= 2
    (update,) = lives.flush().updates
    assert (update.id, update.first_pts_s) == ("id1", 2.0)
    assert lives._tracks == {}


def test_a_plate_that_is_seen_twice_at_once_for_days_leaves_nothing_behind() -> None:
    """The later of two tracks ends first: the passage goes on under the one that began first."""
    lives = make_lives()
    for number in range(500):
        at_s, first, later = 20.0 * number, 2 * number + 1, 2 * number + 2
        lives.see([decide("AB1", at_s, track) for track in (first, later)], at_s)
        lives.end(make_plate("AB1", at_s + 1, at_s + 2, later))
        lives.end(make_plate("AB1", at_s, at_s + 3, first))
        assert len(lives.see([], at_s + 10).passages) == 1
    assert not lives._tracks
    assert not lives._beside._num_seen
    assert not lives._beside._near


@dataclass(frozen=True)
class Act:
    """Something that happens to one of a few places where a tracker may hold a track."""

    place: int
    text: str
    confidence: float
    wait_s: float
    ends: bool


acts = st.lists(
    st.builds(
        Act,
        place=st.integers(0, 2),
        text=st.sampled_from(["", "AB123", "A8123", "AB128", "XY789", "AB12"]),
        confidence=st.sampled_from([0.1, 0.35, 0.6, 0.99]),
        wait_s=st.sampled_from([0.1, 0.1, 1.0, 5.0]),
        ends=st.booleans(),
    ),
    max_size=40,
)


def live(script: list[Act]) -> tuple[list[PlateUpdate], list[Plate], int]:
    """All updates and passages of a script, and how many tracks it had."""
    lives, now_s, num_tracks = make_lives(), 0.0, 0
    updates, passages = [], []
    in_view: dict[int, tuple[int, float, Act]] = {}

    def end(place: int) -> None:
        track, first_s, last = in_view.pop(place)
        # B and 8 look alike: some of these are one plate.
        doubts = {"s1_8": 0.2, "s4_8": 0.2} if last.text == "AB123" else {}
        lives.end(make_plate(last.text, first_s, now_s, track, last.confidence, **doubts))

    for act in script:
        now_s += act.wait_s
        if act.place not in in_view:
            num_tracks += 1
            in_view[act.place] = num_tracks, now_s, act
        track, first_s, _ = in_view[act.place]
        in_view[act.place] = track, first_s, act
        if act.ends:
            end(act.place)
        shown = [decide(a.text, now_s, t, a.confidence) for t, _, a in in_view.values()]
        news = lives.see(shown, now_s)
        updates += news.updates
        passages += news.passages
    for place in list(in_view):
        end(place)
    news = lives.flush()
    assert lives._tracks == {}
    return updates + news.updates, passages + news.passages, num_tracks


@given(acts)
def test_every_life_is_told_in_order_and_has_one_end(script: list[Act]) -> None:
    updates, passages, num_tracks = live(script)
    lives: dict[str, list[PlateUpdate]] = defaultdict(list)
    for update in updates:
        lives[update.id].append(update)
    for told in lives.values():
        states = [update.state for update in told]
        count = Counter(states)
        assert count["final"] + count["withdrawn"] == 1
        assert states[-1] in ("final", "withdrawn")
        assert count["sure"] <= 1
        assert states[0] == ("provisional" if len(states) > 1 else "final")
        assert count["provisional"] == (len(states) > 1)
        times = [update.since_s for update in told[:-1]]
        assert times == sorted(times)
        assert told[0].first_pts_s <= told[0].since_s
    assert sum(plate.num_frames for plate in passages) == 10 * num_tracks
    final = [update.plate for update in updates if update.state == "final"]
    wanted = [p for p in passages if p.reading.text and p.confidence >= 0.3]
    assert len(final) == len(wanted)


@given(acts)
def test_the_same_story_is_told_in_the_same_words(script: list[Act]) -> None:
    one, other = ([(u.id, u.state, u.since_s) for u in live(script)[0]] for _ in range(2))
    assert one == other
