"""Write rendered crops and plate streams to a folder, labelled like our real data."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from platestream.core.errors import ConfigError, StoreError
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Rgb
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import PlateLayout
from platestream.lab.render.stream import render_stream, sample_passage, sample_stay
from platestream.video.pictures import write_picture

COLUMNS = ("file", "split", "text", "x", "y", "w", "h", "quad", "track", "frame_index")
"""Of `labels.csv`, see `lab.data.labels_csv`; boxes stay empty, since a crop is all plate."""

STANDING_STEP = 5
"""Between two frames of a vehicle that stands: a fifth of the frames shows as much of it."""

_DEV_EVERY = 10
_PER_FOLDER = 1000

_Labelled: TypeAlias = tuple[str, str, str, str, int | str, Rgb]
"""File, split, text, track, frame index, picture."""


def write_crops(
    out_dir: Path,
    num: int,
    seed: int,
    china_glyphs: Path | None = None,
    layouts: Sequence[PlateLayout] = LAYOUTS,
) -> Path:
    """Write single crops of `num` plates as PNG files; every tenth is in split ``dev``.

    Args:
        out_dir: Made where it is missing; files of the same names are replaced.
        num: How many.
        seed: Same seed, same bytes.
        china_glyphs: Folder with bitmaps of real Chinese characters, see `fonts.GlyphBook`.
        layouts: Kinds of plates, picked by weight.

    Returns:
        The `labels.csv`.

    Raises:
        ConfigError: `num` is not positive, or fonts or glyphs are missing.
        StoreError: a file cannot be written.
    """
    _check_positive(num, "crops")
    return _write(out_dir, _crops(num, seed, GlyphBook(china_glyphs), layouts))


def write_streams(
    out_dir: Path,
    num_tracks: int,
    num_frames: int,
    seed: int,
    china_glyphs: Path | None = None,
    layouts: Sequence[PlateLayout] = LAYOUTS,
    *,
    stands: bool = False,
) -> Path:
    """Write plate streams, a folder of PNG files each; every tenth is in split ``dev``.

    Args:
        out_dir: Made where it is missing; files of the same names are replaced.
        num_tracks: How many streams.
        num_frames: Length of each.
        seed: Same seed, same bytes.
        china_glyphs: Folder with bitmaps of real Chinese characters, see `fonts.GlyphBook`.
        layouts: Kinds of plates, picked by weight.
        stands: Whether the vehicles come and stand; then only each `STANDING_STEP`-th frame is
            written.

    Returns:
        The `labels.csv`.

    Raises:
        ConfigError: a number is not positive, or fonts or glyphs are missing.
        StoreError: a file cannot be written.
    """
    _check_positive(num_tracks, "streams")
    _check_positive(num_frames, "frames")
    book = GlyphBook(china_glyphs)
    return _write(out_dir, _streams(num_tracks, num_frames, seed, book, layouts, stands))


def write_semi_real(
    out_dir: Path,
    crops: Sequence[tuple[str, Rgb]],
    num_frames: int,
    seed: int,
    split: str = "dev",
    *,
    stands: bool = False,
) -> Path:
    """Write a plate stream of each real crop: the picture of a plate, filmed by our camera.

    What is on the plates is real, so keep the folder as private as the crops are.

    Args:
        out_dir: Made where it is missing; files of the same names are replaced.
        crops: Text and picture ``(H, W, 3)`` uint8 RGB of each plate, sharp ones.
        num_frames: Length of each stream.
        seed: Same seed, same bytes.
        split: Of the crops, and so of the streams.
        stands: See `write_streams`.

    Returns:
        The `labels.csv`.

    Raises:
        ConfigError: there are no crops, or no frames are asked for.
        StoreError: a file cannot be written.
    """
    _check_positive(len(crops), "streams")
    _check_positive(num_frames, "frames")
    return _write(out_dir, _films(crops, num_frames, seed, split, stands))


def write_singles(out_dir: Path, crops: Sequence[tuple[str, Rgb]], split: str = "dev") -> Path:
    """Write real crops as they are, each a plate that is seen once.

    Args:
        out_dir: Made where it is missing; files of the same names are replaced.
        crops: Text and picture ``(H, W, 3)`` uint8 RGB of each.
        split: Of the crops.

    Returns:
        The `labels.csv`.

    Raises:
        ConfigError: there are no crops.
        StoreError: a file cannot be written.
    """
    _check_positive(len(crops), "crops")
    rows = (
        (f"{index // _PER_FOLDER:03d}/{index:06d}.png", split, text, "", "", rgb)
        for index, (text, rgb) in enumerate(crops)
    )
    return _write(out_dir, rows)


def _crops(
    num: int, seed: int, book: GlyphBook, layouts: Sequence[PlateLayout]
) -> Iterator[_Labelled]:
    for index in range(num):
        rng = np.random.default_rng((seed, index))
        text, _, plate = draw_plate(rng, book, layouts)
        file = f"{index // _PER_FOLDER:03d}/{index:06d}.png"
        yield file, _split(index), text, "", "", shoot(plate, Camera.sample(rng), rng)


def _streams(
    num_tracks: int,
    num_frames: int,
    seed: int,
    book: GlyphBook,
    layouts: Sequence[PlateLayout],
    stands: bool,
) -> Iterator[_Labelled]:
    for track in range(num_tracks):
        rng = np.random.default_rng((seed, track))
        text, _, plate = draw_plate(rng, book, layouts)
        name = f"{track:05d}"
        for index, crop in _film(plate, num_frames, rng, stands):
            yield f"{name}/{index:05d}.png", _split(track), text, name, index, crop


def _films(
    crops: Sequence[tuple[str, Rgb]], num_frames: int, seed: int, split: str, stands: bool
) -> Iterator[_Labelled]:
    for track, (text, plate) in enumerate(crops):
        rng = np.random.default_rng((seed, track))
        name = f"{track:05d}"
        for index, crop in _film(plate, num_frames, rng, stands):
            yield f"{name}/{index:05d}.png", split, text, name, index, crop


def _film(
    plate: Rgb, num_frames: int, rng: np.random.Generator, stands: bool
) -> Iterator[tuple[int, Rgb]]:
    """Crops, each with its frame's index."""
    passage, step = (sample_stay, STANDING_STEP) if stands else (sample_passage, 1)
    for number, crop in enumerate(render_stream(plate, num_frames, rng, passage=passage)):
        yield number * step, crop


def _split(index: int) -> str:
    return "dev" if index % _DEV_EVERY == _DEV_EVERY - 1 else "train"


def _write(out_dir: Path, items: Iterator[_Labelled]) -> Path:
    labels = out_dir / "labels.csv"
    try:
        make_private_folder(out_dir)  # the frames may be a real car's under another plate
        with open_private(labels, encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for file, split, text, track, frame_index, crop in items:
                make_private_folder((out_dir / file).parent)
                write_picture(out_dir / file, crop)
                writer.writerow((file, split, text, "", "", "", "", "", track, frame_index))
    except OSError as error:
        msg = f"{labels}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return labels


def _check_positive(num: int, what: str) -> None:
    if num < 1:
        msg = f"cannot render {num} {what}; ask for 1 or more"
        raise ConfigError(msg)
