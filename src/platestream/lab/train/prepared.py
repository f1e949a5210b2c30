"""Real plates made ready once for a run, and kept in its folder: whoever goes on starts at once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from platestream.core.private import make_private_folder, write_private
from platestream.lab.render.bank import TemplateBank
from platestream.lab.train.crops import LabelledCrop

_NOTHING = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class PreparedCrops:
    """Real plates to learn from, and what was left out.

    Attributes:
        crops: With their upright pictures.
        num_doubtful: Left out since the reader contradicts their labels.
        num_left_aside: Left out since no reader may learn from them.
    """

    crops: list[LabelledCrop]
    num_doubtful: int
    num_left_aside: int

    def save(self, folder: Path) -> None:
        """Write them; the counts last, since what is cut off before them is made anew."""
        texts = [crop.text for crop in self.crops]
        names = [crop.set_name for crop in self.crops]
        upright = [_NOTHING if c.upright is None else c.upright for c in self.crops]
        TemplateBank(texts, names, [crop.rgb for crop in self.crops]).save(folder / "crops.npz")
        TemplateBank(texts, names, upright).save(folder / "upright.npz")
        counts = {"num_doubtful": self.num_doubtful, "num_left_aside": self.num_left_aside}
        write_private(folder / "crops.json", json.dumps(counts))

    @classmethod
    def load(cls, folder: Path) -> "PreparedCrops":
        """Read back what `save` wrote.

        Raises:
            DataError: the pictures are damaged.
        """
        shown = TemplateBank.load(folder / "crops.npz")
        upright = TemplateBank.load(folder / "upright.npz")
        counts = json.loads((folder / "crops.json").read_text(encoding="utf-8"))
        rows = zip(shown.layouts, shown.texts, shown.images, upright.images, strict=True)
        crops = [LabelledCrop(n, t, rgb, up if up.size else None) for n, t, rgb, up in rows]
        return cls(crops, **counts)


def prepared(folder: Path, make: Callable[[], PreparedCrops]) -> PreparedCrops:
    """What a run folder holds, or what `make` gives, which is then kept there."""
    if not (folder / "crops.json").is_file():
        make_private_folder(folder)
        make().save(folder)
    return PreparedCrops.load(folder)
