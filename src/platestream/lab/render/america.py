"""The plates of Brazil, Argentina and the United States."""

from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    EU_BLUE,
    GREEN,
    NAVY,
    ON_WHITE,
    RED,
    SILVER,
    WHITE,
    Band,
    Caption,
    Emblem,
    PlateLayout,
    Slot,
)

_BRAZIL_OLD = PlateLayout(
    "br_old",
    (400, 130),
    ("aaa-dddd", "aaa·dddd", "aaa dddd"),
    (Slot((0.05, 0.33, 0.95, 0.89), cells=True),),
    ((SILVER, BLACK),) * 5 + ((RED, WHITE), ON_WHITE, (SILVER, (60, 60, 62))),
    weight=10,
    family="square",
    border=0.5,
    captions=(Caption((0.2, 0.06, 0.8, 0.25), chance=0.9),),
)
_BRAZIL_MERCOSUR = PlateLayout(
    "br_mercosur",
    (400, 130),
    ("aaadadd", "aaa dadd"),
    (Slot((0.07, 0.32, 0.96, 0.92)),),
    (ON_WHITE,) * 4 + ((WHITE, RED), (WHITE, BLUE), (WHITE, GREEN)),
    weight=8,
    family="din",
    border=0.6,
    bands=(Band((0, 0, 1, 0.25), (EU_BLUE, (30, 70, 160)), stars=False),),
    captions=(
        Caption((0.35, 0.05, 0.65, 0.2), ("BRASIL",), (WHITE,)),
        Caption((0.02, 0.66, 0.06, 0.86), ("BR",), chance=0.9),
    ),
)
_BRAZIL_MOTO = PlateLayout(
    "br_moto",
    (200, 170),
    ("aaa|dddd", "aaa|dadd"),
    (Slot((0.14, 0.22, 0.86, 0.53)), Slot((0.07, 0.59, 0.93, 0.94))),
    ((SILVER, BLACK), (SILVER, BLACK), ON_WHITE, (RED, WHITE)),
    weight=8,
    family="narrow",
    bands=(Band((0, 0, 1, 0.17), (EU_BLUE,), stars=False, chance=0.4),),
    captions=(Caption((0.2, 0.04, 0.8, 0.16), inks=(WHITE, BLACK), chance=0.8),),
)

_ARGENTINA_OLD = PlateLayout(
    "ar_old",
    (294, 129),
    ("aaa ddd", "aaaoddd", "aaa·ddd"),
    (Slot((0.07, 0.3, 0.93, 0.88)),),
    ((BLACK, WHITE),),
    weight=4,
    family="narrow",
    border=1.0,
    captions=(Caption((0.25, 0.06, 0.75, 0.22), ("ARGENTINA", "REPUBLICA ARGENTINA"), (WHITE,)),),
)
_ARGENTINA_MERCOSUR = PlateLayout(
    "ar_mercosur",
    (400, 130),
    ("aa ddd aa",),
    (Slot((0.06, 0.31, 0.95, 0.92)),),
    (ON_WHITE,),
    weight=3.5,
    border=0.6,
    bands=(Band((0, 0, 1, 0.24), (EU_BLUE,), stars=False),),
    captions=(Caption((0.28, 0.04, 0.72, 0.2), ("REPUBLICA ARGENTINA",), (WHITE,)),),
)

_US_COLOURS = (
    (WHITE, NAVY),
    (WHITE, NAVY),
    (WHITE, (120, 24, 40)),
    (WHITE, BLACK),
    (WHITE, GREEN),
    ((248, 212, 112), BLACK),
    (NAVY, (240, 206, 90)),
    ((196, 214, 236), NAVY),
    (BLUE, WHITE),
    ((212, 226, 206), (24, 84, 60)),
    (BLACK, (240, 206, 90)),
    ((236, 224, 200), (96, 40, 30)),
)
_US_STATES = (
    "California", "New York", "TEXAS", "Florida", "Illinois", "OHIO", "Georgia", "Washington",
    "ARIZONA", "Colorado", "VIRGINIA", "New Jersey", "MICHIGAN", "Nevada", "Oregon", "UTAH",
    "Massachusetts", "Pennsylvania", "Tennessee", "Louisiana", "ALASKA", "Hawaii", "MAINE",
)  # fmt: skip
_US_SLOGANS = (
    "Garden State", "THE EMPIRE STATE", "Sunshine State", "LIVE FREE OR DIE", "GRAND CANYON STATE",
    "Land of Lincoln", "First in Flight", "10,000 lakes", "SHOW-ME STATE", "The Aloha State",
    "dmv.ca.gov", "EVERGREEN STATE", "America's Dairyland", "Sportsman's Paradise",
)  # fmt: skip
_US_CAPTIONS = (
    Caption((0.25, 0.05, 0.75, 0.2), _US_STATES, (NAVY, RED, GREEN, BLACK), 0.95),
    Caption((0.2, 0.84, 0.8, 0.95), _US_SLOGANS, (NAVY, RED, GREEN, BLACK), 0.8),
    Caption((0.03, 0.06, 0.15, 0.2), ("MAR", "05", "99", "DEC"), (WHITE, RED), 0.4),
    Caption((0.85, 0.06, 0.97, 0.2), ("04", "11", "JUL", "18"), (WHITE, RED), 0.4),
)


