"""From frames and crops to plates, with a detector and networks that are plain functions."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError, ShapeError, SourceLost, StoreError
from platestream.core.types import Detection, Frame, Reading, Rgb
from platestream.stream.fusion import ProductProbs, best_quality
from platestream.stream.policy import first_frame
from platestream.stream.rules import Rule
from platestream.video.engine import Engine
from platestream.video.pictures import write_picture
from platestream.video.pipeline import MAX_MOMENTS, Names, Pipeline, PlateReader, Step
from platestream.video.sources import CropStream
from tests.detections import slanted, slanted_quad

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


class Scripted:
    """A source whose white square moves right and grows brighter; may break off."""

    name, fps, num_corrupt = "scripted", 10.0, 0

    def __init__(self, num_frames: int, lost_after: int | None = None) -> None:
        self.num_frames: int | None = num_frames
        self._lost_after = lost_after

    def frames(self) -> Iterator[Frame]:
        for index in range(self.num_frames or 0):
            if index == self._lost_after:
                msg = f"{self.name}: ended early"
                raise SourceLost(msg)
            rgb = np.zeros((60, 200, 3), np.uint8)
            rgb[20:30, 4 * index + 8 : 4 * index + 48] = 100 + index
            yield Frame(index, index / 10, rgb)


class BrightSpot:
    """Detects everything that is not black, as one box."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        ys, xs = np.nonzero(rgb[:, :, 0] > 50)
        if not len(xs):
            return []
        box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
        return [slanted(box)]


def score(rgb: Rgb) -> float:
    return float(rgb.max()) / 255


def read(rgb: Rgb) -> Reading:
    return Reading(f"B{rgb.max()}", PROBS, 0.9)


PIPELINE = Pipeline(Engine(BrightSpot(), score, read))


def test_every_frame_has_its_decision_and_the_plate_ends_with_the_source() -> None:
    steps = list(PIPELINE.run(Scripted(12)))
    assert [step.frame.index for step in steps if step.frame] == list(range(12))
    assert [d.reading.text for s in steps for d in s.decisions] == [
        f"B{100 + i}" for i in range(12)
    ]
    (plate,) = [plate for step in steps for plate in step.ended]
    assert plate.reading.text == "B111"
    assert (plate.first_frame, plate.last_frame, plate.num_frames) == (0, 11, 12)
    assert plate.last_pts_s == pytest.approx(1.1)
    # The crop is the plate of the very frame that was read, upright, a tenth larger than 40 x 8.
    best = plate.best_crop
    assert best.frame_index == 11
    assert best.box_xyxy == (52.0, 20.0, 92.0, 30.0)
    assert best.quad == slanted_quad(best.box_xyxy)
    assert best.rgb.shape == (9, 44, 3)
    assert best.rgb[5, 20, 0] == 111


def test_a_source_that_breaks_off_gives_its_plates_and_then_the_error() -> None:
    steps: list[Step] = []
    with pytest.raises(SourceLost, match="ended early"):
        steps.extend(PIPELINE.run(Scripted(12, lost_after=5)))
    (plate,) = [plate for step in steps for plate in step.ended]
    assert plate.num_frames == 5


@pytest.mark.parametrize("error", [StoreError("disk full"), KeyboardInterrupt()])
def test_what_the_caller_throws_in_comes_back_after_the_plates_in_view(
    error: BaseException,
) -> None:
    steps = PIPELINE.run(Scripted(12))
    for _ in range(4):
        next(steps)
    (plate,) = steps.throw(error).ended
    assert plate.num_frames == 4
    with pytest.raises(type(error)):
        next(steps)


def test_a_plate_that_leaves_ends_before_the_source_does() -> None:
    class Leaves(Scripted):
        def frames(self) -> Iterator[Frame]:
            for frame in super().frames():
                dark = np.zeros_like(frame.rgb)
                yield frame if frame.index < 4 else Frame(frame.index, frame.pts_s, dark)

    steps = list(PIPELINE.run(Leaves(80)))
    ends = [step.frame.index for step in steps if step.ended and step.frame]
    # Last seen at 0.3 s; until 4.3 s it might have come back.
    assert ends == [43]


