"""The networks of EQ-LPR: P (two trunks), S (one, shared), E (a light quality trunk); and ours."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from platestream.lab.networks.heads import ParallelHead, QualityHead, ReaderHead
from platestream.lab.networks.nano import NanoHead, NanoTrunk
from platestream.lab.networks.trunk import (
    LIGHT_TRUNK,
    POOL_SHAPES,
    TRUNK,
    Pools,
    Trunk,
    colour_input,
    grey_input,
    tied,
)
from platestream.models.preprocess import PATCH_HEIGHT_PX, PATCH_WIDTH_PX

CAP_FROM = 0.7
"""Score from which on the cap bends, see `soft_cap`."""

Arch: TypeAlias = Literal["p", "s", "e", "nano"]


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Which network, and how large.

    Attributes:
        arch: "p", "s", "e", or "nano", ours: a reader that decodes all characters at once, and
            a quality branch of depthwise convolutions distilled from it.
        width: Multiplier on every channel count; 1.0 is the paper's.
        pools: "wide" (ours) or "square" (the paper's).
        height_px: Of the patch.
        width_px: Of the patch.
    """

    arch: Arch
    width: float = 1.0
    pools: Pools = "wide"
    height_px: int = PATCH_HEIGHT_PX
    width_px: int = PATCH_WIDTH_PX

    @property
    def is_distilled(self) -> bool:
        """Whether the quality branch learns from the features of a reader."""
        return self.arch in ("e", "nano")

    @property
    def keeps_reader(self) -> bool:
        """Whether only the quality branch learns: E's reader is S's."""
        return self.arch == "e"

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of the patch."""
        return self.height_px, self.width_px

    @property
    def feature_size(self) -> tuple[int, int]:
        """Height and width of the feature map F."""
        height, width = self.size_px
        for pool_height, pool_width in POOL_SHAPES[self.pools]:
            height, width = height // pool_height, width // pool_width
        return height, width


class EqLpr(nn.Module):
    """Reader and quality branch together.

    Attributes:
        reader_trunk: N_r, sees the colour patch.
        reader_head: N'_r; in nano with a decoder of ours.
        quality_trunk: N_q, sees the grey patch. In S its weights *are* those of `reader_trunk`, see
            `tied`; in E it is a light one, and nano's sees colours.
        quality_head: N'_q.
        projection: From F*_q to the channels of F_r, for distillation alone; nano's map has fewer.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.reader_trunk = Trunk(TRUNK, 3, config.width, config.pools)
        channels = self.reader_trunk.out_channels
        head = ParallelHead if config.arch == "nano" else ReaderHead
        self.reader_head: ParallelHead | ReaderHead = head(channels, config.width, config.pools)
        self.quality_trunk = self._make_quality_trunk()
        self.quality_head: QualityHead | NanoHead
        self.projection: nn.Module = nn.Identity()
        if isinstance(self.quality_trunk, NanoTrunk):
            self.quality_head = NanoHead(self.quality_trunk.out_channels)
            self.projection = nn.Conv2d(self.quality_trunk.out_channels, channels, 1)
        else:
            self.quality_head = QualityHead(channels, config.feature_size, config.width)

    def _make_quality_trunk(self) -> Trunk | NanoTrunk:
        if self.config.arch == "s":
            return tied(self.reader_trunk)
        if self.config.arch == "nano":
            return NanoTrunk()
        groups = TRUNK if self.config.arch == "p" else LIGHT_TRUNK
        return Trunk(groups, 1, self.config.width, self.config.pools)

    def read(self, patches: Tensor, targets: Tensor | None = None) -> Tensor:
        """Character logits ``(N, T, C)`` of patches ``(N, H, W, 3)`` uint8; see `ReaderHead`."""
        return torch.as_tensor(self.reader_head(self.reader_features(patches), targets))

    def reader_features(self, patches: Tensor) -> Tensor:
        """F_r ``(N, C, h, w)`` of the colour patches."""
        pixels = colour_input(patches).contiguous(memory_format=torch.channels_last)
        return torch.as_tensor(self.reader_trunk(pixels))

    def quality_features(self, patches: Tensor) -> Tensor:
        """F_q (F*_q in E and nano) ``(N, C, h, w)`` of the patches."""
        pixels = quality_input(patches, self.config.arch)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        return torch.as_tensor(self.quality_trunk(pixels))

    def score(self, patches: Tensor) -> Tensor:
        """The quality a of each patch, ``(N,)``."""
        return torch.as_tensor(self.quality_head(self.quality_features(patches)))


class ReaderNetwork(nn.Module):
    """What ships as a reader: patches ``(N, H, W, 3)`` uint8 to ``char_probs`` ``(N, T, C)``."""

    def __init__(self, network: EqLpr) -> None:
        super().__init__()
        self.trunk, self.head = network.reader_trunk, network.reader_head

    def forward(self, patches: Tensor) -> Tensor:
        """Greedy reading; each row sums to 1."""
        return torch.as_tensor(self.head(self.trunk(colour_input(patches))).softmax(dim=2))


class QualityNetwork(nn.Module):
    """What ships as a quality network: patches ``(N, H, W, 3)`` uint8 to ``(N,)`` in 0..1."""

    def __init__(self, network: EqLpr) -> None:
        super().__init__()
        self.trunk, self.head = network.quality_trunk, network.quality_head
        self.arch = network.config.arch

    def forward(self, patches: Tensor) -> Tensor:
        """Score; the paper's head ends in a ReLU, which bounds it below, and a cap above."""
        scores = torch.as_tensor(self.head(self.trunk(quality_input(patches, self.arch))))
        return scores if self.arch == "nano" else soft_cap(scores)


def quality_input(patches: Tensor, arch: Arch) -> Tensor:
    """What a quality trunk sees of patches ``(N, H, W, 3)`` uint8: ``(N, 1 or 3, H, W)``."""
    if arch == "nano":
        return patches.permute(0, 3, 1, 2).float()
    grey = grey_input(patches)
    # S has one trunk for both branches, so grey takes the place of all three colours.
    return grey.expand(-1, 3, -1, -1) if arch == "s" else grey


def soft_cap(scores: Tensor) -> Tensor:
    """Ours: keep scores below 1 without making the best frames of a track equal.

    The head's last ReLU knows no upper bound, and a clip would rate every frame above 1 the same:
    on real streams many of the best. Up to `CAP_FROM` scores stay as they are.

    Args:
        scores: ``(N,)``, 0 or more.

    Returns:
        ``(N,)`` in 0..1, in the same order.
    """
    room = 1 - CAP_FROM
    capped = CAP_FROM + room * (1 - torch.exp(-(scores - CAP_FROM).clamp(min=0) / room))
    return torch.where(scores > CAP_FROM, capped, scores)
