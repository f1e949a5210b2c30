"""What a reader still reads wrongly is shown more often to the one that goes on from it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from platestream.core.metrics import fold
from platestream.core.types import Reading, Rgb
from platestream.lab.train.crops import LabelledCrop
from platestream.models.two_rows import mostly_has_two_rows


def hardness(
    crops: Sequence[LabelledCrop],
    read_all: Callable[[Sequence[Rgb]], Sequence[Reading]],
    wrong: float,
    two_rows: float,
) -> NDArray[np.float64]:
    """How much more often each crop is to be seen.

    Args:
        crops: To learn from.
        read_all: The reader that training starts from.
        wrong: Factor for those that it reads wrongly; O and 0, I and 1 count as the same, since
            labels mix them.
        two_rows: Factor for those that are so narrow that they mostly show two rows.

    Returns:
        ``(N,)``, 1 for an easy crop.
    """
    lift = np.ones(len(crops))
    if wrong != 1:
        readings = read_all([crop.rgb for crop in crops])
        pairs = zip(crops, readings, strict=True)
        lift *= [1.0 if fold(c.text) == fold(r.text) else wrong for c, r in pairs]
    narrow = [mostly_has_two_rows(c.rgb) for c in crops]
    return np.where(narrow, lift * two_rows, lift)