def test_a_plate_lost_and_found_again_is_one_passage() -> None:
    class Hidden(Scripted):
        def frames(self) -> Iterator[Frame]:
            for index in range(60):
                rgb = np.zeros((60, 200, 3), np.uint8)
                if not 10 <= index < 35:  # longer than the tracker waits
                    rgb[20:30, 20:60] = 180
                yield Frame(index, index / 10, rgb)

    plates = [plate for step in PIPELINE.run(Hidden(60)) for plate in step.ended]
    (plate,) = plates
    assert (plate.first_frame, plate.last_frame, plate.num_frames) == (0, 59, 35)


def test_a_plate_that_leaves_as_the_next_one_fails_is_not_lost() -> None:
    class TwoCars(Scripted):
        def frames(self) -> Iterator[Frame]:
            for frame in super().frames():
                gone = np.zeros_like(frame.rgb)
                if frame.index == 7:  # the very frame in which the first is given up
                    gone[40:50, 150:190] = 255
                yield frame if frame.index < 3 else Frame(frame.index, frame.pts_s, gone)

    def fails_on_white(rgb: Rgb) -> float:
        if rgb.max() == 255:
            msg = "the network broke"
            raise ModelContractError(msg)
        return score(rgb)

    pipeline = Pipeline(Engine(BrightSpot(), fails_on_white, read))
    steps: list[Step] = []
    with pytest.raises(ModelContractError):
        steps.extend(pipeline.run(TwoCars(12)))
    assert [plate.num_frames for step in steps for plate in step.ended] == [3]


def test_sources_share_no_tracks() -> None:
    first, second = (list(PIPELINE.run(Scripted(3))) for _ in range(2))
    assert [p.track_id for s in first + second for p in s.ended] == [1, 1]


def test_a_plate_stream_is_read_without_a_detector(tmp_path: Path) -> None:
    for index, value in enumerate([90, 200, 120]):
        write_picture(tmp_path / f"{index:05d}.png", np.full((10, 30, 3), value, np.uint8))
    steps = list(PIPELINE.run(CropStream(tmp_path)))
    assert [d.reading.text for s in steps for d in s.decisions] == ["B90", "B200", "B200"]
    (plate,) = [plate for step in steps for plate in step.ended]
    assert (plate.best_crop.frame_index, plate.num_read) == (1, 2)


@pytest.mark.parametrize("error", [ModelContractError("the reader broke"), KeyboardInterrupt()])
def test_a_reader_that_fails_on_kept_crops_loses_no_plate(error: BaseException) -> None:
    class TwoSpots:
        def detect(self, rgb: Rgb) -> Sequence[Detection]:
            return [slanted((0, 0, 40, 10)), slanted((100, 40, 140, 50), 0.8)]

    calls = 0

    def fails_at_the_end(rgb: Rgb) -> Reading:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise error
        return Reading(f"B{calls}", PROBS, 0.1)

    heart = Rule(first_frame, ProductProbs(), read_at_end=2)
    pipeline = Pipeline(Engine(TwoSpots(), score, fails_at_the_end, rule=heart))
    steps = pipeline.run(Scripted(6))
    ended = [plate.reading.text for step in islice(steps, 7) for plate in step.ended]
    assert ended == ["B1", "B2"]
    with pytest.raises(type(error)):
        next(steps)


class Relay(Scripted):
    """A dark red plate, half a second of nothing, and then a bright one in the same place."""

    def frames(self) -> Iterator[Frame]:
        for index in range(15):
            rgb = np.zeros((60, 200, 3), np.uint8)
            if not 5 <= index < 10:
                rgb[20:30, 40:80] = 120 if index < 5 else self.level
            yield Frame(index, index / 10, rgb)

    level = 220


def read_shade(rgb: Rgb) -> Reading:
    """Dark plates read ABC123, bright ones XYZ789, those between something near the first."""
    level = int(rgb.max())
    return Reading("ABC123" if level < 150 else "ABC128" if level < 200 else "XYZ789", PROBS, 0.9)