def _us(
    name: str,
    patterns: tuple[str, ...],
    slots: tuple[Slot, ...],
    *,
    weight: float,
    emblem: Emblem | None = None,
) -> PlateLayout:
    """A US plate: a state's picture behind the characters, its name above, a slogan below."""
    return PlateLayout(
        name,
        (305, 152),
        patterns,
        slots,
        _US_COLOURS,
        weight=weight,
        family="narrow",
        paper="scene",
        emblems=() if emblem is None else (emblem,),
        captions=_US_CAPTIONS,
        border=0.25,
        frame=0.6,
    )


_US = (
    _us(
        "us",
        ("aaa dddd", "aaaodddd", "aaa ddd", "ddd aaa", "daaaddd", "daaaddd", "daaaddd",
         "ddd-daa", "dddd aa", "a dd-dda", "aaoddda", "xxxxxxx", "xxxxxx",
         "aaaaaaa", "aaaaaa", "aaaaa", "aaa-ddd", "dd-aaaa",
         "daa-ddd", "dddoaaa", "ddd·daa", "xxxxx", "aadd-ddd", "aaaodddd",
         "aaaoddd", "aao dddd", "aaaa aaa",
         "aaa aaaa", "aa aaaaa", "dddd", "aaaa", "aa dddd", "da aaaa", "add dddd", "ddd dddd"),
        (Slot((0.05, 0.26, 0.95, 0.78)),),
        weight=14,
        emblem=Emblem((0.42, 0.24, 0.58, 0.8), chance=0.1),
    ),
    _us(
        # Chosen by their owners: letters that are hard to tell apart, close together.
        "us_vanity",
        ("{aaaaaaa|aaaaaa|aaaaa}", "aaaaaaa", "aaaaaa", "a{M|W|H|N|V}a{M|W|H|N}aaa",
         "{M|W|H|N|V}a{W|M|H}aaa", "aaa{M|W|H|N}aa", "aaaa{M|W|H|N}", "{M|W|H|N|V|U}aaa ddd",
         "a{M|W|N|V}a dddd", "aaaa{M|W|H|N|U}aa", "aaa {M|W|H|N}aaa", "aaaaadd", "daaaaaa",
         "aaa·aaa", "IaaaaaI", "aaIaaa"),
        (Slot((0.05, 0.26, 0.95, 0.78)),),
        weight=9,
        emblem=Emblem((0.42, 0.24, 0.58, 0.8), chance=0.05),
    ),
    _us(
        "us_picture_left",
        ("aaa ddd", "xxxxx", "dddd aa", "aaaaa", "ddddd", "xxxx", "ddd aa", "aaaa"),
        (Slot((0.2, 0.26, 0.96, 0.78)),),
        weight=2.5,
        emblem=Emblem((0.02, 0.24, 0.18, 0.78), chance=0.9),
    ),
    _us(
        "us_picture_after_one",
        ("d|ddda", "d|dddaa", "dd|ddda", "d|xxxx", "dd|ddaa", "d|ddddd", "a|ddda", "aa|ddd",
         "aa|dddd"),
        (Slot((0.05, 0.26, 0.21, 0.78)), Slot((0.43, 0.26, 0.96, 0.78))),
        weight=1.5,
        emblem=Emblem((0.22, 0.2, 0.42, 0.82), chance=0.9),
    ),
    _us(
        "us_picture_middle",
        ("ddd|aaa", "aaa|ddd", "ddd|ddd", "aa|ddd", "aaa|dddd", "ddd|aa", "aa|aaa", "xxx|xxx"),
        (Slot((0.04, 0.26, 0.4, 0.78)), Slot((0.6, 0.26, 0.96, 0.78))),
        weight=2.5,
        emblem=Emblem((0.4, 0.18, 0.6, 0.84), chance=0.9),
    ),
    _us(
        "us_stacked",
        ("(aa)|ddda", "(aa)|dddd", "(aa)|ddddd", "(aaa)|xxxxx", "(aa)|aaaa", "(da)|xxxx"),
        (Slot((0.06, 0.27, 0.15, 0.77), stacked=True), Slot((0.19, 0.26, 0.95, 0.78))),
        weight=4,
    ),
    _us(
        "us_stacked_right",
        ("dddd|(aa)", "ddddd|(aa)", "xxxxx|(aa)", "xxxx|(aaa)"),
        (Slot((0.05, 0.26, 0.81, 0.78)), Slot((0.85, 0.27, 0.94, 0.77), stacked=True)),
        weight=2,
    ),
    _us(
        "us_picture_left_stacked",
        ("dddd|(aa)", "xxxxx|(aa)", "xxxx|(aa)", "ddddd|(aa)"),
        (Slot((0.27, 0.26, 0.84, 0.78)), Slot((0.87, 0.27, 0.95, 0.77), stacked=True)),
        weight=2.5,
        emblem=Emblem((0.05, 0.26, 0.25, 0.8), chance=1.0),
    ),
    _us(
        "us_picture_then_stacked",
        ("(aa)|dddd", "(aa)|ddaa", "(aa)|aaaa", "(aa)|xxxx", "(aaa)|ddddd", "(aa)|ddddd"),
        (Slot((0.25, 0.27, 0.34, 0.77), stacked=True), Slot((0.36, 0.26, 0.96, 0.78))),
        weight=2.5,
        emblem=Emblem((0.03, 0.24, 0.24, 0.84), chance=0.95),
    ),
)  # fmt: skip

AMERICA = (
    *(_BRAZIL_OLD, _BRAZIL_MERCOSUR, _BRAZIL_MOTO, _ARGENTINA_OLD, _ARGENTINA_MERCOSUR),
    *_US,
)
