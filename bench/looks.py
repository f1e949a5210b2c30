"""What readers see at the first look, and with all looks, on every dev set and every kind of plate.

    python bench/looks.py DATA_ROOT MODELS... [--glyphs GLYPHS] [--all]

MODELS are folders as `platestream export` makes them, or `package`. Crops are cut as labels say,
grown by a tenth; of tracks/rlpr every fifth frame. With --all the second looks are taken too,
which takes three times as long. O and 0, I and 1 count as the same where a set mixes them.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from tables import print_rows

from platestream.core.alphabet import CHINESE_SPECIALS, PROVINCES
from platestream.core.metrics import fold
from platestream.core.types import Reading, Rgb
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import layouts_of
from platestream.lab.statistics import wilson_interval
from platestream.lab.train.crops import LabelledCrop, load_crops
from platestream.models.bundle import load_networks
from platestream.models.cards import DEFAULT_ARCH, WEIGHTS_DIR, load_card
from platestream.models.reader import OnnxReader

FOLDED: Final = {"europe", "brazil", "world_416", "us_states", "world_ocr"}
"""Sets whose labels mix O and 0."""

DRAWN: Final[Mapping[str, tuple[str, ...]]] = {
    "drawn, two rows": ("in_two", "br_moto", "cn_yellow_two", "tn_two", "any_two"),
    "drawn, marked letters": ("d_marked", "hr_marked", "srb_marked", "slo_marked"),
    "drawn, Hangul": ("kr",),
    "drawn, 11 and 12 signs": ("long",),
}
NUM_DRAWN: Final = 200
FOREIGN: Final = ("th", "arabic", "jp")
SURE: Final = 0.5
"""Score from which on a reading of a foreign plate counts as a guess."""
EVERY: Final = 5
"""Of a plate stream every so many-th frame."""
TWO_ROWS_BELOW: Final = 2.0
"""Width over height of a crop."""

NOTE: Final = (
    "`python bench/looks.py DATA package --glyphs GLYPHS --all`: per cent of split dev read "
    "exactly, and of drawn plates; with 95 % intervals (Wilson, by plates, not by frames). Cut as "
    "labels say and grown by a tenth, of tracks/rlpr every fifth frame. O and 0, I and 1 count as "
    "the same where a set mixes them. Of foreign scripts it is the share that is taken for Latin, "
    "surely (0.5): none is right."
)

Read: TypeAlias = Callable[[Sequence[Rgb]], list[Reading]]


def real_crops(root: Path) -> list[LabelledCrop]:
    """The dev crops of all sets."""
    by_set: dict[str, list[LabelledCrop]] = defaultdict(list)
    for crop in load_crops(root, "dev"):
        by_set[crop.set_name].append(crop)
    return [c for name, crops in by_set.items() for c in crops[:: EVERY if name == "rlpr" else 1]]


def drawn_crops(kinds: Iterable[str], glyphs: Path | None, name: str) -> list[LabelledCrop]:
    """Drawn plates of some layouts, from a seed that no training has."""
    book, layouts = GlyphBook(glyphs), layouts_of(list(kinds))
    found = []
    for index in range(NUM_DRAWN):
        rng = np.random.default_rng((2031, index))
        text, _, plate = draw_plate(rng, book, layouts)
        found.append(LabelledCrop(name, text, shoot(plate, Camera.sample(rng), rng)))
    return found


def kinds_of(crop: LabelledCrop) -> list[str]:
    """The kinds of plate that a real crop belongs to, beside its set."""
    height, width = crop.rgb.shape[:2]
    kinds = []
    if width < TWO_ROWS_BELOW * height:
        kinds.append("real, two rows")
    if crop.text[0] in PROVINCES:
        kinds.append("real, China")
        if crop.text[0] != "皖":
            kinds.append("real, China but Anhui")
    if set(crop.text) & set(CHINESE_SPECIALS):
        kinds.append("real, Chinese special uses")
    if crop.set_name in ("us_states", "california"):
        kinds.append("real, US")
        if crop.text.isalpha():
            kinds.append("real, US, letters only")
    return kinds


def readers_of(folder: Path, *, every_look: bool) -> dict[str, Read]:
    """How a folder's readers read."""
    card = load_card(f"reader-{DEFAULT_ARCH}", folder)
    first = OnnxReader(card.read_weights(), alphabet=card.alphabet)

    def in_batches(crops: Sequence[Rgb]) -> list[Reading]:
        return [r for i in range(0, len(crops), 64) for r in first.read_batch(crops[i : i + 64])]

    readers: dict[str, Read] = {"first look": in_batches}
    if every_look:
        read = load_networks(DEFAULT_ARCH, folder).read
        readers["all looks"] = lambda crops: [read(crop) for crop in crops]
    return readers


def is_right(crop: LabelledCrop, reading: Reading) -> bool:
    """Whether a reading is the label; for some sets up to what their labels mix."""
    if crop.set_name in FOLDED:
        return fold(crop.text) == fold(reading.text)
    return crop.text == reading.text


def look(
    root: Path, folders: Mapping[str, Path], glyphs: Path | None, *, every_look: bool
) -> list[dict[str, Any]]:
    """A row a set and a kind of plate, in which each folder has a column a look.

    Args:
        root: Folder of labelled pictures, of which split dev is read.
        folders: Weights, by the name of their column.
        glyphs: Folder of Chinese plate glyphs.
        every_look: Take the second looks too.
    """
    real = real_crops(root)
    drawn = [c for n, kinds in DRAWN.items() for c in drawn_crops(kinds, glyphs, n)]
    foreign = drawn_crops(FOREIGN, glyphs, "foreign")
    crops = [*real, *drawn]
    groups: dict[str, list[int]] = defaultdict(list)
    for index, crop in enumerate(crops):
        for name in [crop.set_name, *(kinds_of(crop) if index < len(real) else [])]:
            groups[name].append(index)
    num_plates = {
        name: len({(crops[i].set_name, crops[i].text) for i in indices})
        for name, indices in groups.items()
    }
    rows: dict[str, dict[str, Any]] = {
        name: {"set or kind": name, "crops": len(indices)} for name, indices in groups.items()
    }
    guessed = {"set or kind": "drawn, foreign scripts guessed", "crops": len(foreign)}
    mean = {"set or kind": "mean of the sets", "crops": ""}
    for name, folder in folders.items():
        for which, read in readers_of(folder, every_look=every_look).items():
            column = f"{name}, {which}"
            readings = read([crop.rgb for crop in crops])
            right = np.array([is_right(c, r) for c, r in zip(crops, readings, strict=True)])
            for group, indices in groups.items():
                rows[group][column] = _share(right[indices], num_plates[group])
            sure = [r.score >= SURE and bool(r.text) for r in read([c.rgb for c in foreign])]
            guessed[column] = _share(np.array(sure), len(sure))
            mean[column] = _mean_of_sets(groups, right)
    return [*rows.values(), guessed, mean]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    folders = {name: WEIGHTS_DIR if name == "package" else Path(name) for name in options.models}
    print_rows(look(options.data, folders, options.glyphs, every_look=options.all))


def _share(right: np.ndarray, num_plates: int) -> str:
    low, high = wilson_interval(float(right.mean()), num_plates)
    return f"{100 * right.mean():.1f} ({100 * low:.0f} to {100 * high:.0f})"


def _mean_of_sets(groups: Mapping[str, Sequence[int]], right: np.ndarray) -> str:
    sets = [indices for name, indices in groups.items() if "," not in name]
    return f"{100 * np.mean([right[indices].mean() for indices in sets]):.2f}"


if __name__ == "__main__":
    main()
