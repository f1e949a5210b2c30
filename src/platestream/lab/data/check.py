"""Everything that is wrong with a label file, in one go."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from platestream.core.boxes import box_size
from platestream.core.errors import DataError, SourceError
from platestream.lab.data.labels_csv import each_label, each_passage, is_label_file, is_video
from platestream.lab.data.own import read_own
from platestream.lab.data.sample import Passage, Sample
from platestream.models.preprocess import MIN_CROP_SIDE_PX
from platestream.video.pictures import read_picture
from platestream.video.videos import VideoSource

BOX_SLACK_PX = 1.0
"""How far a box may reach out of its picture: labels are rounded."""


def check_labels(path: Path) -> list[str]:
    """Find every problem of a label file and of the pictures or videos that it labels.

    Besides what the readers refuse: files that cannot be decoded, boxes too small for a plate,
    boxes and passages that reach out of their file, rows that say the same twice, and plates
    in more than one split.

    Args:
        path: The csv, or the folder with a `labels.csv`; also a folder that holds several of
            those as ``crops/NAME`` and the like, and what `read_own` reads beside.

    Returns:
        One line a problem, each naming file and line; empty when all is well.
    """
    if path.is_dir() and not (path / "labels.csv").is_file():
        sets = sorted(path.glob("*/*/labels.csv"))
        return [line for each in sets for line in check_labels(each)] if sets else _of_own(path)
    if path.suffix.lower() in (".json", ".xml"):
        return _of_own(path)
    try:
        if not is_label_file(path):
            return _of_own(path)
        items = list(each_passage(path) if is_video(path) else each_label(path))
    except DataError as error:  # of the file as a whole
        return [str(error)]
    problems = [str(item) for _, item in items if isinstance(item, DataError)]
    rows = [(line, item) for line, item in items if not isinstance(item, DataError)]
    for line, item in rows:
        try:
            _check_content(item)
        except (DataError, SourceError) as error:
            problems.append(f"{path}, line {line}: {error}")
    problems += [f"{path}, {problem}" for problem in _repeats(rows)]
    problems += [f"{path}, {problem}" for problem in _leaks(rows)]
    return problems


def _of_own(path: Path) -> list[str]:
    """The problems of labels in a format of others, which have no lines."""
    try:
        own = read_own(path)
    except DataError as error:
        return [str(error)]
    problems = [f"{path}: {n} x {reason}" for reason, n in own.left_aside.most_common()]
    for sample in own.samples:
        try:
            _check_content(sample)
        except SourceError as error:
            problems.append(str(error))
        except DataError as error:
            problems.append(f"{sample.file}: {error}")
    return problems


def _check_content(item: Sample | Passage) -> None:
    """Hold a row against its picture or video.

    Raises:
        DataError: the row reaches out of it.
        SourceError: it cannot be read.
    """
    if isinstance(item, Passage):
        num_frames = VideoSource(item.file).num_frames
        if num_frames is not None and item.last_frame >= num_frames:
            msg = f"last_frame {item.last_frame} of {num_frames} frames; they count from 0"
            raise DataError(msg)
        return
    height, width = read_picture(item.file).shape[:2]
    if item.box_xyxy:
        left, top, right, bottom = item.box_xyxy
        sides = box_size(item.box_xyxy)
        if min(sides) < MIN_CROP_SIDE_PX:
            size = f"{sides[0]:.1f}x{sides[1]:.1f}"
            msg = f"a box of {size} px holds no plate; correct it or drop the row"
            raise DataError(msg)
        over = max(-left, -top, right - width, bottom - height)
        if over > BOX_SLACK_PX:
            msg = f"the box reaches {over:g} px out of the {width}x{height} picture; correct it"
            raise DataError(msg)


def _repeats(rows: list[tuple[int, Sample | Passage]]) -> Iterator[str]:
    first_lines: dict[Sample | Passage, int] = {}
    for line, item in rows:
        first = first_lines.setdefault(item, line)
        if first != line:
            yield f"line {line}: says the same as line {first}; drop one"


def _leaks(rows: list[tuple[int, Sample | Passage]]) -> Iterator[str]:
    """A plate that is learnt and judged makes the judgement worthless."""
    seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line, item in rows:
        if item.text:
            seen[item.text].setdefault(item.split, line)
    for text, lines in seen.items():
        if len(lines) > 1:
            places = " and ".join(f"{split} (line {line})" for split, line in lines.items())
            yield f"line {max(lines.values())}: plate {text} is in {places}; keep it in one split"
