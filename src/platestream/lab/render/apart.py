"""Plates whose characters lie far apart: three rows, rows of two sizes, ribbons between rows.

What they say follows no register. They are for the detector, which must see as one plate what
could be several: the layouts of `layouts` show it none of these.
"""

from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    GREEN,
    NAVY,
    ON_WHITE,
    ON_YELLOW,
    RED,
    SILVER,
    WHITE,
    YELLOW,
    Band,
    Caption,
    Emblem,
    PlateLayout,
    Slot,
)

_COLOURS = (
    ON_WHITE, ON_WHITE, ON_WHITE, ON_YELLOW, (BLACK, YELLOW), (BLACK, WHITE), (WHITE, RED),
    (GREEN, WHITE), (WHITE, NAVY),
)  # fmt: skip
_RIBBON_COLOURS = (BLACK, RED, BLUE, GREEN, SILVER, YELLOW, (90, 70, 50))
_SIDE_BAND = Band((0, 0, 0.09, 1), ((16, 52, 158),), ("HR", "I", "A", "IND"), chance=0.35)


def _ribbon(top: float, bottom: float, chance: float = 0.7) -> Band:
    """A coloured strip across the plate."""
    return Band((0.0, top, 1.0, bottom), _RIBBON_COLOURS, stars=False, chance=chance)


_THREE_ROWS = PlateLayout(
    "three_rows",
    (180, 190),
    ("aa|ddd|aa", "aa|dd|aa", "aa|ddd|a", "aa|dd|dddd", "aadd|aa|dddd", "a|ddd|aa", "dd|aa|ddd"),
    (Slot((0.2, 0.06, 0.8, 0.32)), Slot((0.14, 0.38, 0.86, 0.64)), Slot((0.2, 0.7, 0.8, 0.95))),
    _COLOURS,
    weight=5,
    family="any",
    border=0.8,
    bands=(_SIDE_BAND,),
    emblems=(Emblem((0.72, 0.06, 0.92, 0.3), is_crest=True, chance=0.3),),
)
_SMALL_ABOVE = PlateLayout(
    "small_above",
    (280, 190),
    ("aadd|dddd", "aa dd|adddd", "aa-dd|aa dddd", "aadd|a dddd", "aa|dddd", "aaddaa|dddd"),
    (Slot((0.14, 0.06, 0.86, 0.28)), Slot((0.05, 0.38, 0.95, 0.94))),
    _COLOURS,
    weight=4,
    family="any",
    border=0.6,
    captions=(Caption((0.25, 0.28, 0.75, 0.36), chance=0.2),),
)
_LARGE_ABOVE = PlateLayout(
    "large_above",
    (300, 180),
    ("aadd|aadddd", "aa dd|a dddd", "add|dddd", "aaddaa|dddd", "aadd a|dddd"),
    (Slot((0.05, 0.06, 0.95, 0.52)), Slot((0.2, 0.64, 0.8, 0.92))),
    _COLOURS,
    weight=4,
    family="any",
    border=0.6,
)
_ROWS_APART = PlateLayout(
    "rows_apart",
    (280, 200),
    ("aadd|aadddd", "aa dd|dddd", "a a d d|d d d d", "aadd|dddd", "aa-dd|aa-dddd", "aadda|dddd"),
    (Slot((0.1, 0.06, 0.9, 0.34)), Slot((0.06, 0.62, 0.94, 0.92))),
    _COLOURS,
    weight=6,
    family="any",
    border=0.7,
    bands=(_ribbon(0.42, 0.54), _ribbon(0.0, 0.03, 0.3), _ribbon(0.97, 1.0, 0.3)),
    captions=(Caption((0.1, 0.41, 0.9, 0.55), inks=(WHITE, BLACK, RED, YELLOW), chance=0.6),),
)
_BESIDE_PICTURE = PlateLayout(
    "beside_picture",
    (330, 150),
    ("aadda|dddd", "aadd|aadddd", "aadd|dddd", "aa|dddd", "aa-dd|a-dddd"),
    (Slot((0.36, 0.14, 0.8, 0.4)), Slot((0.34, 0.54, 0.88, 0.88))),
    _COLOURS,
    weight=3,
    family="any",
    border=0.7,
    bands=(
        Band((0.0, 0.0, 0.27, 1.0), (RED, GREEN, BLUE, BLACK), stars=False),
        Band((0.34, 0.44, 0.84, 0.48), (RED, BLACK), stars=False, chance=0.5),
    ),
    emblems=(Emblem((0.03, 0.2, 0.24, 0.8)),),
    captions=(Caption((0.02, 0.78, 0.26, 0.96), inks=(WHITE, YELLOW), chance=0.6),),
)
_LETTERS_APART = PlateLayout(
    "letters_apart",
    (500, 130),
    ("aa   dd   a   dddd", "a a  d d  a  d d d d", "aa    dddd", "a a   d d d d", "aa  -  dddd"),
    (Slot((0.04, 0.2, 0.96, 0.82)),),
    _COLOURS,
    weight=4,
    family="any",
    border=0.7,
    emblems=(Emblem((0.42, 0.25, 0.54, 0.75), chance=0.25),),
    bands=(_ribbon(0.0, 0.1, 0.3), _ribbon(0.9, 1.0, 0.3)),
)
_TWO_ROWS_SCATTERED = PlateLayout(
    "two_rows_scattered",
    (290, 210),
    ("a a  d d|a  d d d d", "aa  dd|d  d  d  d", "aa   dd|a  dddd", "a  a|d  d  d  d"),
    (Slot((0.06, 0.1, 0.94, 0.38)), Slot((0.06, 0.6, 0.94, 0.9))),
    _COLOURS,
    weight=4,
    family="any",
    border=0.7,
    bands=(_ribbon(0.44, 0.52, 0.5), _ribbon(0.0, 0.05, 0.4), _ribbon(0.95, 1.0, 0.4)),
    emblems=(Emblem((0.42, 0.42, 0.58, 0.56), chance=0.3),),
)

APART: tuple[PlateLayout, ...] = (
    *(_THREE_ROWS, _SMALL_ABOVE, _LARGE_ABOVE, _ROWS_APART, _LETTERS_APART),
    *(_BESIDE_PICTURE, _TWO_ROWS_SCATTERED),
)
"""The layouts that are the detector's alone."""
