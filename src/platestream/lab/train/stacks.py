"""Averages of several frames of one plate, as `models.stacking` makes them, to learn from.

A mean of poor frames looks like no single frame: calm, soft, with ghosts where registration was
off. A reader that has seen such pictures reads more of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from platestream.core.types import Rgb
from platestream.lab.ranking import sharpness
from platestream.lab.render.bank import TemplateBank
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.retext import Retexter
from platestream.lab.render.splice import Splicer
from platestream.lab.render.stream import sample_passage
from platestream.lab.train.crops import LabelledCrop, is_sharp
from platestream.models.stacking import Stack, StackConfig

FEWEST: Final = 2
MOST: Final = 16
"""Frames of a stack."""

PASSAGE_FRAMES: Final = 30

KINDS: Final = {"rendered": 0.3, "semi-real": 0.3, "joined": 0.15, "retexted": 0.25}
"""Shares: drawn plates, sharp real ones filmed anew, Korean streams joined of two plates, and those
with other digits."""

UPRIGHT: Final = 0.85
"""Share of the streams whose crops are turned upright before they are stacked, as at run time."""

SMALLER: Final = (0.5, 1.0)
"""Factor on the plate's size: frames that can be read one by one need no stack."""

_SIZE: Final = StackConfig(height_px=48, width_px=192)
"""Of the pictures kept: half again what the reader sees."""


def make_stacks(
    bank: TemplateBank,
    crops: Sequence[LabelledCrop],
    splice: Splicer,
    retext: Retexter,
    num: int,
    seed: int,
) -> TemplateBank:
    """Make `num` stacks; stack `i` depends on `seed` and `i` alone.

    Args:
        bank: Drawn plates.
        crops: Real ones; the sharp of them are filmed anew.
        splice: Joins the Korean streams.
        retext: Puts other digits on them.
        num: How many.
        seed: Same seed, same pictures.

    Returns:
        Text, kind and picture ``(48, 192, 3)`` uint8 RGB of each.
    """
    sharp = [crop for crop in crops if is_sharp(crop.rgb)]
    korean, explained = sorted(splice.texts), sorted(retext.texts)
    makers: dict[str, Callable[[np.random.Generator], tuple[str, list[Rgb]]]] = {
        "rendered": lambda rng: _drawn(bank, rng),
        "semi-real": lambda rng: _filmed(sharp, rng),
        "joined": lambda rng: _joined(splice, korean, rng),
        "retexted": lambda rng: _joined(retext, explained, rng),
    }
    there = {"rendered": bool(len(bank)), "semi-real": bool(sharp), "joined": len(korean) > 1}
    there["retexted"] = bool(explained)
    kinds = [kind for kind in KINDS if there[kind]]
    shares = np.array([KINDS[kind] for kind in kinds])
    made = []
    for index in range(num if kinds else 0):
        rng = np.random.default_rng([seed, index])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        text, frames = makers[kind](rng)
        made.append((text, kind, stacked(frames)))
    return TemplateBank([m[0] for m in made], [m[1] for m in made], [m[2] for m in made])


def stacked(frames: Sequence[Rgb]) -> Rgb:
    """Frames of one plate, ``(H, W, 3)`` uint8 each, on top of each other: ``(48, 192, 3)``."""
    stack = Stack(_SIZE)
    for frame in frames:
        stack.add(frame, max(1.0, sharpness(frame)))
    return stack.picture()


def _drawn(bank: TemplateBank, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
    index = int(rng.integers(len(bank)))
    return bank.texts[index], _film(bank.images[index], rng)


def _filmed(sharp: Sequence[LabelledCrop], rng: np.random.Generator) -> tuple[str, list[Rgb]]:
    crop = sharp[int(rng.integers(len(sharp)))]
    # The plate itself where its corners were found: what is filmed anew has its own surroundings.
    return crop.text, _film(crop.rgb if crop.upright is None else crop.upright, rng)


def _joined(
    change: Splicer | Retexter, texts: Sequence[str], rng: np.random.Generator
) -> tuple[str, list[Rgb]]:
    return change.passage(texts[int(rng.integers(len(texts)))], _num_frames(rng), rng)


def _film(plate: Rgb, rng: np.random.Generator) -> list[Rgb]:
    camera = Camera.sample(rng)
    camera = replace(camera, height_px=camera.height_px * float(rng.uniform(*SMALLER)))
    if rng.random() < UPRIGHT:
        camera = camera.upright()
    passage = sample_passage(PASSAGE_FRAMES, rng)
    chosen = np.sort(rng.choice(PASSAGE_FRAMES, size=_num_frames(rng), replace=False))
    return [shoot(plate, camera, rng, passage[frame]) for frame in chosen]


def _num_frames(rng: np.random.Generator) -> int:
    return int(rng.integers(FEWEST, MOST + 1))
