"""Labelled plates out again, in the formats of labelling tools and trainers.

Every folder holds copies of its pictures, so that it can be moved. `own.read_own` reads each of
them back.
"""

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from platestream.core.boxes import box_size
from platestream.core.choices import Choices
from platestream.core.errors import SourceError, StoreError
from platestream.core.private import make_private_folder, open_private, write_private
from platestream.lab.data.cutting import cut_from
from platestream.lab.data.sample import Sample
from platestream.video.pictures import read_picture, write_picture

_VAL = {"train": "train", "dev": "val", "test": "test"}
"""What a split is called elsewhere."""


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A picture in the new folder, and the plates in it, each with its box.

    Where nobody said what split it is of, it is there to learn from: ``train``.
    """

    name: str
    width: int
    height: int
    split: str
    plates: list[Sample]


def convert(samples: Sequence[Sample], out: Path, name: str) -> tuple[int, list[str]]:
    """Write labelled plates in another format.

    Args:
        samples: With texts; one without a box is a picture of the plate alone.
        out: Folder for labels and pictures.
        name: A key of `CONVERSIONS`.

    Returns:
        How many plates, and a line for each picture that could not be read.

    Raises:
        ConfigError: there is no such format.
        StoreError: the folder cannot be written.
    """
    write = CONVERSIONS.choose(name)
    try:
        make_private_folder(out / "images")
        pictures, problems = _copied(samples, out, cuts=write is _plate_text)
        write(pictures, out)
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return sum(len(picture.plates) for picture in pictures), problems


def _copied(
    samples: Sequence[Sample], out: Path, *, cuts: bool
) -> tuple[list[_Labelled], list[str]]:
    """Copy every picture under a name of its own; with `cuts` each plate is cut out."""
    groups: dict[Any, list[Sample]] = {}
    for index, sample in enumerate(samples):
        groups.setdefault(index if cuts else sample.file, []).append(sample)
    pictures, problems, taken = [], [], set[str]()
    for plates in groups.values():
        try:
            rgb = read_picture(plates[0].file)
        except SourceError as error:
            problems.append(str(error))
            continue
        file = plates[0].file
        if cuts:
            rgb, plates = cut_from(rgb, plates[0]), [replace(plates[0], box_xyxy=None)]
        suffix = ".png" if cuts else file.suffix
        # Of another suffix, too: labels of YOLO are named for the picture without it.
        stem, number = file.stem, 1
        while stem in taken:
            number += 1
            stem = f"{file.stem}-{number}"
        taken.add(stem)
        name = f"{stem}{suffix}"
        if cuts:
            write_picture(out / "images" / name, rgb)
        else:
            with open_private(out / "images" / name, "wb") as copy, file.open("rb") as picture:
                shutil.copyfileobj(picture, copy)
        height, width = rgb.shape[:2]
        whole = (0.0, 0.0, float(width), float(height))
        boxed = [replace(plate, box_xyxy=plate.box_xyxy or whole) for plate in plates]
        pictures.append(_Labelled(name, width, height, plates[0].split or "train", boxed))
    return pictures, problems


def _xywh(plate: Sample) -> tuple[float, float, float, float]:
    left, top, *_ = box = plate.box_xyxy or (0.0, 0.0, 0.0, 0.0)
    return (left, top, *box_size(box))


def _table(out: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with open_private(out, encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def _labels_csv(pictures: Sequence[_Labelled], out: Path) -> None:
    rows = [
        (f"images/{p.name}", p.split, plate.text, *(f"{side:g}" for side in _xywh(plate)))
        for p in pictures
        for plate in p.plates
    ]
    _table(out / "labels.csv", ("file", "split", "text", "x", "y", "w", "h"), rows)


def _yolo(pictures: Sequence[_Labelled], out: Path) -> None:
    """Boxes of one class, shares of the picture; the texts, which YOLO has none of, beside them."""
    make_private_folder(out / "labels")
    listed: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for picture in pictures:
        lines = []
        for plate in picture.plates:
            x, y, w, h = _xywh(plate)
            centre = ((x + w / 2) / picture.width, (y + h / 2) / picture.height)
            shares = (*centre, w / picture.width, h / picture.height)
            lines.append(" ".join(["0", *(f"{share:.6f}" for share in shares)]) + "\n")
        stem = Path(picture.name).stem
        write_private(out / "labels" / f"{stem}.txt", "".join(lines))
        listed[_VAL[picture.split]].append(f"./images/{picture.name}\n")
    config = "".join(f"{name}: {name}.txt\n" for name, names in listed.items() if names)
    for name, names in listed.items():
        if names:
            write_private(out / f"{name}.txt", "".join(names))
    write_private(out / "data.yaml", f"{config}names:\n  0: plate\n")
    _labels_csv(pictures, out)


def _coco(pictures: Sequence[_Labelled], out: Path) -> None:
    images: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    for index, picture in enumerate(pictures, start=1):
        size = {"width": picture.width, "height": picture.height}
        images.append({"id": index, "file_name": picture.name, "split": picture.split, **size})
        for plate in picture.plates:
            xywh = _xywh(plate)
            box = {"id": len(boxes) + 1, "image_id": index, "category_id": 1, "bbox": list(xywh)}
            area = {"area": xywh[2] * xywh[3], "iscrowd": 0}
            boxes.append({**box, **area, "attributes": {"text": plate.text}})
    categories = [{"id": 1, "name": "plate"}]
    whole = {"images": images, "annotations": boxes, "categories": categories}
    _json(out / "annotations.json", whole)


def _plate_text(pictures: Sequence[_Labelled], out: Path) -> None:
    """Crops, and for each split a table as fast-plate-ocr takes it."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for picture in pictures:
        for plate in picture.plates:
            rows.setdefault(_VAL[picture.split], []).append((f"images/{picture.name}", plate.text))
    for name, lines in rows.items():
        _table(out / f"{name}.csv", ("image_path", "plate_text"), lines)


