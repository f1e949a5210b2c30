"""From the steps of a run to what is told and kept of each plate."""

from uuid import UUID

import pytest

from platestream.core.alphabet import encode
from platestream.core.geometry import Line
from platestream.core.ids import uuid7
from platestream.core.types import Reading, Rgb
from platestream.live.follow import Follower, Outcome, View
from platestream.live.plate_rules import PlateRules
from platestream.live.updates import LiveUpdate
from platestream.store.records import NewEvent
from platestream.video.pictures import decode_picture
from platestream.video.pipeline import Pipeline
from tests.service.scenes import Car, Scene, names, reading, wall_time

NO_RULES = PlateRules([], None)


def watch(
    scene: Scene,
    view: View | None = None,
    rules: PlateRules = NO_RULES,
    known: dict[str, str] | None = None,
    *,
    read_all: bool = False,
) -> Outcome:
    engine, view = scene.engine(read_all=read_all), view or View()
    follower = Follower("gate", view, rules, names(known or {}), wall_time)
    pipeline = Pipeline(
        engine,
        rules=view.life_rules(rules),
        new_id=lambda _, first_pts_s: uuid7(wall_time(first_pts_s)),
    )
    whole = Outcome()
    for step in pipeline.run(scene):
        outcome = follower.see(step)
        whole.updates.extend(outcome.updates)
        whole.events.extend(outcome.events)
        whole.directions.extend(outcome.directions)
    assert not follower._followed  # nothing is remembered of what is over
    return whole


def told(outcome: Outcome) -> list[tuple[str, str]]:
    return [(update.state, update.plate) for update in outcome.updates]


def finals(outcome: Outcome) -> list[NewEvent]:
    return [event for event in outcome.events if event.state == "final"]


def only_event(outcome: Outcome) -> NewEvent:
    (event,) = finals(outcome)
    return event


def test_a_passage_is_told_while_it_lasts_and_ends_as_an_event_of_the_same_id() -> None:
    outcome = watch(Scene([Car("AB123CD", range(5, 25))], 40))
    event = only_event(outcome)
    assert told(outcome) == [("provisional", "AB123CD"), ("final", "AB123CD")]
    assert {update.event_id for update in outcome.updates} == {event.id}
    assert UUID(event.id).version == 7
    assert (event.camera, event.event.source, event.event.plate) == ("gate", "gate", "AB123CD")
    assert (event.started_at, event.ended_at) == (wall_time(0.5), wall_time(2.4))
    assert (event.event.num_frames, event.zones, event.direction) == (20, (), "")
    assert event.read_plate == ""


def test_the_event_s_pictures_are_of_the_very_frame_that_was_read() -> None:
    # The first crop was read, and of the others the best three: the best of all is the last.
    event = only_event(watch(Scene([Car("AB123CD", range(5, 25))], 40)))
    assert event.event.best_frame == 24
    assert event.best_at == wall_time(2.4)
    assert event.frame is not None
    x1, y1, x2, y2 = (int(side) for side in event.event.box_xyxy)
    assert (event.frame[y1:y2, x1:x2] == (1, 24 + 50, 0)).all()
    assert (event.crop[2:-2, 4:-4] == (1, 24 + 50, 0)).all()


def test_the_strip_holds_what_was_read_and_the_best_of_the_rest_in_time_order() -> None:
    event = only_event(watch(Scene([Car("AB123CD", range(5, 45), step=(1, 0))], 60)))
    assert [shot.frame_index for shot in event.strip] == [5, *range(34, 45)]
    assert [shot.frame_index for shot in event.strip if shot.text] == [5, 42, 43, 44]
    best = event.strip[-1]
    assert (best.text, best.at) == ("AB123CD", wall_time(4.4))
    assert best.score == pytest.approx(0.9)
    assert best.quality == pytest.approx((44 + 50) / 255, abs=1e-4)


def test_a_car_that_stands_for_long_fills_no_memory() -> None:
    scene = Scene([Car("AB123CD", range(2000), step=(0, 0))], 2000)
    event = only_event(watch(scene, read_all=True))
    assert len(event.strip) == 8  # all were read
    # Each is a picture of its own: one read three times would pass for three witnesses.
    assert len({id(shot.rgb) for shot in event.strip}) == 8
    # Level 50 + 149 is the best there is; of equals the first came first.
    assert event.frame is not None


