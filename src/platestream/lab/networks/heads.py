"""The two heads of EQ-LPR (paper, Fig. 2): N'_r reads characters, N'_q scores legibility.

`ParallelHead` is ours: N'_r with a decoder that asks for all characters at once.
"""

import torch
from torch import Tensor, nn

from platestream.core.alphabet import END, NUM_CLASSES, NUM_STEPS
from platestream.lab.networks.trunk import Pools, conv_block, scale

HIDDEN = 256
"""Ours: LSTM, attention and embedding size at width 1."""

QUALITY_HIDDEN = 64
"""Ours: size of the quality head's first fully connected layer at width 1."""


class SequenceEncoder(nn.Module):
    """The first half of N'_r: max-pool, convolution, bidirectional LSTM.

    It reads F row by row, column by column, so that a two-row plate is one sequence.

    Args:
        in_channels: C of the feature map F.
        width: Multiplier on every size.
        pools: Shape of the trunk's pools; "square" also halves the width here.
    """

    def __init__(self, in_channels: int, width: float = 1.0, pools: Pools = "wide") -> None:
        super().__init__()
        channels = scale(512, width)
        self.pool = nn.MaxPool2d((2, 1) if pools == "wide" else (2, 2))
        self.conv = conv_block(in_channels, channels)
        self.lstm = nn.LSTM(channels, scale(HIDDEN, width), batch_first=True, bidirectional=True)

    def forward(self, features: Tensor) -> Tensor:
        """F ``(N, C, h, w)`` to ``(N, positions, 2 * hidden)``."""
        sequence = self.conv(self.pool(features)).flatten(2).transpose(1, 2)
        encoded, _ = self.lstm(sequence)
        return torch.as_tensor(encoded)


class ReaderHead(nn.Module):
    """N'_r: `SequenceEncoder`, attention, LSTM decoder.

    The attention is additive (Bahdanau et al., 2015); the paper does not name its kind.

    Args:
        in_channels: C of the feature map F.
        width: Multiplier on every size.
        pools: Shape of the trunk's pools; "square" also halves the width here.
    """

    def __init__(self, in_channels: int, width: float = 1.0, pools: Pools = "wide") -> None:
        super().__init__()
        hidden = scale(HIDDEN, width)
        self.encoder = SequenceEncoder(in_channels, width, pools)
        self.keys = nn.Linear(2 * hidden, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.energy = nn.Linear(hidden, 1, bias=False)
        self.embedding = nn.Embedding(NUM_CLASSES, hidden)
        self.decoder = nn.LSTMCell(3 * hidden, hidden)
        self.classify = nn.Linear(3 * hidden, NUM_CLASSES)

    def forward(self, features: Tensor, targets: Tensor | None = None) -> Tensor:
        """Decode the characters, teacher-forced where targets are given, else greedily.

        Args:
            features: F, ``(N, C, h, w)``.
            targets: ``(N, T)`` int64 class indices, or None.

        Returns:
            Logits ``(N, T, NUM_CLASSES)`` with T = `NUM_STEPS`.
        """
        encoded = self.encoder(features)
        keys = self.keys(encoded)
        # `shape[0]`, not `len`: the exporter would take the latter for a constant.
        num_plates = keys.shape[0]
        state = keys.new_zeros(num_plates, self.decoder.hidden_size)
        cell = state
        # The end symbol also opens the plate: no index is spent on a start symbol.
        previous = torch.full((num_plates,), END, dtype=torch.int64, device=keys.device)
        logits = []
        for step in range(NUM_STEPS):
            context = self._attend(encoded, keys, state)
            seen = torch.cat([self.embedding(previous), context], dim=1)
            state, cell = self.decoder(seen, (state, cell))
            logits.append(self.classify(torch.cat([state, context], dim=1)))
            previous = logits[-1].argmax(1) if targets is None else targets[:, step]
        return torch.stack(logits, dim=1)

    def _attend(self, encoded: Tensor, keys: Tensor, state: Tensor) -> Tensor:
        energies: Tensor = self.energy(torch.tanh(keys + self.query(state).unsqueeze(1)))
        context: Tensor = (energies.softmax(dim=1) * encoded).sum(dim=1)
        return context


class ParallelHead(nn.Module):
    """Ours: the paper's encoder, and a learned query for each place on the plate.

    The paper's decoder is told what it read before, eleven steps one after another: half of the
    reader's time on a CPU. Here every place looks for its character by itself. Each distribution
    is then what this picture says of one place, whatever stands at the others, which is what
    fusing several readings takes it for; and no decoder learns plates by heart.

    Args:
        in_channels: C of the feature map F.
        width: Multiplier on every size.
        pools: Shape of the trunk's pools.
    """

    def __init__(self, in_channels: int, width: float = 1.0, pools: Pools = "wide") -> None:
        super().__init__()
        hidden = scale(HIDDEN, width)
        self.encoder = SequenceEncoder(in_channels, width, pools)
        self.keys = nn.Linear(2 * hidden, hidden)
        # Far apart from the start: with small ones every place would look everywhere for long.
        self.queries = nn.Parameter(torch.randn(NUM_STEPS, hidden))
        self.mix = nn.Linear(2 * hidden, 2 * hidden)
        self.classify = nn.Linear(2 * hidden, NUM_CLASSES)

    def forward(self, features: Tensor, targets: Tensor | None = None) -> Tensor:
        """Decode all characters at once.

        Args:
            features: F, ``(N, C, h, w)``.
            targets: Not needed: nothing depends on what was read before.

        Returns:
            Logits ``(N, T, NUM_CLASSES)`` with T = `NUM_STEPS`.
        """
        encoded = self.encoder(features)
        energies = self.keys(encoded) @ self.queries.T
        contexts = energies.softmax(dim=1).transpose(1, 2) @ encoded
        return torch.as_tensor(self.classify(torch.relu(self.mix(contexts))))


class QualityHead(nn.Module):
    """N'_q: max- and average-pooled F side by side, FC + ReLU, FC + ReLU: the score a.

    Args:
        in_channels: C of the feature map F.
        feature_size: Height and width of F.
        width: Multiplier on the hidden layer.
    """

    def __init__(self, in_channels: int, feature_size: tuple[int, int], width: float = 1.0) -> None:
        super().__init__()
        pooled = (feature_size[0] // 2) * (feature_size[1] // 2)
        hidden = scale(QUALITY_HIDDEN, width)
        self.hidden = nn.Linear(2 * in_channels * pooled, hidden)
        self.score = nn.Linear(hidden, 1)
        # The last ReLU has no gradient below 0; starting at one half keeps it alive.
        nn.init.constant_(self.score.bias, 0.5)

    def forward(self, features: Tensor) -> Tensor:
        """Score each feature map: F ``(N, C, h, w)`` to ``(N,)``, 0 or more."""
        pooled = torch.cat(
            [nn.functional.max_pool2d(features, 2), nn.functional.avg_pool2d(features, 2)], dim=1
        )
        hidden = torch.relu(self.hidden(pooled.flatten(1)))
        return torch.relu(self.score(hidden)).squeeze(1)
