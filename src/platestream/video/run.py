"""The short way from a video, a picture or a folder to its events."""

from collections.abc import Iterator
from pathlib import Path

from platestream.core.plate_event import PlateEvent
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.life import LifeRules
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.engine import Engine, load_engine
from platestream.video.events import events_of
from platestream.video.kinds import Kind
from platestream.video.looks import judge_by
from platestream.video.pipeline import Pipeline
from platestream.video.survey import survey


def run(
    source: str | Path,
    engine: Engine | None = None,
    *,
    min_confidence: float = MIN_CONFIDENCE,
    pictures: Kind | str | None = None,
    decoder: str = DEFAULT_DECODER,
) -> Iterator[PlateEvent]:
    """Read a source as `platestream run` does, and give each passage when it is over.

    Args:
        source: A video, a picture, or a folder of them or of plate streams.
        engine: See `load_engine`; loaded when omitted.
        min_confidence: Plates that are less sure make no event, 0..1.
        pictures: What pictures are: "photos", "streams" (a folder of crops for each plate) or
            "crops" of one plate each; told from the pictures when omitted.
        decoder: What decodes videos, one of `decoders.DECODER_NAMES`.

    Raises:
        ConfigError: there is no such decoder here.
        SourceError: a source is not there, or breaks off; what was read of it was given before.
    """
    engine = engine or load_engine()
    pipeline = Pipeline(engine, rules=LifeRules(min_confidence))
    judge = judge_by(engine)
    for found in survey(Path(source), judge, Kind(pictures) if pictures else None).found:
        opened = found.open(decoder)
        for step in pipeline.run(opened):
            yield from events_of(step.updates, opened.name)