def test_a_passage_continued_again_and_again_costs_what_one_of_seconds_does() -> None:
    """A parked car that is hidden every other second, for two hundred seconds."""
    cars = [Car("AB123CD", range(n, n + 10), step=(0, 0)) for n in range(0, 2000, 20)]
    scene = Scene(cars, 2000)
    engine = scene.engine()
    follower = Follower("gate", View(), NO_RULES, names({}), wall_time)
    pipeline = Pipeline(engine)
    events, most_crops, most_frames, most_tracks = [], 0, 0, 0
    for step in pipeline.run(scene):
        events += follower.see(step).events
        followed = follower._followed.values()
        most_tracks = max(most_tracks, len(followed))
        most_crops = max(most_crops, sum(len(f.so_far.strip._seen) for f in followed))
        most_frames = max(most_frames, sum(len(f.frames_wanted()) for f in followed))
    *going_on, event = events
    assert {each.id for each in events} == {event.id}
    assert {each.state for each in going_on} == {"improved"}
    assert event.state == "final"
    assert event.event.num_frames == 1000
    assert len(event.strip) == 12
    assert event.frame is not None
    # What waits, and the track in view.
    assert most_tracks == 2
    assert most_crops <= 2 * 12
    assert most_frames <= 2 * 7


@pytest.mark.parametrize("broken", ["the namer", "the picture"])
def test_a_plate_that_breaks_something_takes_no_other_along(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    cars = [Car("AB123CD", range(5, 90)), Car("EF456GH", range(5, 90), at=(60.0, 150.0))]
    fault = ValueError("what is that?")

    def name(plate: str, /, *, masked: str, confidence: float) -> str:
        if broken == "the namer" and plate == "AB123CD":
            raise fault
        return ""

    def encode(rgb: Rgb) -> bytes:
        if broken == "the picture" and rgb[:, :, 0].max() == 1:  # the first car
            raise fault
        return b""

    monkeypatch.setattr("platestream.live.follow.encode_jpeg", encode)
    scene = Scene(cars, 110)
    follower = Follower("gate", View(), NO_RULES, name, wall_time)
    told, kept, failures = [], [], []
    for step in Pipeline(scene.engine()).run(scene):
        outcome = follower.see(step)
        told += [(update.state, update.plate) for update in outcome.updates]
        kept += [(event.state, event.event.plate) for event in outcome.events]
        failures += outcome.failures
    assert set(failures) == {fault}
    assert told == [("provisional", "EF456GH"), ("final", "EF456GH")]
    # Both are stored while they go on, after a few seconds, and in the same step at their end.
    both = [("provisional", "EF456GH"), ("final", "EF456GH")]
    if broken == "the picture":  # which is the page's alone
        both = [(state, plate) for state, _ in both for plate in ("AB123CD", "EF456GH")]
    assert kept == both
    assert not follower._followed


def test_frames_are_left_out_where_they_are_not_wanted() -> None:
    scene = Scene([Car("AB123CD", range(10))], 12)
    assert only_event(watch(scene, View(keep_frames=False))).frame is None


def test_an_update_carries_its_crop() -> None:
    first, *_ = watch(Scene([Car("AB123CD", range(5, 25))], 40)).updates
    assert isinstance(first, LiveUpdate)
    assert first.crop_jpeg is not None
    assert decode_picture(first.crop_jpeg, "crop").shape == (9, 44, 3)
    assert (first.camera, first.at, first.track_id) == ("gate", wall_time(0.5), 1)


def test_a_plate_that_is_lost_and_found_again_keeps_its_id() -> None:
    cars = [Car("AB123CD", range(0, 10)), Car("AB123CD", range(30, 40), at=(300.0, 100.0))]
    outcome = watch(Scene(cars, 60))
    event = only_event(outcome)
    assert told(outcome) == [
        ("provisional", "AB123CD"),
        ("improved", "AB123CD"),
        ("final", "AB123CD"),
    ]
    assert {update.event_id for update in outcome.updates} == {event.id}
    assert (event.event.track_id, event.event.continued) == (1, (2,))
    assert [shot.frame_index for shot in event.strip if shot.text] == [0, 7, 8, 9, 30, 37, 38, 39]


def test_what_was_told_as_another_passage_is_withdrawn_when_the_two_are_one() -> None:
    # One character differs and was in doubt: only at the end are the two known to be one.
    cars = [
        Car("AB123CD", range(0, 10), sure=0.99),
        Car("A8123CD", range(20, 30), at=(300.0, 100.0)),
    ]

    class InDoubt(Scene):
        def read(self, rgb: Rgb) -> Reading:
            said = super().read(rgb)
            if said.text != "A8123CD":
                return said
            probs = said.char_probs.copy()
            probs[1] = 0
            probs[1, encode("A8")[1]], probs[1, encode("AB")[1]] = 0.6, 0.4
            return Reading.from_probs(probs)

    scene = InDoubt(cars, 60)
    outcome = watch(scene)
    event = only_event(outcome)
    first, sure, second, withdrawn, final = outcome.updates
    assert [u.state for u in outcome.updates] == [
        "provisional",
        "sure",
        "provisional",
        "withdrawn",
        "final",
    ]
    assert {first.event_id, sure.event_id, final.event_id} == {event.id}
    assert second.event_id == withdrawn.event_id != event.id
    assert withdrawn.crop_jpeg is None


def test_two_cars_at_once_are_two() -> None:
    cars = [Car("AB123CD", range(20)), Car("XY987ZW", range(20), at=(60.0, 30.0))]
    outcome = watch(Scene(cars, 30))
    assert sorted(event.event.plate for event in finals(outcome)) == ["AB123CD", "XY987ZW"]
    assert len({update.event_id for update in outcome.updates}) == 2


def test_what_is_too_unsure_is_not_spoken_of() -> None:
    assert watch(Scene([Car("AB123CD", range(20), sure=0.2)], 30)) == Outcome()


def test_a_plate_that_ends_unsure_is_withdrawn() -> None:
    class Doubting(Scene):
        def read(self, rgb: Rgb) -> Reading:
            # What was sure at first is read as nothing sure when the better crops come.
            return reading("AB123CD", 0.9 if rgb[:, :, 1].max() == 50 else 0.2)

    outcome = watch(Doubting([Car("AB123CD", range(20))], 30))
    assert told(outcome) == [("provisional", "AB123CD"), ("withdrawn", "AB123CD")]
    assert finals(outcome) == []


def test_what_is_not_written_as_the_format_says_is_not_told() -> None:
    cars = [Car("AB123CD", range(20)), Car("1234", range(20), at=(60.0, 30.0))]
    outcome = watch(Scene(cars, 30), rules=PlateRules([], "[A-Z]{2}[0-9]{3} [A-Z]{2}"))
    assert {plate for _, plate in told(outcome)} == {"AB123CD"}
    assert [event.event.plate for event in finals(outcome)] == ["AB123CD"]


def test_a_plate_that_a_rule_rewrote_says_what_was_read() -> None:
    rule = ("O", "0")
    outcome = watch(Scene([Car("ABO23", range(20))], 30), rules=PlateRules([rule], None))
    event = only_event(outcome)
    assert (event.event.plate, event.read_plate) == ("AB023", "ABO23")
    assert event.event.plate_masked == "ABO23"
    assert {plate for _, plate in told(outcome)} == {"AB023"}
    assert {shot.text for shot in event.strip if shot.text} == {"ABO23"}


def test_who_is_known_is_named_under_the_plate_s_new_text() -> None:
    rule = ("^(..)(.*)$", r"\1-z\2")
    scene = Scene([Car("AB123", range(20))], 30)
    outcome = watch(scene, rules=PlateRules([rule], None), known={"ABZ123": "Ann"})
    assert (only_event(outcome).event.plate, only_event(outcome).known_as) == ("ABZ123", "Ann")
    assert {update.known_as for update in outcome.updates} == {"Ann"}


def test_a_camera_s_region_narrows_the_hint_and_never_invents_one() -> None:
    scene = Scene([Car("AB123CD", range(20))], 30)
    assert len(only_event(watch(scene)).event.regions) > 1
    (told,) = only_event(watch(scene, View(region="FR"))).event.regions
    assert told in only_event(watch(scene)).event.regions
    assert told[0] == "FR"
    assert "DE" not in dict(only_event(watch(scene)).event.regions)
    assert len(only_event(watch(scene, View(region="DE"))).event.regions) > 1


def test_the_frame_of_the_surer_track_is_kept_when_a_better_one_joins() -> None:
    class SureAtFirst(Scene):
        def read(self, rgb: Rgb) -> Reading:
            return reading("AB123CD", 0.9 if rgb[:, :, 0].max() == 1 else 0.6)

    cars = [Car("AB123CD", range(0, 10)), Car("AB123CD", range(30, 45), at=(300.0, 100.0))]
    event = only_event(watch(SureAtFirst(cars, 70)))
    assert event.event.best_frame == 9
    assert event.frame is not None


def test_zones_and_lines_stand_in_the_event_and_in_the_count() -> None:
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    door = Line((0.5, 0.0), (0.5, 1.0), inwards="right")
    view = View({"left": left, "right": right}, {"door": door})
    scene = Scene(
        [Car("AB123CD", range(50)), Car("XY987ZW", range(20), at=(390.0, 50.0), step=(-12.0, 0.0))],
        60,
    )
    outcome = watch(scene, view)
    by_plate = {event.event.plate: event for event in finals(outcome)}
    assert by_plate["AB123CD"].zones == ("left", "right")
    assert by_plate["AB123CD"].direction == "door:in"
    assert by_plate["XY987ZW"].zones == ("right", "left")
    assert sorted(outcome.directions) == ["door:in", "door:out"]


def test_what_was_not_read_is_counted_all_the_same() -> None:
    door = Line((0.5, 0.0), (0.5, 1.0), inwards="right")
    scene = Scene([Car("AB123CD", range(50), sure=0.1)], 60)
    outcome = watch(scene, View(lines={"door": door}))
    assert (outcome.events, outcome.directions) == ([], ["door:in"])
