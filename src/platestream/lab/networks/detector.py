"""The plate detector: a small CenterNet with corners, one class, no anchors.

Every plate is the peak of a heat map, one cell of which is 8 x 8 pixels; box and corners are
regressed at that cell. The widths are ours: dense 3x3 convolutions with few channels where the
picture is large, since those are what a CPU runs fastest, above all on 8-bit integers.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from platestream.lab.networks.trunk import conv_block

STRIDE_PX: Final = 8
"""Size of a heat map's cell in pixels of the network's input."""

CORNER_SIGNS: Final = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
"""Where the corners of a plate lie that fills its box, from the middle in half sides."""

_MAX_LOG_SIZE: Final = 6.0


class PlateDetector(nn.Module):
    """Finds plates in pictures.

    Args:
        widths: Channels at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 32, 48, 64, 80)) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.fine = nn.Sequential(
            conv_block(3, w2, stride=2),
            conv_block(w2, w4, stride=2),
            conv_block(w4, w8, stride=2),
            _Residual(w8),
        )
        self.middle = nn.Sequential(conv_block(w8, w16, stride=2), _Residual(w16))
        # The dilated pair sees 600 px: a plate that fills the picture has edges that far apart.
        self.coarse = nn.Sequential(
            conv_block(w16, w32, stride=2), _Residual(w32), _Residual(w32, dilation=2)
        )
        self.from_coarse = conv_block(w32, w16, kernel=1, padding=0)
        self.from_middle = conv_block(w16, w8, kernel=1, padding=0)
        self.head = conv_block(w8, w8)
        self.heat = nn.Conv2d(w8, 1, 1)
        self.box = nn.Conv2d(w8, 4, 1)
        self.corners = nn.Conv2d(w8, 8, 1)
        # Plates are rare: start at a probability of 1 % (RetinaNet, arXiv:1708.02002, 4.1),
        # and at a box of about 64 x 24 pixels in the middle of the cell, filled by its plate.
        _set_bias(self.heat, [-4.6])
        _set_bias(self.box, [0.0, 0.0, 2.1, 1.1])
        _set_bias(self.corners, [0.0] * 8)

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Heat map with nothing but its peaks, boxes and corners.

        Args:
            rgb: ``(N, H, W, 3)`` uint8 RGB, H and W multiples of 32.

        Returns:
            Scores ``(N, 1, H/8, W/8)`` float32 in 0..1, zero but where a cell is the highest of
            its 3 x 3 neighbours; boxes ``(N, 4, H/8, W/8)`` float32, xyxy in pixels of `rgb`;
            quads ``(N, 8, H/8, W/8)`` float32, the same pixels, x and y of each corner in turn.
        """
        logits, boxes, quads = self.raw(rgb)
        heat = logits.float().sigmoid()
        is_peak = heat >= functional.max_pool2d(heat, 3, stride=1, padding=1)
        return heat * is_peak, boxes, quads

    def raw(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same before sigmoid and peak picking, to learn from: logits, boxes and quads."""
        x = (rgb.permute(0, 3, 1, 2).float() - 128.0) / 128.0
        fine = self.fine(x)
        middle = self.middle(fine)
        coarse = self.from_coarse(self.coarse(middle))
        middle = middle + functional.interpolate(coarse, scale_factor=2.0)
        fine = fine + functional.interpolate(self.from_middle(middle), scale_factor=2.0)
        features = self.head(fine)
        boxes = _decode_boxes(self.box(features).float())
        return self.heat(features), boxes, _decode_quads(self.corners(features).float(), boxes)


def _decode_boxes(raw: Tensor) -> Tensor:
    """Centre offset and logarithm of the size, in cells, to xyxy in pixels."""
    rows = torch.arange(raw.shape[2], dtype=torch.float32, device=raw.device)[:, None]
    columns = torch.arange(raw.shape[3], dtype=torch.float32, device=raw.device)[None, :]
    x = columns + 0.5 + raw[:, 0]
    y = rows + 0.5 + raw[:, 1]
    half = raw[:, 2:].clamp(max=_MAX_LOG_SIZE).exp() / 2
    left_top_right_bottom = (x - half[:, 0], y - half[:, 1], x + half[:, 0], y + half[:, 1])
    return torch.stack(left_top_right_bottom, dim=1) * STRIDE_PX


def _decode_quads(raw: Tensor, boxes: Tensor) -> Tensor:
    """How far each corner lies from its box's, in half sides, to pixels."""
    # The box learns from its own labels; corners only say where in it the plate lies.
    boxes = boxes.detach()
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    signs = raw.new_tensor(CORNER_SIGNS).reshape(1, 8, 1, 1)
    return centre.repeat(1, 4, 1, 1) + half.repeat(1, 4, 1, 1) * (signs + raw)


def _set_bias(conv: nn.Conv2d, values: list[float]) -> None:
    conv.bias = nn.Parameter(torch.tensor(values))


class _Residual(nn.Module):
    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_block(channels, channels, padding=dilation, dilation=dilation),
            conv_block(channels, channels, padding=dilation, dilation=dilation),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out
