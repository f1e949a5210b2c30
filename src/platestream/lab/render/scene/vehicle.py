"""Who drives by: a shell, its paint, its plate and the way it goes."""

from dataclasses import dataclass, replace

import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import Colour
from platestream.lab.render.plate import render_plate
from platestream.lab.render.scene.lens import Points
from platestream.lab.render.scene.shell import Shell
from platestream.lab.render.strings import label, write

_LAYOUTS = {layout.name: layout for layout in LAYOUTS}
# Patterns that came later are left out: the demo's plates, which the tests know, stay the same.
_LAYOUTS["cn_blue"] = replace(_LAYOUTS["cn_blue"], patterns=_LAYOUTS["cn_blue"].patterns[:4])
_LONGEST_OF_TWO_ROWS = 2.4


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle and the way it goes.

    Attributes:
        shell: What it is and which end is seen.
        paint: Colour of the body.
        layout: Name of its plate's layout.
        plate_y_m: Height of the plate's centre.
        lane_x_m: Middle of its lane.
        speed_m_s: Along z; negative comes towards the camera.
        at_10_m_s: When its plate is 10 m away, seconds.
        words: Lettering on its doors, a line each.
    """

    shell: Shell
    paint: Colour
    layout: str
    plate_y_m: float
    lane_x_m: float
    speed_m_s: float
    at_10_m_s: float
    words: tuple[str, ...] = ()

    def position(self, time_s: float) -> Points:
        """Where the middle of its near end stands on the road at a time: ``(3,)``."""
        since = time_s - self.at_10_m_s
        sway = 0.06 * np.sin(0.9 * time_s + self.lane_x_m)
        return np.array([self.lane_x_m + sway, 0.0, 10.0 + self.speed_m_s * since])


@dataclass(frozen=True, slots=True, eq=False)
class NumberPlate:
    """The plate of one vehicle.

    Attributes:
        text: What a reader should read.
        rgb: ``(h, w, 3)`` uint8, in full light.
        size_m: Width and height.
    """

    text: str
    rgb: Rgb
    size_m: tuple[float, float]

    @classmethod
    def issue(cls, layout_name: str, rng: np.random.Generator, book: GlyphBook) -> "NumberPlate":
        """Make one up, without a frame around it.

        Raises:
            ConfigError: a font is not installed.
        """
        layout = replace(_LAYOUTS[layout_name], frame=0.0)
        pattern = layout.patterns[rng.integers(len(layout.patterns))]
        written = write(pattern, rng, layout.letters)
        size_m = layout.size_mm[0] / 1000, layout.size_mm[1] / 1000
        return cls(label(written), render_plate(layout, written, rng, book), size_m)

    @property
    def is_two_row(self) -> bool:
        """Whether its characters stand in two rows, told from its shape."""
        return self.size_m[0] <= _LONGEST_OF_TWO_ROWS * self.size_m[1]
