"""By the shipped networks too, parts of a film of real clips give the events of the whole one."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from platestream.core.detector import WindowDetector
from platestream.core.types import Detection, Rgb
from platestream.video.engine import load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.videos import VideoSource
from tests.rtsp import make_clip

from .test_seams import events_of_parts

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "video"
FPS, WIDTH, HEIGHT = 25, 640, 480

Answer = TypeVar("Answer")


def remembering(ask: Callable[[Rgb], Answer]) -> Callable[[Rgb], Answer]:
    """Parts overlap: what was asked of the same pixels before need not be computed again."""
    known: dict[bytes, Answer] = {}

    def answer(rgb: Rgb, /) -> Answer:
        key = hashlib.blake2b(rgb.tobytes() + repr(rgb.shape).encode(), digest_size=16).digest()
        if key not in known:
            known[key] = ask(rgb)
        return known[key]

    return answer


@dataclass
class Remembering:
    """A detector that does."""

    detector: WindowDetector

    def __post_init__(self) -> None:
        self.scale = self.detector.scale
        self.detect: Callable[[Rgb], Sequence[Detection]] = remembering(self.detector.detect)
        self.look: Callable[[Rgb], Sequence[Detection]] = remembering(self.detector.look)


def pictures(*names: str) -> Iterator[Rgb]:
    """The clips one after the other, with a second of nothing after each."""
    for name in names:
        for frame in VideoSource(CLIPS / name).frames():
            rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            part = frame.rgb[:HEIGHT, :WIDTH]
            rgb[: part.shape[0], : part.shape[1]] = part
            yield rgb
        yield from np.zeros((FPS, HEIGHT, WIDTH, 3), np.uint8)


def test_parts_of_a_real_film_give_the_events_of_the_whole(tmp_path: Path) -> None:
    film = tmp_path / "film"
    make_clip(film, pictures("rs_gate.mp4", "in_car.mp4"), FPS, keyframe_every=6)
    engine = load_engine()
    assert isinstance(engine.detector, WindowDetector)
    engine = replace(
        engine,
        detector=Remembering(engine.detector),
        score=remembering(engine.score),
        read=remembering(engine.read),
    )
    pipeline = Pipeline(engine)

    def events(num_parts: int) -> list[dict[str, Any]]:
        return events_of_parts(film.with_suffix(".mp4"), num_parts, pipeline)

    whole = events(1)
    assert [event["plate"] for event in whole] == ["KI006SD", "KA22P3368"]
    for num_parts in (2, 7, 20):
        assert events(num_parts) == whole, f"{num_parts} parts"
