"""Plates in scripts that we do not read, and very long ones.

What bears a foreign script has no text: a network that has seen such plates says nothing, instead
of the Latin letters that come nearest.
"""

from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    GREEN,
    ON_WHITE,
    ON_YELLOW,
    RED,
    WHITE,
    YELLOW,
    Band,
    Caption,
    PlateLayout,
    Slot,
)

_COLOURS = (ON_WHITE, ON_WHITE, ON_WHITE, ON_YELLOW, (WHITE, GREEN), (WHITE, BLUE), (WHITE, RED))

_THAILAND = PlateLayout(
    "th",
    (340, 150),
    ("dee dddd|eeeeee", "ee dddd|eeeeee", "dee ddd|eeee", "ee ddd|eeeeeee", "dd-dddd|eeeeee"),
    (Slot((0.06, 0.12, 0.94, 0.62)), Slot((0.22, 0.7, 0.78, 0.92))),
    _COLOURS,
    weight=3,
    family="any",
    border=0.7,
)
_ARABIC = PlateLayout(
    "arabic",
    (440, 120),
    ("mmm f mm", "mm f mmm mm", "f f f mmmm", "mmmm f f", "mmmmm f", "mmm mmm", "mmmmmm"),
    (Slot((0.1, 0.14, 0.94, 0.86)),),
    _COLOURS,
    weight=2,
    family="any",
    border=0.7,
    bands=(Band((0, 0, 0.07, 1), ((20, 60, 150), GREEN), stars=False, chance=0.5),),
)
_JAPAN = PlateLayout(
    "jp",
    (330, 165),
    ("kk ddd|k dd-dd", "kkk dd|k dd-dd", "kk ddd|k d-dd", "kk ddd|k ddd"),
    (Slot((0.25, 0.08, 0.75, 0.34)), Slot((0.05, 0.4, 0.95, 0.92))),
    ((WHITE, GREEN), (WHITE, GREEN), (YELLOW, BLACK), (GREEN, WHITE)),
    weight=2,
    family="round",
    border=0.3,
)
_LONG = PlateLayout(
    # Temporary plates, as those of the Philippines.
    "long",
    (400, 120),
    (
        "ddddddddddd",
        "dddddddddddd",
        "dddd-ddddddd",
        "xxxxxxxxxxx",
        "aa dd aa ddddd",
        "dddd ddddddd",
    ),
    (Slot((0.04, 0.26, 0.96, 0.78)),),
    (ON_WHITE, ON_WHITE, ON_YELLOW, (WHITE, RED)),
    weight=8,
    family="any",
    captions=(Caption((0.2, 0.05, 0.8, 0.2), chance=0.6),),
)

FOREIGN = (_THAILAND, _ARABIC, _JAPAN, _LONG)
