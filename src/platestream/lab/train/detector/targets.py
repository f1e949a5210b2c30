"""What the plate detector should say of a picture."""

import numpy as np
from numpy.typing import NDArray

from platestream.lab.networks.detector import STRIDE_PX
from platestream.lab.train.detector.views import View

_NEAR_CENTRE = 0.1
"""Cells with at least so much of a plate's bump tell its box and corners."""


def encode_targets(view: View) -> dict[str, NDArray[np.float32]]:
    """Make the targets of a view (TTFNet's Gaussians, arXiv:1909.00700, section 4).

    Returns:
        ``heat`` ``(1, h, w)``, 1 at the cell of a plate's centre, falling off with the plate's
        own width and height; ``heat_weight`` ``(1, h, w)``, 0 where a plate is to be ignored;
        ``box`` ``(4, h, w)`` xyxy and ``quad`` ``(8, h, w)`` in pixels; ``box_weight`` and
        ``quad_weight`` ``(1, h, w)``, above 0 where a cell is close enough to a centre to tell
        that plate's box, and its corners where they are known.
    """
    height, width = (side // STRIDE_PX for side in view.rgb.shape[:2])
    heat, box_weight, quad_weight = np.zeros((3, 1, height, width), np.float32)
    heat_weight = np.ones((1, height, width), np.float32)
    box, quad = np.zeros((4, height, width), np.float32), np.zeros((8, height, width), np.float32)
    for x1, y1, x2, y2 in np.rint(view.ignored / STRIDE_PX).astype(int):
        heat_weight[0, y1 : y2 + 1, x1 : x2 + 1] = 0
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    for each, corners, has_corners in zip(view.boxes, view.quads, view.has_corners, strict=True):
        x1, y1, x2, y2 = each / STRIDE_PX
        column, row = min(int((x1 + x2) / 2), width - 1), min(int((y1 + y2) / 2), height - 1)
        sigma_x, sigma_y = max(0.5, 0.09 * (x2 - x1)), max(0.5, 0.09 * (y2 - y1))
        bump = np.exp(
            -(((columns - column) / sigma_x) ** 2 + ((rows - row) / sigma_y) ** 2) / 2
        ).astype(np.float32)
        closest = (bump > _NEAR_CENTRE) & (bump > box_weight[0])
        box_weight[0, closest] = bump[closest]
        quad_weight[0, closest] = bump[closest] * has_corners
        box[:, closest], quad[:, closest] = each[:, None], corners.reshape(8, 1)
        heat[0] = np.maximum(heat[0], bump)
        heat_weight[0, row, column] = 1
    return {
        "heat": heat,
        "heat_weight": heat_weight,
        "box": box,
        "box_weight": box_weight,
        "quad": quad,
        "quad_weight": quad_weight,
    }
