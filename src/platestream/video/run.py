"""The short way from a video, a picture or a folder to its events."""

from collections.abc import Iterator
from pathlib import Path

from platestream.core.types import PlateEvent
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.life import LifeRules
from platestream.video.engine import Engine, load_engine
from platestream.video.events import events_of
from platestream.video.pipeline import Pipeline
from platestream.video.sources import list_sources, open_source


def run(
    source: str | Path, engine: Engine | None = None, *, min_confidence: float = MIN_CONFIDENCE
) -> Iterator[PlateEvent]:
    """Read a source as `platestream run` does, and give each passage when it is over.

    Args:
        source: A video, a picture, or a folder of them or of plate streams.
        engine: See `load_engine`; loaded when omitted.
        min_confidence: Plates that are less sure make no event, 0..1.

    Raises:
        SourceError: a source is not there, or breaks off; what was read of it was given before.
    """
    pipeline = Pipeline(engine or load_engine(), rules=LifeRules(min_confidence))
    for path in list_sources(Path(source)):
        opened = open_source(path)
        for step in pipeline.run(opened):
            yield from events_of(step.updates, opened.name)
