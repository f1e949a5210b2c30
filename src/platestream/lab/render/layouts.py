"""The kinds of plates we draw: those of the regions, of Tunisia, and plates of no country.

Sizes and patterns follow the public descriptions of each country's plates, loosely: a reader
should learn characters and rows, not the register of one country.
"""

from collections.abc import Sequence

from platestream.core.choices import unknown
from platestream.core.errors import ConfigError
from platestream.lab.render.america import AMERICA
from platestream.lab.render.asia import ASIA
from platestream.lab.render.europe import EUROPE
from platestream.lab.render.foreign import FOREIGN
from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    GREEN,
    NAVY,
    ON_WHITE,
    ON_YELLOW,
    RED,
    WHITE,
    YELLOW,
    Caption,
    PlateLayout,
    Slot,
)

_TUNISIA = PlateLayout(
    "tn",
    (520, 110),
    ("ddd t dddd", "dd t dddd", "ddd t ddd", "dddt dddd", "d t dddd", "ddt dddd"),
    (Slot((0.04, 0.16, 0.96, 0.86)),),
    ((BLACK, WHITE), (BLACK, WHITE), (NAVY, WHITE)),
    weight=5,
    family="any",
    border=0.7,
)
_TUNISIA_TWO_ROW = PlateLayout(
    "tn_two_row",
    (280, 180),
    # The serial number stands above the series, which is read first.
    ("ddd t|dddd", "dd t|dddd", "ddd t|ddd"),
    (Slot((0.1, 0.55, 0.9, 0.9)), Slot((0.15, 0.12, 0.85, 0.47))),
    ((BLACK, WHITE), (BLACK, WHITE), (NAVY, WHITE)),
    weight=3,
    family="any",
    border=0.7,
)

_ANY_COLOURS = (
    ON_WHITE, ON_WHITE, ON_YELLOW, (BLACK, WHITE), (RED, WHITE), (BLUE, WHITE),
    (GREEN, WHITE), (WHITE, RED), (WHITE, BLUE), (WHITE, GREEN), (BLACK, YELLOW),
)  # fmt: skip
_ANY = PlateLayout(
    "any", (480, 115), ("xxxx", "xxxxx", "xxxxxx", "xxx-xxx", "xxxxxxx", "xxx xxxx", "xxxxxxxx",
                        "xx xxxx xx", "xxxxxxxxx", "xxxx-xxxxx", "xxxxxxxxxx"),
    (Slot((0.06, 0.16, 0.94, 0.84)),), _ANY_COLOURS, weight=7, family="any",
)  # fmt: skip
_ANY_SHORT = PlateLayout(
    "any_short",
    (330, 150),
    ("xxxx", "xxxxx", "xxx xxx", "aaa ddd", "xxxxxxx", "aaa dddd"),
    (Slot((0.07, 0.24, 0.93, 0.82)),),
    _ANY_COLOURS,
    weight=4,
    family="any",
    captions=(Caption((0.2, 0.05, 0.8, 0.19), chance=0.6),),
)
_ANY_TWO_ROW = PlateLayout(
    "any_two_row",
    (300, 200),
    ("xxx|xxx", "xxx|xxxx", "xx xx|xxxx", "xxxx|xxxx", "xx|xxxx", "xx|xxx", "x|xxxx", "xxxx|xxxxx"),
    (Slot((0.1, 0.1, 0.9, 0.46)), Slot((0.06, 0.54, 0.94, 0.91))),
    _ANY_COLOURS,
    weight=14,
    family="any",
)

LAYOUTS: tuple[PlateLayout, ...] = (
    *(*AMERICA, *EUROPE, *ASIA, *FOREIGN, _TUNISIA, _TUNISIA_TWO_ROW),
    *(_ANY, _ANY_SHORT, _ANY_TWO_ROW),
)
"""Every layout; `bank` picks them by weight."""


def layouts_of(regions: Sequence[str]) -> tuple[PlateLayout, ...]:
    """The layouts whose names start with one of these, such as ``br`` or ``cn_blue``; all of none.

    Raises:
        ConfigError: no layout's name starts so.
    """
    for region in regions:
        if not any(layout.name.startswith(region) for layout in LAYOUTS):
            names = sorted({layout.name for layout in LAYOUTS})
            msg = f"{unknown('plate layout', region, names)}, or how they start"
            raise ConfigError(msg)
    return tuple(la for la in LAYOUTS if not regions or la.name.startswith(tuple(regions)))
