"""The corner network, ours: where in a crop the plate's four corners lie.

The detector tells corners at one cell of a map, from which the ends of a wide plate are far away.
This network looks at the crop alone, at the size at which it is read, and at all of it at once.
"""

import torch
from torch import Tensor, nn

from platestream.lab.networks.trunk import colour_input, conv_block

CHANNELS = (12, 24, 32, 48, 64, 64)
"""Of each convolution."""

STRIDES = ((2, 2), (2, 2), (1, 1), (1, 2), (2, 2), (1, 1))
"""Of each: a 32x128 patch ends as 4x8, coarse enough to see the plate as a whole."""

HIDDEN = 96

WHOLE_CROP = (0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)
"""Corners of the crop itself: where the search starts."""


class CornerNetwork(nn.Module):
    """Patches ``(N, 32, 128, 3)`` uint8 to corners ``(N, 8)``.

    Corners are x and y in turn, from the top left clockwise, as shares of the crop's width and
    height; those of a plate that the crop cuts off lie outside 0..1.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for out_channels, stride in zip(CHANNELS, STRIDES, strict=True):
            layers += conv_block(channels, out_channels, stride=stride)
            channels = out_channels
        self.trunk = nn.Sequential(*layers)
        self.hidden = nn.Linear(channels * 4 * 8, HIDDEN)
        self.offsets = nn.Linear(HIDDEN, 8)
        self.register_buffer("whole_crop", torch.tensor(WHOLE_CROP), persistent=False)

    def forward(self, patches: Tensor) -> Tensor:
        """Corners of each patch."""
        pixels = colour_input(patches).contiguous(memory_format=torch.channels_last)
        hidden = torch.relu(self.hidden(self.trunk(pixels).flatten(1)))
        return torch.as_tensor(self.whole_crop + 0.2 * self.offsets(hidden))
