"""The shipped reader, taught fifty plates of somebody's own, and nothing else forgotten.

It goes on from the weights of the package, see `lab.train.tune`: half of each batch are views of
the user's plates, and half rendered plates of the whole world. Whatever comes out is judged by
plates of theirs that it did not learn from, and by rendered ones that the shipped reader is sure
of; a reader that is not better is not handed over.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import cv2
import torch

from platestream.core.alphabet import decode
from platestream.core.errors import DataError, StoreError
from platestream.core.text import counted
from platestream.core.types import Rgb
from platestream.lab.calibrate import gather, refit
from platestream.lab.data.own import OwnPlates, Picture, first_reasons, parted
from platestream.lab.networks.eqlpr import EqLpr, NetworkConfig
from platestream.lab.quantize import save_measuring
from platestream.lab.render.bank import build_bank
from platestream.lab.replay import RecordedTrack
from platestream.lab.shipping import ship
from platestream.lab.train.adopt import adopt_reader
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.eqlpr import EqLprConfig
from platestream.lab.train.loop import Batch
from platestream.lab.train.plates import PlateBatches
from platestream.lab.train.run_folder import claim, save_network
from platestream.lab.train.tune import BATCH, FROZEN_GROUPS, PEAK_LR, Tuner
from platestream.models.bundle import Networks, load_networks
from platestream.models.calibration import load_calibration, save_calibration
from platestream.models.cards import DEFAULT_ARCH, WEIGHTS_DIR, find_card
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import make_rule

SET_NAME = "own"
LEAST_PLATES = 8
NUM_STEPS = 300
NUM_TEMPLATES = 800
VIEWS = 24
"""Pictures made of each plate to learn from, at most `MOST_VIEWS` in all."""

RENDERED = 4
"""Views of rendered plates for each of one's own: of a few the rest is soon forgotten."""

MOST_VIEWS = 3072
NUM_UNSEEN = 200
"""Plates drawn to say how far the reader may go, and as many others to judge it by."""

NUM_CHECKED = 640
"""Views of either, of which the shipped reader is sure of about half."""

MAX_FORGOTTEN = 0.02
"""So much less of those by which it is judged may be read rightly."""

NUM_FITTED = 160
"""Rendered views, legible or not, that the confidence is fitted on beside held-out plates."""


@dataclass(frozen=True, slots=True)
class FinetuneReport:
    """What came of it.

    Attributes:
        num_steps: Batches it took.
        num_learned: Pictures that were learned from.
        num_judged: Pictures that were held out.
        num_rendered: Rendered plates that the shipped reader is sure of.
        own: Share of the pictures held out that are read exactly, before and after.
        rendered: The same of those rendered plates.
        is_better: Whether the folder holds the new reader.
        left_aside: Reasons, and how many pictures each.
        why: In words, why it is or is not handed over.
    """

    num_steps: int
    num_learned: int
    num_judged: int
    num_rendered: int
    own: tuple[float, float]
    rendered: tuple[float, float]
    is_better: bool
    why: str
    left_aside: Counter[str] = field(default_factory=Counter)


def finetune(
    own: OwnPlates,
    out: Path,
    *,
    num_steps: int = NUM_STEPS,
    num_threads: int = 2,
    seed: int = 0,
    on_stage: Callable[[str], object] = lambda _: None,
    on_step: Callable[[int], object] = lambda _: None,
) -> FinetuneReport:
    """Teach the shipped reader, and leave it in a folder that ``--models`` takes.

    Args:
        own: Labelled plates.
        out: Gets ``reader-nano`` and its confidence, if the new reader is better.
        num_steps: Batches, at most.
        num_threads: CPU threads.
        seed: Of all randomness.
        on_stage: Told what is done now, in a word.
        on_step: Told how many batches are done, while it learns.

    Raises:
        DataError: there are too few plates.
        StoreError: `out` is no folder, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        msg = f"{out}: is no folder; choose another place for the new reader"
        raise StoreError(msg)
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    left_aside = Counter(own.left_aside)
    learned, judged = parted(own.samples, left_aside)
    pictures = [*learned, *judged]
    num_plates = len({text for text, _ in pictures})
    if num_plates < LEAST_PLATES or not learned or not judged:
        reasons = first_reasons(left_aside)
        msg = (
            f"too few to learn from: {counted(num_plates, 'plate')} in "
            f"{counted(len(pictures), 'picture')}; label {LEAST_PLATES} different plates or more"
            f"{f' (left aside: {reasons})' if reasons else ''}"
        )
        raise DataError(msg)
    on_stage("drawing")
    before = load_networks(calibrated=False)
    with tempfile.TemporaryDirectory() as work:
        run_dir, models = Path(work, "run"), Path(work, "models")
        crops = [LabelledCrop(SET_NAME, text, rgb, _upright(before, rgb)) for text, rgb in learned]
        took, rendered, sure = _train(
            crops, run_dir, num_steps, num_threads, seed, on_stage, on_step
        )
        on_stage("judging")
        ship(run_dir, models)
        after = load_networks(folder=models, calibrated=False)
        own_shares = (_share_right(before, judged), _share_right(after, judged))
        rendered_shares = (_share_right(before, sure), _share_right(after, sure))
        why = _verdict(own_shares, rendered_shares)
        is_better = why == ""
        if is_better:
            _fit_confidence(after, [*judged, *rendered[:NUM_FITTED]], models, len(judged))
            _note(models, own_shares, rendered_shares)
            _hand_over(models, out)
    return FinetuneReport(
        took, len(learned), len(judged), len(sure), own_shares, rendered_shares, is_better, why,
        left_aside,
    )  # fmt: skip


def _note(models: Path, own: tuple[float, float], rendered: tuple[float, float]) -> None:
    """Write into the new reader's card how it did."""
    card = find_card(f"reader-{DEFAULT_ARCH}", models)
    figures = {"own_before": own[0], "own": own[1]}
    figures |= {"rendered_before": rendered[0], "rendered": rendered[1]}
    what = "of held-out plates, and of rendered ones that the shipped reader is sure of"
    rounded = {name: round(share, 4) for name, share in figures.items()}
    replace(card, measured=f"share read exactly {what}", metrics=rounded).save()


