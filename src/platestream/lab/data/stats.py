"""What a label file holds, in numbers."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from platestream.core.boxes import box_size
from platestream.lab.data.layouts import kind_of, read_dataset
from platestream.lab.data.own import is_own, read_own, with_splits
from platestream.lab.data.sample import Passage, Sample
from platestream.lab.unread import each_readable
from platestream.video.pictures import read_picture


def label_stats(path: Path) -> dict[str, Any]:
    """Count what a label file holds.

    Args:
        path: Whatever `read_dataset` reads, or `read_own`.

    Returns:
        A dictionary that can be written as JSON: ``kind`` (see `kind_of`), ``rows`` and
        ``plates`` (different texts) for each split, ``unlabelled`` (rows without a text),
        ``files``, ``tracks``, ``boxes``, ``quads``; ``lengths`` (plates by number of
        characters) and ``characters`` (over all plates, most frequent first), each plate
        counted once; ``width_px`` and ``height_px`` of the pictures and ``plate_width_px`` of
        the boxes as smallest, median, largest.

    Raises:
        DataError: a row is wrong; names file and line.
        SourceError: no picture can be read; of some, the log names those that cannot.
    """
    items = with_splits(read_own(path).samples) if is_own(path) else read_dataset(path)
    samples = [item for item in items if isinstance(item, Sample)]
    pictures = _picture_stats(samples) if samples else {}
    return {"kind": kind_of(items), **_text_stats(items), **pictures}


def _text_stats(items: Sequence[Sample | Passage]) -> dict[str, Any]:
    plates = {(item.split, item.text) for item in items if item.text}
    texts = {text for _, text in plates}
    return {
        "rows": dict(Counter(item.split for item in items)),
        "plates": dict(Counter(split for split, _ in sorted(plates))),
        "unlabelled": sum(not item.text for item in items),
        "files": len({item.file for item in items}),
        "lengths": dict(sorted(Counter(map(len, texts)).items())),
        "characters": dict(Counter("".join(sorted(texts))).most_common()),
    }


def _picture_stats(samples: Sequence[Sample]) -> dict[str, Any]:
    files = sorted({sample.file for sample in samples})
    stored = partial(read_picture, as_stored=True)
    sizes = [rgb.shape[1::-1] for _, rgb in each_readable(files, stored)]
    boxes = [sample.box_xyxy for sample in samples if sample.box_xyxy]
    stats = {
        "tracks": len({sample.track for sample in samples if sample.track}),
        "boxes": len(boxes),
        "quads": sum(sample.quad is not None for sample in samples),
        "width_px": _spread([width for width, _ in sizes]),
        "height_px": _spread([height for _, height in sizes]),
    }
    if boxes:
        stats["plate_width_px"] = _spread([box_size(box)[0] for box in boxes])
    return stats


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"smallest": min(values), "median": median(values), "largest": max(values)}
