"""A bank of drawn plates: made once, read by every training batch."""

import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from platestream.core.errors import ConfigError, DataError, StoreError
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Rgb
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import PlateLayout
from platestream.lab.render.plate import render_plate
from platestream.lab.render.strings import label, write

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class TemplateBank:
    """Drawn plates, each as if it lay on a table; `camera.shoot` makes photographs of them.

    Attributes:
        texts: What a reader should read, one a plate.
        layouts: The kind of each.
        images: ``(H, W, 3)`` uint8 RGB each, of differing sizes.
    """

    texts: list[str]
    layouts: list[str]
    images: list[Rgb]

    def __len__(self) -> int:
        return len(self.texts)

    def save(self, path: Path) -> None:
        """Write everything to one uncompressed ``.npz``.

        Raises:
            StoreError: it cannot be written.
        """
        shapes = np.array([image.shape[:2] for image in self.images], np.int32).reshape(-1, 2)
        pixels = np.concatenate([np.zeros(0, np.uint8), *(i.ravel() for i in self.images)])
        try:
            make_private_folder(path.parent)
            with open_private(path, "wb") as file:  # real plates are kept so, too
                np.savez(
                    file,
                    texts=np.array(self.texts, np.str_),
                    layouts=np.array(self.layouts, np.str_),
                    shapes=shapes,
                    pixels=pixels,
                )
        except OSError as error:
            msg = f"cannot write the plates to {path}: {error}; choose another place"
            raise StoreError(msg) from error

    @classmethod
    def load(cls, path: Path) -> "TemplateBank":
        """Read back what `save` wrote; the images share one block of memory.

        Raises:
            DataError: there is no such file, or it is no bank.
        """
        try:
            with path.open("rb") as file, np.load(file) as data:
                texts, layouts = data["texts"].tolist(), data["layouts"].tolist()
                shapes, pixels = data["shapes"], data["pixels"]
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            msg = f"{path} is not a bank of plates; make it anew with build_bank"
            raise DataError(msg) from error
        sizes = shapes.astype(np.int64).prod(axis=1) * 3
        ends = np.cumsum(sizes)
        if len(texts) != len(shapes) or (ends[-1] if len(ends) else 0) != pixels.size:
            msg = f"{path} is cut short; make it anew with build_bank"
            raise DataError(msg)
        images = [
            pixels[end - size : end].reshape(height, width, 3)
            for end, size, (height, width) in zip(ends, sizes, shapes, strict=True)
        ]
        return cls(texts, layouts, images)


def build_bank(
    num: int, seed: int, china_glyphs: Path | None = None, num_workers: int = 1
) -> TemplateBank:
    """Draw `num` plates of all layouts.

    Plate `i` depends on `seed` and `i` alone, however many workers draw.

    Args:
        num: How many.
        seed: Same seed, same bytes.
        china_glyphs: Folder with bitmaps of real Chinese characters, see `fonts.GlyphBook`.
        num_workers: Processes that draw.

    Raises:
        ConfigError: `num` is negative, fonts are missing, `china_glyphs` is no such folder, or
            the workers died.
    """
    if num < 0:
        msg = f"cannot draw {num} plates; ask for 0 or more"
        raise ConfigError(msg)
    spans = [range(start, min(num, start + _CHUNK)) for start in range(0, num, _CHUNK)]
    draw = partial(_draw_span, seed=seed, china_glyphs=china_glyphs)
    if num_workers > 1:
        try:
            with ProcessPoolExecutor(num_workers, get_context("spawn")) as pool:
                banks = list(pool.map(draw, spans))
        except BrokenProcessPool as error:
            msg = "the processes that draw have died; guard the script's main, or use num_workers=1"
            raise ConfigError(msg) from error
    else:
        banks = [draw(span) for span in spans]
    return TemplateBank(
        [text for bank in banks for text in bank.texts],
        [name for bank in banks for name in bank.layouts],
        [image for bank in banks for image in bank.images],
    )


def draw_plate(
    rng: np.random.Generator, book: GlyphBook, layouts: Sequence[PlateLayout] = LAYOUTS
) -> tuple[str, str, Rgb]:
    """Draw one plate of a random layout.

    Args:
        rng: Decides everything.
        book: Draws the characters.
        layouts: One is picked by weight.

    Returns:
        Its text, the name of its layout, and the picture ``(H, W, 3)`` uint8 RGB.

    Raises:
        ConfigError: a font is not installed.
    """
    weights = np.cumsum([layout.weight for layout in layouts])
    layout = layouts[int(np.searchsorted(weights[:-1] / weights[-1], rng.random(), side="right"))]
    pattern = layout.patterns[rng.integers(len(layout.patterns))]
    written = write(pattern, rng, layout.letters)
    return label(written), layout.name, render_plate(layout, written, rng, book)


def _draw_span(span: range, seed: int, china_glyphs: Path | None) -> TemplateBank:
    book = GlyphBook(china_glyphs)
    plates = [draw_plate(np.random.default_rng((seed, index)), book) for index in span]
    return TemplateBank(
        [text for text, _, _ in plates],
        [name for _, name, _ in plates],
        [image for _, _, image in plates],
    )