def test_a_track_that_goes_over_to_another_plate_is_two_plates() -> None:
    pipeline = Pipeline(Engine(BrightSpot(), score, read_shade))
    steps = list(pipeline.run(Relay(15)))
    plates = [plate for step in steps for plate in step.ended]
    assert [(p.track_id, p.reading.text) for p in plates] == [(1, "ABC123"), (2, "XYZ789")]
    assert [(p.first_frame, p.last_frame, p.num_frames) for p in plates] == [(0, 4, 5), (10, 14, 5)]
    after = [d for s in steps if s.frame and s.frame.index >= 10 for d in s.decisions]
    assert {(d.crop.track_id, d.reading.text) for d in after} == {(2, "XYZ789")}


def test_a_track_that_comes_back_as_itself_stays_one_plate() -> None:
    class Same(Relay):
        level = 180  # reads as one character off

    pipeline = Pipeline(Engine(BrightSpot(), score, read_shade))
    plates = [plate for step in pipeline.run(Same(15)) for plate in step.ended]
    assert [(p.track_id, p.num_frames) for p in plates] == [(1, 10)]


def test_a_crop_that_was_read_to_tell_is_not_read_again() -> None:
    class Same(Relay):
        level = 180

    seen: list[int] = []

    def read(rgb: Rgb) -> Reading:
        seen.append(int(rgb.max()))
        return read_shade(rgb)

    # Reads the first crop of a track only, and all others when it ends.
    rule = Rule(lambda *_: False, best_quality, read_at_end=99)
    pipeline = Pipeline(Engine(BrightSpot(), score, read, rule=rule))
    steps = list(pipeline.run(Same(15)))
    (plate,) = [plate for step in steps for plate in step.ended]
    assert plate.num_frames == 10
    assert plate.num_read == len(seen) <= 10
    assert [d.was_read for step in steps for d in step.decisions].count(True) == 2


class Slow(Relay):
    """A plate that stands there, before a camera of any rate; then nothing; then another one."""

    def __init__(self, fps: float, missed: int) -> None:
        super().__init__(24 + missed)
        self.fps, self._missed = fps, missed

    def frames(self) -> Iterator[Frame]:
        for index in range(self.num_frames or 0):
            rgb = np.zeros((60, 200, 3), np.uint8)
            if not 12 <= index < 12 + self._missed:
                rgb[20:30, 40:80] = 120 if index < 12 else self.level
            jitter_s = (0.0, 0.004, -0.003)[index % 3]
            yield Frame(index, (index + 1) / self.fps + jitter_s, rgb)


@pytest.mark.parametrize("fps", [1.0, 2.0, 3.0, 5.0, 25.0])
def test_at_no_rate_is_every_frame_taken_for_one_after_a_gap(fps: float) -> None:
    class Same(Slow):
        level = 120

    rule = Rule(first_frame, best_quality)
    pipeline = Pipeline(Engine(BrightSpot(), score, read_shade, rule=rule))
    steps = list(pipeline.run(Same(fps, missed=0)))
    (plate,) = [plate for step in steps for plate in step.ended]
    assert (plate.num_frames, plate.num_read) == (24, 1)


@pytest.mark.parametrize(("fps", "missed"), [(2.0, 1), (3.0, 1), (3.0, 2), (5.0, 2), (25.0, 12)])
def test_at_any_rate_a_plate_after_a_gap_is_read_to_see_whose_it_is(
    fps: float, missed: int
) -> None:
    rule = Rule(first_frame, best_quality)
    pipeline = Pipeline(Engine(BrightSpot(), score, read_shade, rule=rule))
    steps = list(pipeline.run(Slow(fps, missed)))
    plates = [plate for step in steps for plate in step.ended]
    assert [(p.reading.text, p.num_frames) for p in plates] == [("ABC123", 12), ("XYZ789", 12)]


