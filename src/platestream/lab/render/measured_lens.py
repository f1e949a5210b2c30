"""What road cameras were measured to do to a plate, done to any other.

Blur that is made up (`optics`) is round or along one line. Real blur is neither: it is shake, a
cheap lens, the camera's own sharpening and a codec at once. `Retexter` measures it, one small
kernel a frame.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render import optics
from platestream.models.two_rows import mostly_has_two_rows

_TWO_ROWS: Final = 1.9
"""How much higher a plate of two rows is, where its characters are as large in pixels."""

_NOISE: Final = 0.3
"""At most this share of what a kernel leaves unexplained is noise: most of it is a plate that lay a
little off, and real frames, seen beside those made so, are smooth."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """How one real frame saw its plate.

    Attributes:
        height_px: Of the frame, a plate of one row upright in it, with a tenth of margin.
        kernel: ``(rows, columns)`` float32 that sums to 1.
        noise: Grey levels that the kernel does not explain, as a standard deviation.
    """

    height_px: float
    kernel: NDArray[np.float32]
    noise: float

    def see(self, upright: Rgb, rng: np.random.Generator) -> Rgb:
        """Take a picture of another plate.

        Args:
            upright: ``(H, W, 3)`` uint8 RGB, the plate upright with a tenth of margin.
            rng: Of the noise.

        Returns:
            ``(h, w, 3)`` uint8 RGB; as it is where it is smaller than the frame already.
        """
        height, width = upright.shape[:2]
        scale = self.height_px * (_TWO_ROWS if mostly_has_two_rows(upright) else 1.0) / height
        if scale > 1:
            return upright
        size = (max(12, round(width * scale)), max(6, round(height * scale)))
        small = cv2.resize(upright, size, interpolation=cv2.INTER_AREA)
        blurred = cv2.filter2D(small, -1, self.kernel, borderType=cv2.BORDER_REPLICATE)
        noise = float(rng.uniform(0, _NOISE)) * self.noise
        return optics.add_noise(np.asarray(blurred, np.uint8), noise, rng)
