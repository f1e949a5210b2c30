"""One list of what an event says, and every way out that is made of it."""

import json
from dataclasses import fields, replace

from tests.sinks.passages import EVENT, passage

from platestream.core.event_fields import EVENT_FIELDS, READ_FIELDS, told
from platestream.core.plate_event import PlateEvent
from platestream.service.web.api.schemas import EventAnswer
from platestream.sinks.native import native
from platestream.sinks.sink import Passage
from platestream.store.records import StoredEvent

RUN = {"event", "strip", "crop", "stack"}
"""What the list leaves out: parts, and files of a run, in place of which the store has its own."""


def test_every_field_of_an_event_is_in_the_list() -> None:
    assert [each.name for each in READ_FIELDS] == [each.name for each in fields(PlateEvent)]
    names = {each.name for kind in (StoredEvent, PlateEvent) for each in fields(kind)}
    assert {each.name for each in EVENT_FIELDS} == names - RUN | {"stack_file"}
    assert [each.name for each in EVENT_FIELDS[:4]] == ["id", "camera", "plate", "confidence"]


def test_every_way_out_says_what_the_list_says() -> None:
    api, receivers = ({each.name for each in told(way)} for way in ("api", "receivers"))
    assert EventAnswer.model_fields.keys() == api | {"crop_url", "frame_url", "stack_url"}
    parts = {"event", "frame", "crop_jpeg", "frame_jpeg", "crop_url", "frame_url"}
    asked_for = {name for name in dir(Passage) if not name.startswith("_")} - parts
    assert {each.name for each in told("receivers") if not each.is_read} == asked_for
    # What counts frames or seconds of a run means nothing to those who have no run.
    assert not {"track_id", "first_frame", "best_pts_s", "crop"} & (api | receivers)
    assert {"quad", "box_xyxy", "quality"} <= api & receivers


def test_a_value_comes_back_from_json_as_it_went_in() -> None:
    quad = ((0.0, 1.0), (9.5, 1.0), (9.0, 4.0), (0.0, 4.0))
    event = replace(EVENT, continued=(1, 2), quad=quad)
    for each in READ_FIELDS:
        value = getattr(event, each.name)
        assert each.from_json(json.loads(json.dumps(value))) == value


def test_our_payload_is_plain_json() -> None:
    payload = native(passage())
    assert json.loads(json.dumps(payload)) == payload
    assert payload.keys() == {each.name for each in told("receivers")} | {"event_type"}