def _hand_over(models: Path, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in models.iterdir():
            shutil.copyfile(file, out / file.name)
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror}); choose another folder"
        raise StoreError(msg) from error


def _verdict(own: tuple[float, float], rendered: tuple[float, float]) -> str:
    """Why a reader is not handed over; empty where it is better."""
    if rendered[1] < rendered[0] - MAX_FORGOTTEN:
        return f"it forgot: {rendered[0]:.2f} of rendered plates before, {rendered[1]:.2f} now"
    if own[1] <= own[0]:
        return f"it reads your held-out plates no better: {own[0]:.2f} before, {own[1]:.2f} now"
    return ""


def _upright(networks: Networks, rgb: Rgb) -> Rgb | None:
    return networks.corners.upright(rgb) if networks.corners else None


def _train(
    crops: Sequence[LabelledCrop],
    run_dir: Path,
    num_steps: int,
    num_threads: int,
    seed: int,
    on_stage: Callable[[str], object],
    on_step: Callable[[int], object],
) -> tuple[int, list[Picture], list[Picture]]:
    """Leave the taught reader in a run folder.

    Returns:
        How many batches it took; rendered views that it has not seen; and those of them that it
        read surely and rightly before.
    """
    torch.set_num_threads(num_threads)
    start = WEIGHTS_DIR / f"reader-{DEFAULT_ARCH}.onnx"
    network_config = NetworkConfig(**find_card(start.stem, None).run["network"])
    config = EqLprConfig(
        network_config, num_steps, quality_from=num_steps, peak_lr=PEAK_LR, init_from=start,
        frozen_groups=FROZEN_GROUPS,
    )  # fmt: skip
    bank = build_bank(NUM_TEMPLATES, seed)
    batches = partial(PlateBatches, size_px=network_config.size_px)
    mixed = batches(bank, crops, 2 * BATCH, seed, 0.5)(0)["patches"]
    settings = config.to_json() | {
        "init_from": start.stem,
        "trained_on": [SET_NAME, "rendered", f"all that {start.stem} was trained on"],
        "num_real_crops": len(crops),
    }
    claim(run_dir, settings)
    save_measuring(run_dir, list(mixed))
    network = EqLpr(config.network)
    adopt_reader(network, start, torch.from_numpy(mixed))
    tuner = Tuner(network, seed)
    num_views = -(-min(VIEWS * len(crops), MOST_VIEWS) // BATCH)
    own = tuner.see(batches(bank, crops, BATCH, seed, 1.0), num_views)
    rendered = tuner.see(batches(bank, [], BATCH, seed, 0.0), RENDERED * num_views)
    check, judge = (
        batches(build_bank(NUM_UNSEEN, seed + n), [], BATCH, seed + n, 0.0) for n in (1, 2)
    )
    checked = tuner.see(check, NUM_CHECKED // BATCH)
    known = tuner.see(judge, NUM_CHECKED // BATCH).known()
    old = tuner.weights()
    on_stage("learning")
    took = tuner.teach(own, rendered, num_steps, on_step)
    tuner.go_back(old, checked.only(checked.known()))
    save_network(run_dir, network)
    unseen = [picture for step in range(NUM_CHECKED // BATCH) for picture in _pictures(judge(step))]
    sure = [picture for picture, is_known in zip(unseen, known.tolist(), strict=True) if is_known]
    return took, unseen, sure


def _pictures(batch: Batch) -> list[Picture]:
    pairs = zip(batch["targets"], batch["patches"], strict=True)
    return [(decode(target), patch) for target, patch in pairs]


def _share_right(networks: Networks, pictures: Sequence[Picture]) -> float:
    return sum(networks.read(rgb).text == text for text, rgb in pictures) / max(1, len(pictures))


def _fit_confidence(
    networks: Networks, pictures: Sequence[Picture], folder: Path, num_own: int
) -> None:
    """Fit how sure the new reader is, on plates that it did not learn from.

    What the shipped confidence knows of streams, which single pictures do not show, stays.
    """
    shipped = load_calibration(WEIGHTS_DIR, DEFAULT_ARCH)
    if shipped is None:  # the package was built without
        return
    tracks = [
        RecordedTrack(text, [0.0], [networks.score(rgb)], [networks.read(rgb)])
        for text, rgb in pictures
    ]
    calibration = refit(shipped, gather(tracks, make_rule(DEFAULT_POLICY)))
    about = (
        "the package's, moved by `platestream finetune` on plates that were not learned from: "
        f"{num_own} own and {len(pictures) - num_own} rendered"
    )
    save_calibration(calibration, DEFAULT_ARCH, folder, about)
