"""Who is told what of a passage, and when: a receiver hears of it from when it fits what it asked.

A passage that is sure but not known, or not yet in the zone, is told as ``sure`` when that comes;
who was told of one is told how it ends, whatever it became.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Lock

from platestream.core.plate_event import State
from platestream.service.config import ServiceConfig
from platestream.service.sink_config import SinkConfig
from platestream.sinks.links import signed_path
from platestream.sinks.sink import Sink
from platestream.store.records import Message, NewEvent
from platestream.video.pictures import encode_jpeg, shrink

MAX_REMEMBERED = 10_000
"""Passages that somebody was told of, and that go on; far more than all cameras see at once."""

FRAME_WIDTH_PX = 1280
"""Of the whole frame, as receivers get it: what waits for a receiver waits in the store."""


class Telling:
    """Makes the messages of passages; remembers what was told of those that go on.

    Args:
        config: Says who wants what.
        sinks: Of `make_sinks`.
    """

    def __init__(self, config: ServiceConfig, sinks: Mapping[str, Sink]) -> None:
        self._config, self._sinks = config, sinks
        self._heard: OrderedDict[str, dict[str, Counter[str]]] = OrderedDict()
        self._lock = Lock()

    def messages(self, event: NewEvent) -> list[Message]:
        """What is to be told now, in order.

        Args:
            event: As the store keeps it, see `EventStore.as_kept`: what may not be kept is not
                told.
        """
        with self._lock:
            heard = self._heard.get(event.id, {})
        due = [
            (name, sink, state)
            for name, sink in self._sinks.items()
            for state in _due(self._config.sinks[name], event, heard.get(name, Counter()))
        ]
        if due:
            event = _with_pictures(event, has_frame=any(sink.wants_frame for _, sink, _ in due))
        before = {name: heard.get(name, Counter()) for name in self._sinks}
        return [
            _message(name, sink, self._linked(name, event), state, before[name][state])
            for name, sink, state in due
        ]

    def note(self, event: NewEvent, messages: list[Message]) -> None:
        """The messages are safe in the outbox."""
        with self._lock:
            if event.is_over:
                self._heard.pop(event.id, None)
                return
            for message in messages:
                heard = self._heard.setdefault(event.id, {})
                heard.setdefault(message.sink, Counter())[message.kind.partition("-")[0]] += 1
            while len(self._heard) > MAX_REMEMBERED:
                self._heard.popitem(last=False)

    def _linked(self, name: str, event: NewEvent) -> NewEvent:
        """An event with the addresses of its pictures, where a receiver asked for them."""
        wants = self._config.sinks[name]
        if not wants.links:
            return event
        key = self._config.server.link_key.get_secret_value().encode()
        until, base = event.ended_at + timedelta(hours=wants.link_hours), wants.links.rstrip("/")
        has_frame = event.frame is not None and self._config.store.frames
        return replace(
            event,
            crop_url=base + signed_path(key, event.id, "crop", until) if event.crop_jpeg else "",
            frame_url=base + signed_path(key, event.id, "frame", until) if has_frame else "",
        )


def _with_pictures(event: NewEvent, *, has_frame: bool) -> NewEvent:
    crop = encode_jpeg(event.crop) if event.crop is not None else None
    frame = event.frame if has_frame else None
    frame_jpeg = encode_jpeg(shrink(frame, FRAME_WIDTH_PX), 80) if frame is not None else None
    return replace(event, crop_jpeg=crop, frame_jpeg=frame_jpeg)


def _due(wants: SinkConfig, event: NewEvent, heard: Mapping[str, int]) -> Iterator[State]:
    is_fit = wants.hears(event)
    if event.is_over:
        # Nobody needs to know that what they never heard of is no more.
        if event.state in wants.when and (heard or (is_fit and event.state == "final")):
            yield event.state
        return
    if not (is_fit or heard):
        return
    if is_fit and "provisional" in wants.when and not heard.get("provisional"):
        yield "provisional"
    if "improved" in wants.when and event.state == "improved" and event.is_news:
        yield "improved"
    if is_fit and "sure" in wants.when and event.sure_at and not heard.get("sure"):
        yield "sure"


def _message(name: str, sink: Sink, event: NewEvent, state: State, num_before: int) -> Message:
    since = event.sure_at if state == "sure" else event.since
    told = replace(event, state=state, since=since or event.ended_at)
    kind = f"{state}-{num_before + 1}" if state == "improved" else state
    return Message(name, event.camera, event.id, kind, sink.encode(told))
