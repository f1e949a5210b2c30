"""Boxes and texts as labelling tools write them: COCO, Label Studio, CVAT.

Each becomes rows of the columns of `labels_csv`, for `own` to check.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

from platestream.core.boundary import told_as
from platestream.core.errors import DataError

TEXT_NAMES = ("text", "plate_text", "plate", "label", "transcription", "license_plate", "number")
"""What a text is called, in a CSV or as an attribute of a box."""

Row: TypeAlias = dict[str, Any]


def each_row(path: Path) -> Iterator[Row]:
    """The plates of a .json of COCO or Label Studio, or of an .xml of CVAT ("for images").

    Yields:
        ``file``, ``text``, ``split`` and, where there is a box, ``x``, ``y``, ``w`` and ``h``.

    Raises:
        DataError: it is none of these.
    """
    what = f"{path}: neither COCO nor Label Studio's JSON nor CVAT's XML"
    advice = "export it again as one of these, or make a labels.csv with the columns file,text"
    with told_as(DataError, what, advice):
        data = path.read_bytes()
        if path.suffix.lower() == ".xml":
            yield from _cvat_rows(data)
        else:
            labels = json.loads(data)
            yield from _studio_rows(labels) if isinstance(labels, list) else _coco_rows(labels)


def first_of(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of some fields that says anything."""
    return next((str(row[name]).strip() for name in names if row.get(name)), "")


def _coco_rows(labels: Mapping[str, Any]) -> Iterator[Row]:
    images = {image["id"]: image for image in labels["images"]}
    for box in labels["annotations"]:
        image = images[box["image_id"]]
        said = {**box, **(box.get("attributes") or {})}
        yield _row(image, said, (box.get("bbox") or ["", "", "", ""])[:4])


def _row(image: Mapping[str, Any], said: Mapping[str, Any], xywh: Any) -> Row:
    x, y, w, h = xywh
    row = {"file": image["file_name"], "text": first_of(said, TEXT_NAMES)}
    return row | {"split": image.get("split") or "", "x": x, "y": y, "w": w, "h": h}


def _studio_rows(tasks: list[Any]) -> Iterator[Row]:
    """Boxes with a text each, joined by their id; a text without a box is the whole picture's."""
    for task in tasks:
        split = str(task.get("meta", {}).get("split", ""))
        name = _studio_file(next(iter(task["data"].values())))
        for annotation in task["annotations"]:
            boxes: dict[str, Row] = {}
            for result in annotation["result"]:
                row = boxes.setdefault(result["id"], {"file": name, "text": "", "split": split})
                value = result["value"]
                if "x" in value:
                    width, height = result["original_width"] / 100, result["original_height"] / 100
                    row |= {"x": value["x"] * width, "y": value["y"] * height,
                            "w": value["width"] * width, "h": value["height"] * height}  # fmt: skip
                if said := value.get("text"):
                    row["text"] = said if isinstance(said, str) else "".join(said)
            yield from boxes.values()


def _studio_file(address: str) -> str:
    """The file behind an address such as ``/data/local-files/?d=plates/1.jpg``."""
    parts = urlsplit(str(address))
    local = parse_qs(parts.query).get("d")
    return local[0] if local else unquote(parts.path).removeprefix("/")


def _cvat_rows(data: bytes) -> Iterator[Row]:
    # In UTF-16 a DOCTYPE would not be seen.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        msg = "it has a DOCTYPE or is no UTF-8, neither of which CVAT writes"
        raise ValueError(msg)
    root = ElementTree.fromstring(data)  # entities, by which XML attacks, are refused above
    if root.tag != "annotations":
        msg = f"its root is {root.tag}"
        raise ValueError(msg)
    for image in root.iter("image"):
        for box in image.iter("box"):
            left, top, right, bottom = (float(box.attrib[n]) for n in ("xtl", "ytl", "xbr", "ybr"))
            said = {each.attrib["name"].lower(): each.text for each in box.iter("attribute")}
            named = {"file_name": image.attrib["name"], "split": image.get("subset", "").lower()}
            yield _row(named, said, (left, top, right - left, bottom - top))
