"""The reader network at run time: a crop to a reading."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from platestream.core.alphabet import CHARACTERS, END, NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError
from platestream.core.origin import REGIONS
from platestream.core.types import Reading, Rgb
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.preprocess import make_patches
from platestream.models.session import infer, open_session, patch_size

REGIONS_KEY: Final = "regions"
"""In a file's metadata: the codes of its second output, parted by commas."""

_NEVER: Final = -12.0
"""Log-probability of a region that a file has no class for."""


class OnnxReader:
    """Reads plate crops; a `Reader` for the heart.

    Args:
        model: ONNX bytes or file: patches ``(N, H, W, 3)`` uint8 RGB to ``char_probs``
            ``(N, T, C)`` float32, and, where the file says where plates are from, ``regions``
            ``(N, R)`` float32, log-probabilities of the codes in its metadata.
        alphabet: Its characters, in class order, which may be fewer than ours, as may its steps;
            of none the first of `CHARACTERS`.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ModelError: the weights cannot be loaded, or take no such patches.
    """

    def __init__(
        self,
        model: bytes | Path,
        *,
        alphabet: str = "",
        num_threads: int = 1,
        device: str = DEFAULT_DEVICE,
    ) -> None:
        self._session = open_session(model, num_threads, device)
        self._size_px = patch_size(self._session, "the reader")
        self._num_steps, num_classes = _output_size(self._session)
        known = alphabet or CHARACTERS[: num_classes - 1]
        if num_classes != len(known) + 1 or not set(known) <= set(CHARACTERS):
            msg = f"the reader has {num_classes} classes, not END and {known!r}; export it again"
            raise ModelContractError(msg)
        self._known = frozenset(known)
        self._columns = np.array([END, *(CHARACTERS.index(c) + 1 for c in known)])
        self._regions = _region_columns(self._session)

    def can_say(self, text: str) -> bool:
        """Whether a text could be its answer: of its own characters, and no longer than it reads.

        Of plates in scripts that it does not know a reader says nothing, if it ever saw such.
        """
        return 0 < len(text) < self._num_steps and self._known.issuperset(text)

    def __call__(self, rgb: Rgb, /) -> Reading:
        """Read one crop ``(H, W, 3)`` uint8 RGB of any size."""
        return self.read_batch([rgb])[0]

    def read_batch(self, crops: Sequence[Rgb]) -> list[Reading]:
        """Read several crops in one call.

        Raises:
            ModelContractError: the network does not run, or its output has another shape or is
                not finite.
        """
        patches = make_patches(crops, *self._size_px)
        num_outputs = 1 if self._regions is None else 2
        char_probs, *said = infer(self._session, patches, "the reader", num_outputs)
        expected = (len(crops), self._num_steps, len(self._columns))
        if char_probs.shape != expected or not np.isfinite(char_probs).all():
            msg = f"the reader gave {char_probs.shape}, not finite {expected}; check the weights"
            raise ModelContractError(msg)
        readings = [Reading.from_probs(probs) for probs in self._widen(char_probs)]
        if self._regions is None:
            return readings
        log_probs = np.full((len(crops), len(REGIONS)), _NEVER, np.float32)
        log_probs[:, self._regions] = said[0]
        return [
            replace(reading, region_log_probs=row)
            for reading, row in zip(readings, log_probs, strict=True)
        ]

    def _widen(self, char_probs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Put a network's columns where `CHARACTERS` has them; steps it lacks say the end."""
        if char_probs.shape[1:] == (NUM_STEPS, NUM_CLASSES):
            return char_probs
        wide = np.zeros((len(char_probs), NUM_STEPS, NUM_CLASSES), np.float32)
        wide[:, : self._num_steps, self._columns] = char_probs
        wide[:, self._num_steps :, END] = 1
        return wide


def _region_columns(session: InferenceSession) -> NDArray[np.intp] | None:
    """Where `REGIONS` has those of a reader's second output; None for a reader without.

    Raises:
        ModelContractError: it has others, or says nothing of what they are.
    """
    outputs = session.get_outputs()
    if len(outputs) < 2:
        return None
    listed = session.get_modelmeta().custom_metadata_map.get(REGIONS_KEY, "").split(",")
    if outputs[1].shape[1:] != [len(listed)] or not set(listed) <= set(REGIONS):
        msg = f"the reader says {outputs[1].shape[1:]} regions, {listed}; update platestream"
        raise ModelContractError(msg)
    return np.array([REGIONS.index(region) for region in listed])


def _output_size(session: InferenceSession) -> tuple[int, int]:
    """Steps and classes of a reader's output.

    Raises:
        ModelContractError: it is none, or has more steps than we read.
    """
    shape = session.get_outputs()[0].shape
    match shape:
        case [_, int(num_steps), int(num_classes)] if num_steps <= NUM_STEPS:
            return num_steps, num_classes
    msg = f"the reader gives {shape}, not (N, up to {NUM_STEPS}, C); check the weights"
    raise ModelContractError(msg)
