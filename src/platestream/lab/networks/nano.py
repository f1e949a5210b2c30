"""Nano, ours: a quality branch of depthwise convolutions, a tenth of a light trunk.

The paper's light trunk N*_q has most of the parameters of the full one. Ranking the frames of
one plate takes far less: where strokes are sharp, and whether they are cut off or too small.

At this size a runtime spends as long on making a picture ready as on looking at it, so the first
convolution takes the colours as they are, 0 to 255: the batch norm behind it settles their scale.
"""

import torch
from torch import Tensor, nn

from platestream.lab.networks.trunk import conv_block

STEM_PX = 4
"""Side of the squares that the first convolution cuts the patch into, without overlap.

Blur shows within a few pixels, and a wide map is what costs: half the time of a stem of stride 2.
"""

CHANNELS = (32, 48, 64, 96)
"""Of the stem and of each depthwise block."""

STRIDES = ((1, 1), (2, 1), (2, 1))
"""Of each block: a 32x128 patch ends as 2x32, as in the wide pools of N."""

HIDDEN = 32
"""Size of the head's first fully connected layer."""


class NanoTrunk(nn.Sequential):
    """Depthwise separable convolutions (Howard et al., 2017): colour patch to F*_q."""

    def __init__(self) -> None:
        stem = conv_block(3, CHANNELS[0], kernel=STEM_PX, stride=(STEM_PX, STEM_PX), padding=0)
        blocks = [
            _separable(before, after, stride)
            for before, after, stride in zip(CHANNELS[:-1], CHANNELS[1:], STRIDES, strict=True)
        ]
        super().__init__(stem, *blocks)
        self.out_channels = CHANNELS[-1]


class NanoHead(nn.Module):
    """N'_q on a map pooled as a whole: max and average side by side, FC + ReLU, FC + sigmoid.

    Args:
        in_channels: C of the feature map.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(2 * in_channels, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Score each feature map ``(N, C, h, w)``: ``(N,)`` in 0..1."""
        pooled = torch.cat([features.amax((2, 3)), features.mean((2, 3))], dim=1)
        return torch.sigmoid(self.score(torch.relu(self.hidden(pooled)))).squeeze(1)


def _separable(in_channels: int, out_channels: int, stride: tuple[int, int]) -> nn.Sequential:
    depthwise = conv_block(in_channels, in_channels, kernel=3, stride=stride, groups=in_channels)
    return nn.Sequential(*depthwise, *conv_block(in_channels, out_channels, kernel=1, padding=0))
