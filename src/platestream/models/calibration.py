"""The fitted confidence that ships beside the weights: a few numbers and where they come from."""

import tomllib
from pathlib import Path

from platestream.core.choices import unknown
from platestream.core.errors import ModelContractError, StoreError
from platestream.core.syntax import PlateFormat
from platestream.stream.confidence import NUM_FEATURES, Calibration
from platestream.stream.registry import FUSIONS

FILE = "confidence.toml"
"""In the folder of the weights it was fitted for."""


def load_calibration(folder: Path, arch: str) -> Calibration | None:
    """The calibration of a folder's networks; None where there is none for this architecture.

    Qualities of two architectures are not on one scale, so one's calibration is not another's.

    Raises:
        ModelContractError: the file is broken or made for other features.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        if fields["arch"] != arch:
            return None
        weights = tuple(float(weight) for weight in fields["weights"])
        fusion, formats = str(fields["fusion"]), _formats(fields["formats"], fields["letters"])
        calibration = Calibration(float(fields["bias"]), weights, fusion, formats)
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no calibration ({error!r}); fit it again: `platestream train confidence`"
        raise ModelContractError(msg) from error
    if len(weights) != NUM_FEATURES:
        msg = (
            f"{path} has {len(weights)} weights for {NUM_FEATURES} features; fit it again with "
            "`platestream train confidence`"
        )
        raise ModelContractError(msg)
    if fusion not in FUSIONS:
        msg = f"{path}: fitted for {unknown(FUSIONS.kind, fusion, FUSIONS)}, or fit it again"
        raise ModelContractError(msg)
    return calibration


def _formats(masks: dict[str, list[str]], letters: dict[str, str]) -> tuple[PlateFormat, ...]:
    return tuple(PlateFormat(r, tuple(masks[r]), letters.get(r, "")) for r in masks)


def save_calibration(calibration: Calibration, arch: str, folder: Path, fitted_on: str) -> Path:
    """Write a calibration beside its weights.

    Args:
        calibration: The numbers, the fusion and the formats they were fitted with.
        arch: Whose qualities and readings they were fitted on.
        folder: Of the weights.
        fitted_on: What it was fitted on and judged by, for people.

    Raises:
        StoreError: the file cannot be written.
    """
    path = folder / FILE
    weights = ", ".join(f"{weight:.5f}" for weight in calibration.weights)
    lines = [
        *(f"# {line}" for line in fitted_on.splitlines()),
        f'arch = "{arch}"',
        f'fusion = "{calibration.fusion}"',
        f"bias = {calibration.bias:.5f}",
        f"weights = [{weights}]",
        "",
        "# What plates looked like when it was fitted: a new region changes no confidence.",
        "[formats]",
        *(f"{known.region} = {_quoted(known.masks)}" for known in calibration.formats),
        "",
        "# Those in use where a mask says A; all where a region is not named.",
        "[letters]",
        *(f'{known.region} = "{known.letters}"' for known in calibration.formats if known.letters),
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another folder"
        raise StoreError(msg) from error
    return path


def _quoted(texts: tuple[str, ...]) -> str:
    """A list of texts as TOML writes it; masks hold nothing that needs escaping."""
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"