@pytest.mark.parametrize(("confidence", "num_scored"), [(0.99, 1), (0.5, 20)])
def test_a_sure_plate_that_stands_still_is_cut_out_and_scored_once(
    confidence: float, num_scored: int
) -> None:
    scored: list[Rgb] = []

    def count(rgb: Rgb) -> float:
        scored.append(rgb)
        return score(rgb)

    engine = Engine(BrightSpot(), count, read_shade, lambda *_: confidence)
    reader = PlateReader(engine)
    rgb = np.zeros((60, 200, 3), np.uint8)
    rgb[20:30, 40:80] = 120
    steps = [reader.push(rgb, index / 25) for index in range(20)]
    assert len(scored) == num_scored
    crops = [step.decisions[0].crop for step in steps]
    assert [(crop.frame_index, crop.pts_s) for crop in crops] == [(i, i / 25) for i in range(20)]
    assert {step.decisions[0].quality for step in steps} == {120 / 255}
    rgb = np.zeros((60, 200, 3), np.uint8)
    rgb[20:30, 46:86] = 180
    reader.push(rgb, 20 / 25)
    assert len(scored) == num_scored + 1, "what moves is another picture"


@pytest.mark.parametrize(
    "box", [(9000, 9000, 9100, 9100), (197, 10, 240, 54), (-40, 10, 3, 54), (20, -30, 60, 2)]
)
def test_what_lies_outside_the_frame_is_no_plate(box: tuple[float, ...]) -> None:
    reader = PlateReader(Engine(BrightSpot(), score, read, lambda *_: 0.5))
    rgb = np.zeros((60, 200, 3), np.uint8)
    for at_s in (0.0, 0.1):
        assert reader.push(rgb, at_s, detections=np.array([box], float)).decisions == []
    (decision,) = reader.push(rgb, 0.2, detections=np.array([(190, 10, 240, 54)], float)).decisions
    assert decision.crop.rgb.shape[1] >= 4
    reader.push(rgb, 9.0, detections=np.empty((0, 4)))


@pytest.mark.parametrize("box", [(0, 0, np.nan, 20), (0, 0, np.inf, 20), (50, 0, 20, 20)])
def test_what_is_no_box_is_told(box: tuple[float, ...]) -> None:
    reader = PlateReader(Engine(BrightSpot(), score, read, lambda *_: 0.5))
    with pytest.raises(ShapeError, match="left, top, right, bottom"):
        reader.push(np.zeros((60, 200, 3), np.uint8), 0.0, detections=np.array([box]))


class BrightSpotInParts(BrightSpot):
    """The same, that may be shown parts."""

    def scale(self, width_px: int, height_px: int) -> float:
        return 1.0

    def look(self, rgb: Rgb) -> Sequence[Detection]:
        return self.detect(rgb)


def test_of_frames_that_nobody_looked_at_nothing_is_cut_out() -> None:
    scored: list[float] = []

    def count(rgb: Rgb) -> float:
        scored.append(score(rgb))
        return scored[-1]

    rule = Rule(first_frame, best_quality, read_at_end=50)
    reader = PlateReader(Engine(BrightSpotInParts(), count, read, lambda *_: 0.5, rule))
    steps: list[Step] = []
    for index in range(40):
        rgb = np.zeros((60, 200, 3), np.uint8)
        rgb[20:30, index + 8 : index + 48] = 100 + index
        steps.append(reader.push(rgb, index / 25))
    lefts = [decision.crop.box_xyxy[0] for step in steps for decision in step.decisions]
    assert lefts == pytest.approx([index + 8 for index in range(40)], abs=0.5)
    frames = [decision.crop.frame_index for step in steps for decision in step.decisions]
    assert frames == list(range(40))
    assert 20 < len(scored) < 30, "every other frame once its speed is known"
    (plate,) = reader.finish().ended
    assert plate.num_frames == 40
    assert plate.num_read == len(scored), "what was not cut out is no witness"


def test_frames_that_are_pushed_for_years_leave_so_many_moments_and_no_more() -> None:
    names = Names("gate")
    first, twin = names(0, 1.5), names(0, 1.5)
    assert first != twin
    for at_s in range(2, MAX_MOMENTS + 100):
        names(0, float(at_s))
    assert len(names._num_at) == MAX_MOMENTS
