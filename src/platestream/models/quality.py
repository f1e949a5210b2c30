"""The quality network at run time: a crop to its legibility."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import ModelContractError
from platestream.core.types import Rgb
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.preprocess import make_patches
from platestream.models.session import infer, open_session, patch_size


class OnnxQuality:
    """Scores plate crops; a `Scorer` for the heart.

    Args:
        model: ONNX bytes or file: patches ``(N, H, W, 3)`` uint8 RGB to ``(N,)`` float32.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ModelError: the weights cannot be loaded, or take no such patches.
    """

    def __init__(
        self, model: bytes | Path, *, num_threads: int = 1, device: str = DEFAULT_DEVICE
    ) -> None:
        self._session = open_session(model, num_threads, device)
        self._size_px = patch_size(self._session, "the quality network")

    def __call__(self, rgb: Rgb, /) -> float:
        """Quality in 0..1 of one crop ``(H, W, 3)`` uint8 RGB of any size."""
        return float(self.score_batch([rgb])[0])

    def score_batch(self, crops: Sequence[Rgb]) -> NDArray[np.float32]:
        """Qualities ``(N,)`` of several crops in one call.

        Raises:
            ModelContractError: the network does not run, or its output has another shape or
                leaves 0..1.
        """
        patches = make_patches(crops, *self._size_px)
        (scores,) = infer(self._session, patches, "the quality network")
        in_range = scores.shape == (len(crops),) and bool(((scores >= 0) & (scores <= 1)).all())
        if not in_range:
            msg = (
                f"the quality network gave {scores.shape} for {len(crops)} crops, not one score in "
                "0..1 each; check the weights"
            )
            raise ModelContractError(msg)
        return np.asarray(scores, np.float32)
