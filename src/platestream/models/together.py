"""Pictures of one plate read as one, outside any stream."""

from collections.abc import Iterable
from itertools import count

from platestream.core.errors import SourceNotFound
from platestream.core.types import PlateCrop, Reading, Rgb, Stacked
from platestream.models.bundle import Networks
from platestream.stream.fusion import ProductProbs, by_trust
from platestream.stream.stacking import PlateStack, StackRule

_fuse = ProductProbs(by_trust)


def read_together(crops: Iterable[Rgb], networks: Networks) -> tuple[Reading, Stacked]:
    """Lay crops of one plate on top of each other, and read their average.

    Args:
        crops: ``(H, W, 3)`` uint8 RGB each, in any order; those that are poorer than the others
            on average, or do not agree with them, are left out.
        networks: The quality network weighs, the reader reads.

    Returns:
        What the average says, sharpened and as it is; and the average, with the number of crops
        in it.

    Raises:
        SourceNotFound: there are no crops.
        FrameDecodeError: one is too small or too large to hold a plate.
    """
    plate = PlateStack(networks.new_stack(), StackRule(min_frames=1))
    for index, rgb in zip(count(), crops, strict=False):
        height, width = rgb.shape[:2]
        crop = PlateCrop(1, index, 0.0, (0.0, 0.0, float(width), float(height)), rgb)
        plate.add(crop, networks.score(rgb))
    for _ in plate.read_at_end(networks.read):
        pass
    stacked = plate.result()
    if stacked is None:
        msg = "no crops to read together; give one at least"
        raise SourceNotFound(msg)
    fused = _fuse(stacked.readings)
    return fused.of_pictures([scored.reading for scored in stacked.readings]), stacked
