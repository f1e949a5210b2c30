"""The convolutional trunks of EQ-LPR (paper, Fig. 2): N for S and P, the light N*_q for E."""

import copy
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from torch import Tensor, nn

Pools: TypeAlias = Literal["wide", "square"]

TRUNK: Final = ((16, 32, 32), (64, 64), (128, 128), (256, 256), (512,))
"""N: output channels of each 3x3 convolution; a max-pool stands between two groups."""

LIGHT_TRUNK: Final = ((64,), (128,), (), (256,), (512,))
"""N*_q, the same way; the empty group is the paper's two max-pools in a row."""

POOL_SHAPES: Final[dict[Pools, tuple[tuple[int, int], ...]]] = {
    # Ours: halving the width only twice leaves 32 columns of a 128 px plate for its characters.
    "wide": ((2, 2), (2, 2), (2, 1), (2, 1)),
    # The paper's, to the letter: 8 columns are left.
    "square": ((2, 2), (2, 2), (2, 2), (2, 2)),
}


def scale(channels: int, width: float) -> int:
    """Channels at a width multiplier; 1.0 is the paper's."""
    return max(1, round(channels * width))


class Trunk(nn.Sequential):
    """Convolutions in groups with a max-pool between them: picture to feature map F.

    Ours: each convolution is Conv-BatchNorm-ReLU with padding 1; the paper gives neither.

    Args:
        groups: Output channels, as `TRUNK` or `LIGHT_TRUNK`.
        in_channels: 3 for colour, 1 for grey.
        width: Multiplier on every channel count.
        pools: Shape of the four max-pools.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[int]],
        in_channels: int,
        width: float = 1.0,
        pools: Pools = "wide",
    ) -> None:
        layers: list[nn.Module] = []
        channels = in_channels
        for index, group in enumerate(groups):
            if index:
                layers.append(nn.MaxPool2d(POOL_SHAPES[pools][index - 1]))
            for out_channels in group:
                layers.append(conv_block(channels, scale(out_channels, width)))
                channels = scale(out_channels, width)
        super().__init__(*layers)
        self.out_channels = channels

    def first_groups(self, num: int) -> nn.Sequential:
        """The layers of the first `num` groups, without the pool behind them."""
        layers = list(self)
        pools = [i for i, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]
        ends = [0, *pools, len(layers)]
        return nn.Sequential(*layers[: ends[num]])


def tied(trunk: Trunk) -> Trunk:
    """A trunk whose weights are another's, with averages of its own in its batch norms.

    What is grey is not spread as what is coloured: averages of both are right for neither.
    """
    twin = copy.deepcopy(trunk)
    for mine, its in zip(twin.modules(), trunk.modules(), strict=True):
        for name, parameter in its.named_parameters(recurse=False):
            setattr(mine, name, parameter)
    return twin


def conv_block(
    in_channels: int,
    out_channels: int,
    kernel: int = 3,
    stride: int | tuple[int, int] = 1,
    padding: int = 1,
    dilation: int = 1,
    groups: int = 1,
) -> nn.Sequential:
    """Convolution, batch norm, ReLU; as they are, 3x3 with height and width as before."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, padding, dilation, groups, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


def colour_input(patches: Tensor) -> Tensor:
    """Scale patches for the reader.

    Args:
        patches: ``(N, H, W, 3)`` uint8 RGB.

    Returns:
        ``(N, 3, H, W)`` float32 in -1..1.
    """
    return patches.permute(0, 3, 1, 2).float() / 127.5 - 1.0


def grey_input(patches: Tensor) -> Tensor:
    """Grey patches for the quality branch (luma of ITU-R BT.601).

    Args:
        patches: ``(N, H, W, 3)`` uint8 RGB.

    Returns:
        ``(N, 1, H, W)`` float32 in -1..1.
    """
    # Not a matrix product: with one column it took the runtime longer than all of nano.
    red, green, blue = patches.float().unbind(dim=3)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    return grey.unsqueeze(1) / 127.5 - 1.0
