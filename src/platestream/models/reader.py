"""The reader network at run time: a crop to a reading."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError
from platestream.core.types import Reading, Rgb
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.preprocess import make_patches
from platestream.models.session import open_session, patch_size


class OnnxReader:
    """Reads plate crops; a `Reader` for the heart.

    Args:
        model: ONNX bytes or file: patches ``(N, H, W, 3)`` uint8 RGB to ``char_probs``
            ``(N, T, C)`` float32.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ModelError: the weights cannot be loaded, or take no such patches.
    """

    def __init__(
        self, model: bytes | Path, *, num_threads: int = 1, device: str = DEFAULT_DEVICE
    ) -> None:
        self._session = open_session(model, num_threads, device)
        self._input = self._session.get_inputs()[0].name
        self._size_px = patch_size(self._session, "the reader")

    def __call__(self, rgb: Rgb, /) -> Reading:
        """Read one crop ``(H, W, 3)`` uint8 RGB of any size."""
        return self.read_batch([rgb])[0]

    def read_batch(self, crops: Sequence[Rgb]) -> list[Reading]:
        """Read several crops in one call.

        Raises:
            ModelContractError: the network's output has another shape, or is not finite.
        """
        (char_probs,) = self._session.run(None, {self._input: make_patches(crops, *self._size_px)})
        expected = (len(crops), NUM_STEPS, NUM_CLASSES)
        if char_probs.shape != expected or not np.isfinite(char_probs).all():
            msg = f"the reader gave {char_probs.shape}, not finite {expected}; check the weights"
            raise ModelContractError(msg)
        return [Reading.from_probs(probs) for probs in char_probs]
