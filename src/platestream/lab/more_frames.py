"""What more frames bring: plates right against the number of frames that are looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platestream.core.types import PlateCrop, Reading, ScoredReading
from platestream.lab.replay import RecordedTrack
from platestream.lab.statistics import mcnemar, wilson_interval
from platestream.models.stacking import Stack
from platestream.stream.fusion import ProductProbs, StringVote, best_quality, by_trust, equally
from platestream.stream.recognizer import Reader
from platestream.stream.stacking import PlateStack, StackRule

COUNTS = (1, 2, 4, 8, 16, 31)

_product, _vote = ProductProbs(by_trust), StringVote(equally)


@dataclass(frozen=True, slots=True)
class FramesRow:
    """One way to use some frames of each track.

    Attributes:
        way: ``best`` frame by quality, ``vote``, ``product``, ``stack``, or ``both``: the product
            of the stack's readings and those of the four best frames.
        num_frames: Spread evenly over the track; all, where it has fewer.
        accuracy: Share of tracks that end with their label.
        low: Lower end of its 95 % interval over tracks, see `wilson_interval`.
        high: Upper end.
        p_value: Of McNemar's test against ``product`` of as many frames.
    """

    way: str
    num_frames: int
    accuracy: float
    low: float
    high: float
    p_value: float


def by_frames(tracks: Sequence[RecordedTrack], read: Reader) -> list[FramesRow]:
    """Every way with every number of frames; tracks need labels and pictures.

    Args:
        tracks: Recorded ones.
        read: Reads stacks.
    """
    rows = []
    for num in COUNTS:
        right: dict[str, list[bool]] = {way: [] for way in ("best", "vote", "product")}
        right |= {"stack": [], "both": []}
        for track in tracks:
            for way, text in _texts(track, num, read).items():
                right[way].append(text == track.text)
        product = np.array(right["product"])
        rows += [_row(way, num, np.array(each), product) for way, each in right.items()]
    return rows


def _texts(track: RecordedTrack, num: int, read: Callable[..., Reading]) -> dict[str, str]:
    length = len(track.qualities)
    spread = np.linspace(0, length - 1, min(num, length)).round().astype(int).tolist()
    single = [ScoredReading(track.readings[i], track.qualities[i], i) for i in spread]
    plate = PlateStack(Stack(), StackRule(min_frames=1))
    for i in spread:
        crop = PlateCrop(1, i, track.pts_s[i], (0, 0, 1, 1), track.crops[i])
        plate.add(crop, track.qualities[i])
    for _ in plate.read_at_end(read):
        pass
    best = sorted(single, key=lambda scored: -scored.quality)[:4]
    return {
        "best": best_quality(single).text,
        "vote": _vote(single).text,
        "product": _product(single).text,
        "stack": _product(plate.readings).text,
        "both": _product([*best, *plate.readings]).text,
    }


def _row(way: str, num: int, right: NDArray[np.bool_], product: NDArray[np.bool_]) -> FramesRow:
    low, high = wilson_interval(float(right.mean()), len(right))
    return FramesRow(
        way,
        num,
        accuracy=round(float(right.mean()), 4),
        low=round(low, 4),
        high=round(high, 4),
        p_value=round(mcnemar(right, product), 4),
    )
