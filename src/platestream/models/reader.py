"""The reader network at run time: a crop to a reading."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from platestream.core.alphabet import CHARACTERS, END, NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError
from platestream.core.types import Reading, Rgb
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.preprocess import make_patches
from platestream.models.session import infer, open_session, patch_size


class OnnxReader:
    """Reads plate crops; a `Reader` for the heart.

    Args:
        model: ONNX bytes or file: patches ``(N, H, W, 3)`` uint8 RGB to ``char_probs``
            ``(N, T, C)`` float32.
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
        (char_probs,) = infer(self._session, patches, "the reader")
        expected = (len(crops), self._num_steps, len(self._columns))
        if char_probs.shape != expected or not np.isfinite(char_probs).all():
            msg = f"the reader gave {char_probs.shape}, not finite {expected}; check the weights"
            raise ModelContractError(msg)
        return [Reading.from_probs(probs) for probs in self._widen(char_probs)]

    def _widen(self, char_probs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Put a network's columns where `CHARACTERS` has them; steps it lacks say the end."""
        if char_probs.shape[1:] == (NUM_STEPS, NUM_CLASSES):
            return char_probs
        wide = np.zeros((len(char_probs), NUM_STEPS, NUM_CLASSES), np.float32)
        wide[:, : self._num_steps, self._columns] = char_probs
        wide[:, self._num_steps :, END] = 1
        return wide


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
