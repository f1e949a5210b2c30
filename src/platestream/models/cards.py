"""Model cards: what a weight file is, and proof that it is that file."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from platestream.core.boundary import told_as
from platestream.core.choices import unknown
from platestream.core.errors import ChecksumMismatch, ModelContractError, WeightsNotFound

WEIGHTS_DIR = Path(__file__).parent / "weights"
"""The weights that ship inside the package; each `NAME.onnx` has its card `NAME.json`."""

DEFAULT_ARCH = "nano"
"""The architecture in use where none is named."""

DETECTOR_SIZE_PX = 640
"""Longer side of the detector's picture, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What one weight file is, what it takes and gives, and what it was trained on.

    Attributes:
        name: Of the model; its file is `NAME.onnx`.
        kind: "detector", "corners", "reader" or "quality".
        summary: One line for people.
        input: Shape, type and colour of the network's input.
        output: Shape and meaning of its output.
        alphabet: The characters a reader can give, in class order; empty for other kinds.
        trained_on: The data sets it saw.
        measured: How `metrics` came about.
        metrics: Figure by name.
        num_parameters: Learned numbers.
        num_macs: Multiply-accumulates for one input of the stated size.
        run: The training run and its settings.
        sha256: Of the weight file.
        date: The day it was exported, ISO.
        licence: Of the weights.
    """

    name: str
    kind: str
    summary: str
    input: str
    output: str
    trained_on: tuple[str, ...]
    measured: str
    metrics: dict[str, float]
    num_parameters: int
    num_macs: int
    run: dict[str, Any]
    sha256: str
    date: str
    alphabet: str = ""
    licence: str = "Apache-2.0"
    folder: Path = field(default=WEIGHTS_DIR, compare=False)

    @property
    def path(self) -> Path:
        """The weight file."""
        return self.folder / f"{self.name}.onnx"

    def save(self) -> Path:
        """Write the card beside its weight file."""
        path = self.folder / f"{self.name}.json"
        card = {key: value for key, value in asdict(self).items() if key != "folder"}
        path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def read_weights(self) -> bytes:
        """The weight file's bytes, checked.

        Raises:
            WeightsNotFound: the file is missing.
            ChecksumMismatch: its bytes are not those the card names.
        """
        if not self.path.is_file():
            msg = f"{self.path} is missing; reinstall platestream or name the right models folder"
            raise WeightsNotFound(msg)
        weights = self.path.read_bytes()
        if sha256(weights) != self.sha256:
            msg = f"{self.path} is damaged: its sha256 is not the card's; reinstall or export again"
            raise ChecksumMismatch(msg)
        return weights


def sha256(data: bytes) -> str:
    """Checksum as a card writes it."""
    return hashlib.sha256(data).hexdigest()


def load_card(name: str, folder: Path = WEIGHTS_DIR) -> ModelCard:
    """The card of one model.

    Raises:
        WeightsNotFound: there is no such model.
        ModelContractError: the card is broken.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        msg = f"{folder}: {unknown('model', name, list_models(folder))}"
        raise WeightsNotFound(msg)
    with told_as(ModelContractError, f"{path} is not a model card", "reinstall platestream"):
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["trained_on"] = tuple(fields["trained_on"])
        return ModelCard(**fields, folder=folder)


def find_card(name: str, folder: Path | None) -> ModelCard:
    """The card of one model of a folder; what that folder lacks comes from the package.

    Args:
        name: Of the model.
        folder: Somebody's own models, such as `platestream finetune` makes; None for the
            package's alone.

    Raises:
        WeightsNotFound: the folder holds no model at all, or there is none of this name.
        ModelContractError: the card is broken.
    """
    if folder is None or folder == WEIGHTS_DIR:
        return load_card(name)
    return load_card(name, folder if name in list_models(folder) else WEIGHTS_DIR)


def list_models(folder: Path = WEIGHTS_DIR) -> list[str]:
    """Names of the models in a folder, in order.

    Raises:
        WeightsNotFound: it holds none.
    """
    names = sorted(path.stem for path in folder.glob("*.json"))
    if not names:
        what = "no model cards there" if folder.is_dir() else "no such folder"
        msg = f"{folder}: {what}; name one that `platestream finetune` or `export` made"
        raise WeightsNotFound(msg)
    return names