def _label_studio(pictures: Sequence[_Labelled], out: Path) -> None:
    """Tasks with a rectangle (``label``) and a text (``text``) for each plate."""
    tasks = []
    for picture in pictures:
        results = []
        for index, plate in enumerate(picture.plates, start=1):
            x, y, w, h = _xywh(plate)
            place = {"x": 100 * x / picture.width, "y": 100 * y / picture.height, "rotation": 0,
                     "width": 100 * w / picture.width,
                     "height": 100 * h / picture.height}  # fmt: skip
            shared = {"id": f"plate-{index}", "to_name": "image",
                      "original_width": picture.width,
                      "original_height": picture.height}  # fmt: skip
            rectangle = {"type": "rectanglelabels", "from_name": "label"}
            text = {"type": "textarea", "from_name": "text"}
            results += [
                {**shared, **rectangle, "value": {**place, "rectanglelabels": ["plate"]}},
                {**shared, **text, "value": {**place, "text": [plate.text]}},
            ]
        data = {"image": f"/data/local-files/?d=images/{picture.name}"}
        meta = {"split": picture.split}
        tasks.append({"data": data, "meta": meta, "annotations": [{"result": results}]})
    _json(out / "tasks.json", tasks)


def _cvat(pictures: Sequence[_Labelled], out: Path) -> None:
    """CVAT for images 1.1."""
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    for index, picture in enumerate(pictures):
        size = {"width": str(picture.width), "height": str(picture.height)}
        about = {"id": str(index), "name": picture.name, "subset": picture.split, **size}
        image = ElementTree.SubElement(root, "image", about)
        for plate in picture.plates:
            x, y, w, h = _xywh(plate)
            corners = {"xtl": x, "ytl": y, "xbr": x + w, "ybr": y + h}
            sides = {name: f"{value:.2f}" for name, value in corners.items()}
            box = ElementTree.SubElement(image, "box", {"label": "plate", "occluded": "0", **sides})
            ElementTree.SubElement(box, "attribute", {"name": "text"}).text = plate.text
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    write_private(out / "annotations.xml", f"<?xml version='1.0' encoding='utf-8'?>\n{text}")


def _json(path: Path, value: object) -> None:
    write_private(path, json.dumps(value, ensure_ascii=False, indent=1))


CONVERSIONS: Final[Choices[Callable[[Sequence[_Labelled], Path], None]]] = Choices(
    "format",
    {
        "labels-csv": _labels_csv,
        "yolo": _yolo,
        "coco": _coco,
        "fast-plate-ocr": _plate_text,
        "label-studio": _label_studio,
        "cvat": _cvat,
    },
)
"""The formats that labels can be written in."""
