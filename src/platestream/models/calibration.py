"""The fitted confidence that ships beside the weights: a few numbers and where they come from."""

import tomllib
from pathlib import Path

from platestream.core.errors import ModelContractError, StoreError
from platestream.stream.confidence import NUM_FEATURES, Calibration

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
        calibration = Calibration(float(fields["bias"]), weights)
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no calibration ({error!r}); fit it again: `platestream train confidence`"
        raise ModelContractError(msg) from error
    if len(weights) != NUM_FEATURES:
        msg = (
            f"{path} has {len(weights)} weights for {NUM_FEATURES} features; fit it again with "
            "`platestream train confidence`"
        )
        raise ModelContractError(msg)
    return calibration


def save_calibration(calibration: Calibration, arch: str, folder: Path, fitted_on: str) -> Path:
    """Write a calibration beside its weights.

    Args:
        calibration: The numbers.
        arch: Whose qualities and readings they were fitted on.
        folder: Of the weights.
        fitted_on: What it was fitted on and judged by, for people.

    Raises:
        StoreError: the file cannot be written.
    """
    path = folder / FILE
    weights = ", ".join(f"{weight:.5f}" for weight in calibration.weights)
    lines = [*(f"# {line}" for line in fitted_on.splitlines()), f'arch = "{arch}"']
    lines.append(f"bias = {calibration.bias:.5f}")
    lines.append(f"weights = [{weights}]")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); choose another folder"
        raise StoreError(msg) from error
    return path
