"""What readers learn from: real plates made ready once, drawn ones, and how often each is seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Reading, Rgb
from platestream.lab.networks.eqlpr import ReaderNetwork
from platestream.lab.render.bank import TemplateBank, build_bank
from platestream.lab.train.corrections import corrected, read_corrections
from platestream.lab.train.crops import (
    LabelledCrop,
    is_held_out,
    load_crops,
    shrunk,
    with_upright,
)
from platestream.lab.train.eqlpr import EqLprConfig, load_network
from platestream.lab.train.hardness import hardness
from platestream.lab.train.label_noise import without_doubtful
from platestream.lab.train.plates import LIFTED
from platestream.lab.train.prepared import PreparedCrops
from platestream.lab.train.real_plates import KOREAN, can_be_joined, retexter, splicer
from platestream.lab.train.stacks import make_stacks
from platestream.models.bundle import load_corner_finder
from platestream.models.cards import WEIGHTS_DIR, sha256
from platestream.models.preprocess import make_patches
from platestream.models.reader import OnnxReader

READING_BATCH = 64
"""Crops that are read at once before a run: more do not make it faster on a CPU."""


@dataclass(frozen=True, slots=True)
class PlateData:
    """What a run learns from.

    Attributes:
        root: Folder of label files, see `load_crops`; None for rendered plates alone.
        num_templates: Rendered plates.
        china_glyphs: Folder of Chinese plate glyphs, see `build_bank`.
        batch_size: Plates a step.
        real_share: Share of real plates in a batch. The reader sees all but those held out, see
            `is_held_out`. A run for the quality branch alone sees just those, and Korean plates
            joined anew, see `Splicer`: the reader knows the others by heart, and reads them from
            any blur.
        seed: Of templates, batches and weights.
        lifted: How much more often than by its plates a set is seen, by name; 0 leaves it out.
        corrections: Labels put right by eye, see `read_corrections`.
        looked_at: Sets whose labels were looked at: none is left out as doubtful.
        corners: Folder of the corner network that turns crops upright; the package's where None.
        wrong_lift: How much more often crops are seen that the start of the run reads wrongly.
        two_row_lift: The same of those that mostly show two rows.
        stack_share: Share of averaged frames in a batch, besides single ones, see `make_stacks`.
        num_stacks: Of them, made once.
    """

    root: Path | None
    num_templates: int = 30_000
    china_glyphs: Path | None = None
    batch_size: int = 128
    real_share: float = 0.5
    seed: int = 0
    lifted: Mapping[str, float] = field(default_factory=lambda: dict(LIFTED))
    corrections: Path | None = None
    looked_at: frozenset[str] = frozenset()
    corners: Path | None = None
    wrong_lift: float = 1.0
    two_row_lift: float = 1.0
    stack_share: float = 0.0
    num_stacks: int = 6_000


def settings_of(config: EqLprConfig, data: PlateData) -> dict[str, Any]:
    """All that settles what a run sees, but for the pictures, as its card tells it."""
    corrections = sha256(data.corrections.read_bytes()) if data.corrections else ""
    corners = (data.corners or WEIGHTS_DIR) / "corners.onnx"
    hard = {
        "stack_share": data.stack_share,
        "num_stacks": data.num_stacks,
        "wrong_lift": data.wrong_lift,
        "two_row_lift": data.two_row_lift,
    }
    starts = {"start": config.init_from, "quality_start": config.quality_init_from}
    files = {"corners": corners if corners.is_file() else None} | starts
    return {
        "num_templates": data.num_templates,
        "china_glyphs": data.china_glyphs is not None,
        "batch_size": data.batch_size,
        "real_share": data.real_share,
        "seed": data.seed,
        "lifted": dict(data.lifted),
        "looked_at": sorted(data.looked_at),
        "corrections": corrections,
        **(hard if config.learns_reading else {}),
        # Files have names alike, and a path may hold another one tomorrow.
        "sha256": {
            name: sha256(path.read_bytes())
            for name, path in files.items()
            if path and path.suffix == ".onnx" and path.is_file()
        },
    }


def prepare(config: EqLprConfig, data: PlateData) -> PreparedCrops:
    """Real plates to learn from: labels put right, none that is kept from readers, all upright."""
    labelled = load_crops(data.root, "train") if data.root else []
    corrections = read_corrections(data.corrections) if data.corrections else {}
    labelled = corrected(labelled, corrections)
    labelled = [shrunk(crop) for crop in labelled if data.lifted.get(crop.set_name, 1) > 0]
    # How legible a crop is can only be learned where the reader does not know it by heart.
    is_for_reading = config.learns_reading
    wanted = [
        crop
        for crop in labelled
        if is_held_out(crop.text) != is_for_reading
        or (not is_for_reading and crop.set_name == KOREAN)
    ]
    crops = wanted = wanted if data.real_share else []
    # For the quality branch those that contradict the reader are what it must know.
    if config.init_from and is_for_reading:
        start = _Start.of(config.init_from)
        put_right = {(in_set, text) for (in_set, _), text in corrections.items()}

        def may_be_wrong(crop: LabelledCrop) -> bool:
            looked_at = crop.set_name in data.looked_at or (crop.set_name, crop.text) in put_right
            return not looked_at and start.can_say(crop.text)

        crops = without_doubtful(crops, start.read_all, may_be_wrong)
    num_doubtful = len(wanted) - len(crops)
    crops = with_upright(crops, load_corner_finder(data.corners).upright) if crops else []
    if not is_for_reading:
        crops = [crop for crop in crops if is_held_out(crop.text) or can_be_joined(crop)]
    return PreparedCrops(crops, num_doubtful, len(labelled) - len(wanted))


@dataclass(frozen=True, slots=True)
class _Start:
    """The reader that a run starts from, as it reads at run time.

    Attributes:
        read_batch: Reads some crops.
        can_say: Whether a text could be its answer.
    """

    read_batch: Callable[[Sequence[Rgb]], Sequence[Reading]]
    can_say: Callable[[str], bool]

    @classmethod
    def of(cls, start: Path) -> "_Start":
        """Of a run folder, or of an ``.onnx``, which may know fewer signs."""
        if start.suffix == ".onnx":
            reader = OnnxReader(start)
            return cls(reader.read_batch, reader.can_say)
        trained = load_network(start)
        network, size_px = ReaderNetwork(trained), trained.config.size_px

        @torch.no_grad()
        def read_batch(crops: Sequence[Rgb]) -> list[Reading]:
            probs = network(torch.from_numpy(make_patches(crops, *size_px))).numpy()
            return [Reading.from_probs(each) for each in probs]

        return cls(read_batch, lambda text: True)

    def read_all(self, crops: Sequence[Rgb]) -> list[Reading]:
        """Read many crops."""
        starts = range(0, len(crops), READING_BATCH)
        return [r for at in starts for r in self.read_batch(crops[at : at + READING_BATCH])]


def templates_of(data: PlateData, run_dir: Path) -> TemplateBank:
    """Render once, then keep: a run that is resumed has the same plates."""
    path = run_dir / "templates.npz"
    if not path.exists():
        make_private_folder(run_dir)
        # Written beside and renamed: a run killed here would resume with half a bank.
        part = path.with_name("part.npz")
        build_bank(data.num_templates, data.seed, data.china_glyphs).save(part)
        part.replace(path)
    return TemplateBank.load(path)


def lift_of(
    config: EqLprConfig, data: PlateData, crops: Sequence[LabelledCrop], run_dir: Path
) -> NDArray[np.float64]:
    """How hard each crop is for the start of a run, kept as the crops are."""
    path = run_dir / "lift.npy"
    if not path.exists():
        wrong = data.wrong_lift if config.init_from else 1.0
        read_all = _Start.of(config.init_from).read_all if config.init_from else _nobody
        lift = hardness(crops, read_all, wrong, data.two_row_lift)
        with open_private(path.with_name("part.npy"), "wb") as file:
            np.save(file, lift)
        path.with_name("part.npy").replace(path)
    return np.asarray(np.load(path), np.float64)


def _nobody(_: Sequence[Rgb]) -> list[Reading]:
    return []


def stacks_of(
    data: PlateData, bank: TemplateBank, crops: Sequence[LabelledCrop], run_dir: Path
) -> TemplateBank:
    """Averaged frames, made once and kept as the rendered plates are."""
    path = run_dir / "stacks.npz"
    num = data.num_stacks if data.stack_share else 0
    if not path.exists():
        part = path.with_name("part.npz")
        make_stacks(bank, crops, splicer(crops), retexter(crops), num, data.seed).save(part)
        part.replace(path)
    return TemplateBank.load(path)
