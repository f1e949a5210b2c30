import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sinks.passages import EVENT, passage

from platestream.sinks.frigate import frigate
from platestream.sinks.native import native
from platestream.sinks.openalpr import camera_number, openalpr
from platestream.sinks.platerecognizer import platerecognizer
from platestream.sinks.sink import Passage, to_json

EXAMPLES = Path(__file__).parent / "examples"

MAKERS = {"openalpr": openalpr, "platerecognizer": platerecognizer, "frigate": frigate}

LEFT_OUT = {
    "openalpr": {
        ".is_parked",
        ".user_data",
        ".travel_direction",
        ".best_plate.plate_crop_jpeg",
        ".best_plate.processing_time_ms",
        ".best_plate.vehicle_region.x",
        ".best_plate.vehicle_region.y",
        ".best_plate.vehicle_region.width",
        ".best_plate.vehicle_region.height",
    },
    "platerecognizer": {
        ".hook.target",
        ".data.results[].dscore",
        ".data.results[].vehicle.score",
        ".data.results[].vehicle.type",
        ".data.results[].vehicle.box.xmin",
        ".data.results[].vehicle.box.ymin",
        ".data.results[].vehicle.box.xmax",
        ".data.results[].vehicle.box.ymax",
        ".data.results[].model_make[].make",
        ".data.results[].model_make[].model",
        ".data.results[].model_make[].score",
        ".data.results[].color[].color",
        ".data.results[].color[].score",
        ".data.results[].orientation[].orientation",
        ".data.results[].orientation[].score",
        ".data.results[].direction",
    },
    "frigate": set[str](),
}


def fields(value: Any, path: str = "") -> dict[str, str]:
    """Path of each field, and its JSON type; the items of a list must all have the same."""
    if isinstance(value, dict):
        return {
            p: t for key, item in value.items() for p, t in fields(item, f"{path}.{key}").items()
        }
    if isinstance(value, list):
        of_items = [fields(item, f"{path}[]") for item in value]
        assert of_items, f"{path} is empty and shows no type"
        assert all(found == of_items[0] for found in of_items)
        return of_items[0]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {path: "number"}
    return {path: type(value).__name__}


@pytest.mark.parametrize("name", MAKERS)
def test_fields_and_types_are_the_documented_ones(name: str) -> None:
    documented = fields(json.loads((EXAMPLES / f"{name}.json").read_text())["example"])
    ours = fields(json.loads(to_json(MAKERS[name](passage(known_as="Anna")))))
    assert documented.keys() >= LEFT_OUT[name]
    assert ours == {p: kind for p, kind in documented.items() if p not in LEFT_OUT[name]}


def test_whole_numbers_stay_whole_where_receivers_parse_integers() -> None:
    group: Any = openalpr(passage())
    for key in ("camera_id", "epoch_start", "frame_start", "best_image_width", "version"):
        assert type(group[key]) is int
    assert {type(v) for corner in group["best_plate"]["coordinates"] for v in corner.values()} == {
        int
    }


def test_openalpr_by_hand() -> None:
    group: Any = openalpr(passage())
    assert group["data_type"] == "alpr_group"
    assert group["best_plate_number"] == "E617KA147"
    assert group["best_confidence"] == 98.29
    assert group["epoch_start"] == 1714979289250  # 2024-05-06 07:08:09.250 UTC
    assert group["epoch_end"] - group["epoch_start"] == 2750
    assert (group["best_region"], group["country"]) == ("ru", "ru")
    assert (group["best_image_width"], group["best_image_height"]) == (1280, 720)
    # 335.9, 457.0 to 425.2, 483.1, clockwise from the top left.
    assert group["best_plate"]["coordinates"] == [
        {"x": 336, "y": 457},
        {"x": 425, "y": 457},
        {"x": 425, "y": 483},
        {"x": 336, "y": 483},
    ]
    # E617KA147 and E617KA167 are both written as Russian plates are.
    assert [c["matches_template"] for c in group["candidates"]] == [1, 1]
    assert [c["confidence"] for c in group["candidates"]] == [98.98, 0.29]


def test_a_region_is_named_where_the_plate_is_rather_from_there() -> None:
    group = openalpr(passage(regions=(("FR", 0.5), ("IT", 0.4))))
    assert (group["best_region"], group["country"], group["matches_template"]) == ("", "", True)
    assert group["best_region_confidence"] == 0
    assert openalpr(passage(plate="XYZZY"))["matches_template"] is False
    group = openalpr(passage(regions=(("US-CA", 0.93), ("BE", 0.02))))
    assert (group["country"], group["best_region"]) == ("us", "us-ca")
    assert group["best_region_confidence"] == 93.0
    hook: Any = platerecognizer(passage(regions=(("US-CA", 0.93),)))
    assert hook["data"]["results"][0]["region"] == {"code": "us-ca", "score": 0.93}
    hook = platerecognizer(passage(regions=(("FR", 0.5), ("IT", 0.4))))
    assert hook["data"]["results"][0]["region"] == {"code": "", "score": 0.0}


def test_no_frame_no_size() -> None:
    assert "best_image_width" not in openalpr(replace(passage(), frame=None))


def test_camera_numbers_fit_an_int32_and_stay_the_same() -> None:
    # The check value of CRC-32 is 0xCBF43926; without its highest bit 0x4BF43926.
    assert camera_number("123456789") == 0x4BF43926
    assert all(0 <= camera_number(f"c{i}") < 2**31 for i in range(1000))


def test_platerecognizer_by_hand() -> None:
    hook: Any = platerecognizer(passage())
    data, (result,) = hook["data"], hook["data"]["results"]
    assert hook["hook"]["event"] == "recognition"
    assert data["timestamp"] == "2024-05-06T07:08:11.500000Z"
    assert result["plate"] == "e617ka147"
    assert result["score"] == 0.9829
    assert result["box"] == {"xmin": 335, "ymin": 457, "xmax": 426, "ymax": 484}
    assert result["candidates"][1] == {"plate": "e617ka167", "score": 0.0029}


def test_frigate_by_hand() -> None:
    assert frigate(passage()) == {
        "type": "lpr",
        "id": "0190a1b2-0000-7000-8000-000000000001",
        "name": None,
        "plate": "E617KA147",
        "score": 0.9829,
        "camera": "gate",
        "timestamp": 1714979291.5,
    }
    assert frigate(passage(known_as="Anna"))["name"] == "Anna"


def test_native_tells_what_was_read_beside_what_a_rule_made_of_it() -> None:
    body = native(replace(passage(plate="E617KA147"), read_plate="E6I7KA147"))
    assert (body["plate"], body["read_plate"]) == ("E617KA147", "E6I7KA147")
    assert native(passage())["read_plate"] == "E617KA147"


def test_native_by_hand() -> None:
    body = native(passage(known_as="Anna"))
    assert body["event_type"] == "plate"
    assert body["known_as"] == "Anna"
    assert body["best_at"] == "2024-05-06T07:08:11.500000+00:00"
    assert body["zones"] == ["drive"]
    assert body["candidates"] == [["E617KA147", 0.9898], ["E617KA167", 0.0029]]


@pytest.mark.parametrize("make", [*MAKERS.values(), native])
def test_nobody_is_told_the_address_of_a_camera(make: Callable[[Passage], dict[str, Any]]) -> None:
    assert "secret" in EVENT.source
    assert "secret" not in to_json(make(passage()))


def test_json_is_ascii_and_reads_back() -> None:
    body = to_json(native(passage(plate="黑Q1624S")))
    assert body.isascii()
    assert json.loads(body)["plate"] == "黑Q1624S"
