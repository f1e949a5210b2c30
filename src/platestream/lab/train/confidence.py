"""The last of a recipe: how sure a plate is, fitted on plates that no reader learned from."""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from platestream.core.errors import DataError
from platestream.lab.calibrate import fit_and_judge, save_fitted
from platestream.lab.recipe import Recipe
from platestream.lab.render.output import write_semi_real, write_singles, write_streams
from platestream.lab.train.crops import held_out_crops, labelled_by_readers, sharp_crops
from platestream.lab.train.kitchen import Kitchen, finish, is_finished
from platestream.models.bundle import load_networks
from platestream.models.cards import WEIGHTS_DIR, list_models
from platestream.models.registry import ARCHITECTURES


def fit_confidence(recipe: Recipe, kitchen: Kitchen) -> dict[str, Any]:
    """Fit it on plates that no reader learned from."""
    sureness = recipe.confidence
    _complete(kitchen.out)
    fit_on = [folder / "labels.csv" for folder in _unseen(recipe, kitchen)]
    networks = load_networks(sureness.arch, kitchen.out, calibrated=False)
    seen = 0
    judges = [kitchen.data / name / "labels.csv" for name in sureness.judge]
    try:
        with kitchen.progress("confidence", None) as tell:

            def advance() -> None:
                nonlocal seen
                seen += 1
                tell(seen)

            calibration, figures = fit_and_judge(fit_on, judges, networks, advance)
    except (DataError, np.linalg.LinAlgError) as error:
        if recipe.is_quick:  # what has learned nothing reads nothing: nothing can be fitted
            return {"not fitted": str(error)}
        raise
    fitted_by = f"`platestream train all` ({recipe.path.name})"
    save_fitted(calibration, figures, sureness.arch, kitchen.out, fitted_by)
    return figures


def _unseen(recipe: Recipe, kitchen: Kitchen) -> list[Path]:
    """Plates that no reader learned from: drawn and real ones in streams, and real ones by one."""
    sureness, seed = recipe.confidence, 77
    num_frames, data = sureness.num_frames, kitchen.data
    sets = [data / name for name in sureness.without]
    without = labelled_by_readers(folder for folder in sets if folder.is_dir())

    def drawn(out: Path) -> None:
        write_streams(out, sureness.num_streams, num_frames, seed, kitchen.glyphs)

    def filmed(out: Path) -> None:
        crops = sharp_crops(data, sureness.num_held_out, "train", without)
        write_semi_real(out, [(c.text, c.rgb) for c in crops], num_frames, seed + 1, "train")

    def standing(out: Path) -> None:
        crops = sharp_crops(data, sureness.num_standing, "train", without)
        plates = [(c.text, c.rgb) for c in crops]
        write_semi_real(out, plates, sureness.standing_frames, seed + 2, "train", stands=True)

    def single(out: Path) -> None:
        crops = held_out_crops(data, sureness.num_singles, without)
        write_singles(out, [(c.text, c.rgb) for c in crops], "train")

    # Whose confidence it is and who judges it settle nothing of the plates.
    made_by = {k: v for k, v in asdict(sureness).items() if k not in ("arch", "judge")}
    folders = []
    for name, write in (
        ("streams", drawn),
        ("held-out", filmed),
        ("standing", standing),
        ("singles", single),
    ):
        folder = kitchen.runs / name
        if not is_finished(folder, made_by):
            write(folder)
            finish(folder, made_by)
        folders.append(folder)
    return folders


def _complete(folder: Path) -> None:
    """Put the package's own networks beside those that a recipe made, where it made none."""
    made = list_models(folder) if any(folder.glob("*.json")) else []
    pairs = [(choice.reader, choice.quality) for choice in ARCHITECTURES.values()]
    wanted = {name for pair in pairs for name in pair} | {"corners", "detector"}
    for name in sorted(wanted - set(made)):
        for suffix in (".onnx", ".json"):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(WEIGHTS_DIR / f"{name}{suffix}", folder)
