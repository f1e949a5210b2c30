"""Cameras without pixels to speak of: scenes that say where plates are and what they read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import BoxXyxy, Detection, Frame, Reading, Rgb
from platestream.stream.confidence import least_certain
from platestream.stream.fusion import best_quality
from platestream.stream.policy import every_frame, first_frame
from platestream.stream.rules import Rule
from platestream.video.engine import Engine
from tests.detections import slanted

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WIDTH, HEIGHT, FPS = 400, 200, 10.0


@dataclass(frozen=True)
class Car:
    """A plate that goes by: at (x, y) in its first frame, then (dx, dy) on in each.

    Attributes:
        text: What it reads as.
        frames: Indices of the frames it is in.
        at: Where its centre is in the first of them.
        step: How far it moves a frame.
        sure: Probability of each character; so unsure that its best crops are read at the end.
    """

    text: str
    frames: range
    at: tuple[float, float] = (60.0, 100.0)
    step: tuple[float, float] = (5.0, 0.0)
    sure: float = 0.9

    def box(self, index: int) -> BoxXyxy | None:
        if index not in self.frames:
            return None
        num = index - self.frames.start
        x, y = self.at[0] + num * self.step[0], self.at[1] + num * self.step[1]
        return (x - 20, y - 5, x + 20, y + 5)


@dataclass
class Scene:
    """A source and a detector in one: cars are drawn in levels of grey that stand for them."""

    cars: Sequence[Car]
    num_frames: int | None
    name: str = "scene"
    fps: float = FPS
    num_corrupt: int = 0
    _now: int = field(default=0)

    def frames(self) -> Iterator[Frame]:
        for index in range(self.num_frames or 0):
            self._now = index
            rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            for number, car in enumerate(self.cars):
                if box := car.box(index):
                    x1, y1, x2, y2 = (int(side) for side in box)
                    rgb[y1:y2, x1:x2] = (number + 1, index % 200 + 50, 0)
            yield Frame(index, index / FPS, rgb)

    def detect(self, rgb: Rgb) -> list[Detection]:
        boxes = (car.box(self._now) for car in self.cars)
        return [slanted(box) for box in boxes if box]

    def score(self, rgb: Rgb) -> float:
        """Later frames of a car are better."""
        return float(rgb[:, :, 1].max()) / 255

    def read(self, rgb: Rgb) -> Reading:
        car = self.cars[int(rgb[:, :, 0].max()) - 1]
        return reading(car.text, car.sure)

    def engine(self, *, read_all: bool = False) -> Engine:
        rule = Rule(every_frame if read_all else first_frame, best_quality, read_at_end=3)
        return Engine(self, self.score, self.read, least_certain, rule)


def reading(text: str, sure: float = 0.99) -> Reading:
    probs = np.full((NUM_STEPS, NUM_CLASSES), (1 - sure) / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = sure
    return Reading.from_probs(probs)


def wall_time(pts_s: float) -> datetime:
    return NOON + timedelta(seconds=pts_s)


def names(known: Mapping[str, str]):
    """A namer that knows whole plates."""

    def name(plate: str, /, *, masked: str, confidence: float) -> str:
        return known.get(plate, "")

    return name
