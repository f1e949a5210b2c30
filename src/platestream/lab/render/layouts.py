"""The kinds of plates we draw, as a table: sizes, colours, patterns and parts by country.

Sizes and patterns follow the public descriptions of each country's plates, loosely: a reader
should learn characters and rows, not the register of one country.
"""

from platestream.core.alphabet import LATIN
from platestream.lab.render.parts import Band, Caption, Colour, PlateLayout, Slot

_WHITE: Colour = (232, 233, 230)
_BLACK: Colour = (24, 24, 28)
_SILVER: Colour = (176, 178, 176)
_YELLOW: Colour = (246, 196, 28)
_RED: Colour = (178, 28, 34)
_BLUE: Colour = (20, 52, 150)
_NAVY: Colour = (28, 38, 104)
_GREEN: Colour = (20, 104, 60)
_EU: Colour = (16, 52, 158)

_ON_WHITE = (_WHITE, _BLACK)
_ON_YELLOW = (_YELLOW, _BLACK)

_NO_IO = LATIN.replace("I", "").replace("O", "")
_NO_IOQ = _NO_IO.replace("Q", "")
_RUSSIAN = "ABEKMHOPCTYX"

_BRAZIL_OLD = PlateLayout(
    "br_old",
    (400, 130),
    ("aaa-dddd", "aaa·dddd", "aaa dddd"),
    (Slot((0.05, 0.33, 0.95, 0.89), cells=True),),
    ((_SILVER, _BLACK),) * 5 + ((_RED, _WHITE), _ON_WHITE, (_SILVER, (60, 60, 62))),
    weight=10,
    family="narrow",
    border=0.5,
    captions=(Caption((0.2, 0.06, 0.8, 0.25), chance=0.9),),
)
_BRAZIL_MERCOSUR = PlateLayout(
    "br_mercosur",
    (400, 130),
    ("aaadadd", "aaa dadd"),
    (Slot((0.07, 0.32, 0.96, 0.92)),),
    (_ON_WHITE,) * 4 + ((_WHITE, _RED), (_WHITE, _BLUE), (_WHITE, _GREEN)),
    weight=8,
    family="din",
    border=0.6,
    bands=(Band((0, 0, 1, 0.25), (_EU, (30, 70, 160)), stars=False),),
    captions=(
        Caption((0.35, 0.05, 0.65, 0.2), ("BRASIL",), (_WHITE,)),
        Caption((0.02, 0.66, 0.06, 0.86), ("BR",), chance=0.9),
    ),
)
_BRAZIL_MOTO = PlateLayout(
    "br_moto",
    (200, 170),
    ("aaa|dddd", "aaa|dadd"),
    (Slot((0.14, 0.22, 0.86, 0.53)), Slot((0.07, 0.59, 0.93, 0.94))),
    ((_SILVER, _BLACK), (_SILVER, _BLACK), _ON_WHITE, (_RED, _WHITE)),
    weight=4,
    family="narrow",
    bands=(Band((0, 0, 1, 0.17), (_EU,), stars=False, chance=0.4),),
    captions=(Caption((0.2, 0.04, 0.8, 0.16), inks=(_WHITE, _BLACK), chance=0.8),),
)

_CHINA_BLUE = PlateLayout(
    "cn_blue",
    (440, 140),
    ("pa·xxxxx", "pa·ddddd", "pa·xdddd", "pa·ddddx"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (((24, 58, 168), _WHITE), ((32, 72, 186), _WHITE), ((14, 40, 132), _WHITE)),
    weight=8,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_GREEN = PlateLayout(
    "cn_green",
    (480, 140),
    ("pa·{D|F|A|B}xdddd", "pa·dddddd", "pa·{D|F}xxddd"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (((82, 178, 120), _BLACK), ((110, 196, 140), _BLACK)),
    weight=2.5,
    letters=_NO_IO,
    family="narrow",
    paper="fade",
    border=0.7,
    frame=0.05,
)
_CHINA_YELLOW = PlateLayout(
    "cn_yellow",
    (440, 140),
    ("pa·xxxxx", "pa·ddddd", "pa·dddd学", "pa·xdddd"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    ((_YELLOW, _BLACK), ((228, 168, 24), _BLACK)),
    weight=2,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_YELLOW_TWO_ROW = PlateLayout(
    "cn_yellow_two_row",
    (440, 220),
    ("pa|xxxxx", "pa|dddd挂", "pa|ddddx", "pa|ddddd"),
    (
        Slot((0.22, 0.08, 0.78, 0.36), cells=True, bitmaps="220_up"),
        Slot((0.06, 0.42, 0.94, 0.92), cells=True, bitmaps="220_down"),
    ),
    ((_YELLOW, _BLACK), ((228, 168, 24), _BLACK)),
    weight=1.5,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_WHITE = PlateLayout(
    "cn_white",
    (440, 140),
    ("pa·dddd警", "pa·xddd警", "pa·dddd应", "pa·xddd急"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (_ON_WHITE,),
    weight=1.5,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_BLACK = PlateLayout(
    "cn_black",
    (440, 140),
    ("粤Z·dddd{港|澳}", "粤Z·xddd{港|澳}", "pa·dddd领", "ddddd使", "pa·xxxxx"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    ((_BLACK, _WHITE),),
    weight=1,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)


def _europe(
    country: str,
    patterns: tuple[str, ...],
    colours: tuple[tuple[Colour, Colour], ...] = (_ON_WHITE,),
    *,
    weight: float = 1.0,
    letters: str = LATIN,
    family: str = "din",
    band: float = 0.85,
) -> PlateLayout:
    """A long European plate with the blue band on its left, or its place left white."""
    return PlateLayout(
        country.lower(),
        (520, 112),
        patterns,
        (Slot((0.105, 0.15, 0.965, 0.85)),),
        colours,
        weight=weight,
        letters=letters,
        family=family,
        border=0.55,
        frame=0.4,
        bands=(Band((0, 0, 0.085, 1), (_EU, (24, 66, 150), _NAVY), (country,), chance=band),),
    )


_EUROPE = (
    _europe(
        "GB",
        ("aadd aaa", "aadd aaa", "a{1|2|3}dd aaa", "aaa ddd", "an aaa"),
        (_ON_WHITE, _ON_YELLOW),
        weight=6,
        family="bold",
        band=0.35,
    ),
    _europe("D", ("aoaa dddd", "aa oaa ddd", "aaao a ddd", "aao aa dd", "aoa nddd"), weight=2.5),
    _europe("I", ("aa ddd aa", "aa o ddd aa"), weight=2.5, letters=_NO_IOQ),
    _europe("F", ("aa-ddd-aa", "ddd aaa dd", "dddd aa dd"), (_ON_WHITE, _ON_YELLOW), weight=2.5),
    _europe(
        "NL",
        ("dd-aaa-d", "aa-ddd-a", "a-ddd-aa", "dd-aa-aa", "aa-aa-dd", "d-aaa-dd"),
        (_ON_YELLOW,),
        weight=3,
    ),
    _europe("E", ("dddd aaa", "a dddd aa", "aa dddd a"), weight=2, letters=_NO_IOQ),
    _europe("PL", ("aa ddddd", "aaa dddd", "aa dddda", "aaa ddda"), weight=2),
    _europe("SRB", ("aa ddd-aa", "aao ddd aa", "aa dddd-aa"), weight=2),
    _europe("CZ", ("dad dddd", "daa dddd", "do dddd", "aaa dd-dd"), weight=1.5),
    _europe("SK", ("aao-dddaa", "aao ddd aa", "aa-dddaa"), weight=2),
    _europe("HR", ("aao dddd-a", "aao ddd-aa"), weight=1.5),
    _europe("A", ("ao dddd aa", "aao ddd aa", "ao ddddd a"), weight=1.5),
    _europe("RO", ("aa dd aaa", "a ddd aaa", "aa ddd aaa"), weight=1.5),
    _europe("BG", ("aa dddd aa", "a dddd aa"), weight=1, letters="ABEKMHOPCTYX"),
    _europe("H", ("aaa-ddd", "aa aa-ddd"), weight=1.5),
    _europe("S", ("aaa ddd", "aaao ddd", "aaa dda"), weight=1.5),
    _europe("N", ("aa ddddd", "aa dddd"), weight=1.5),
    _europe("DK", ("aa dd ddd", "aa ddddd"), weight=1),
    _europe("FIN", ("aaa-ddd", "aa-ddd"), weight=1),
    _europe("EST", ("ddd aaa",), weight=0.7),
    _europe("LV", ("aa-dddd", "aa-ddd"), weight=0.7),
    _europe("LT", ("aaa·ddd", "aaa ddd"), weight=0.7),
    _europe("UA", ("aa dddd aa",), weight=2, letters="ABCEHIKMOPTX"),
    _europe("P", ("dd-aa-dd", "aa-dd-aa", "dd-dd-aa", "aa-dd-dd"), weight=1.5),
    _europe("B", ("d-aaa-ddd", "aaa-ddd", "ddd-aaa"), ((_WHITE, (150, 30, 36)),), weight=1.5),
    _europe("CH", ("aao dddddd", "aa·ddddd"), weight=1, band=0.2),
    _europe("GR", ("aaa-dddd",), weight=1, letters="ABEZHIKMNOPTYX"),
    _europe("IRL", ("dd-a-ddddd", "ddd-a-dddd", "ddd-aa-ddd"), weight=1),
    _europe("TR", ("dd aa ddd", "dd aaa dd", "dd a dddd", "dd aa dddd"), weight=2),
    _europe("BIH", ("add-a-ddd",), weight=0.7, letters="AEJKMOT"),
    _europe("SLO", ("aao aa-ddd", "aao dd-daa"), weight=1),
    _europe("BY", ("dddd aa-d",), weight=0.7, letters="ABEIKMHOPCTX"),
)
_EUROPE_TWO_ROW = PlateLayout(
    "eu_two_row",
    (280, 200),
    ("aao|dddd", "aa|ddd", "aadd|aaa", "aa ddd|aa", "aaa|ddd", "aa|dddd a"),
    (Slot((0.16, 0.08, 0.94, 0.46)), Slot((0.06, 0.53, 0.94, 0.92))),
    (_ON_WHITE, _ON_WHITE, _ON_YELLOW),
    weight=3,
    bands=(Band((0, 0, 0.13, 0.5), (_EU,), ("D", "I", "GB", "F", "E", "PL"), chance=0.6),),
)

_US_COLOURS = (
    (_WHITE, _NAVY),
    (_WHITE, _NAVY),
    (_WHITE, (120, 24, 40)),
    (_WHITE, _BLACK),
    (_WHITE, _GREEN),
    ((248, 212, 112), _BLACK),
    (_NAVY, (240, 206, 90)),
    ((196, 214, 236), _NAVY),
    (_BLUE, _WHITE),
    ((212, 226, 206), (24, 84, 60)),
    (_BLACK, (240, 206, 90)),
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
    Caption((0.25, 0.05, 0.75, 0.2), _US_STATES, (_NAVY, _RED, _GREEN, _BLACK), 0.95),
    Caption((0.2, 0.84, 0.8, 0.95), _US_SLOGANS, (_NAVY, _RED, _GREEN, _BLACK), 0.8),
    Caption((0.03, 0.06, 0.15, 0.2), ("MAR", "05", "99", "DEC"), (_WHITE, _RED), 0.4),
    Caption((0.85, 0.06, 0.97, 0.2), ("04", "11", "JUL", "18"), (_WHITE, _RED), 0.4),
)
_US = PlateLayout(
    "us", (305, 152),
    ("aaa dddd", "aaaodddd", "aaa ddd", "ddd aaa", "daaaddd", "ddd-daa", "dddd aa", "a dd-dda",
     "aaoddda", "xxxxxxx", "xxxxxx", "aaaaaaa", "aaaaaa", "aaaaa", "aaa-ddd", "dd-aaaa", "daa-ddd",
     "dddoaaa", "ddd·daa", "xxxxx", "aadd-ddd"),
    (Slot((0.05, 0.26, 0.95, 0.78)),), _US_COLOURS,
    weight=14, family="narrow", paper="scene", captions=_US_CAPTIONS, border=0.25, frame=0.6,
)  # fmt: skip
_US_STACKED = PlateLayout(
    "us_stacked",
    (305, 152),
    ("aa|ddda", "aa|dddd", "da|ddd aa", "ad|xxxxx", "aa|ddoaa"),
    (Slot((0.06, 0.27, 0.15, 0.77), stacked=True), Slot((0.19, 0.26, 0.95, 0.78))),
    _US_COLOURS,
    weight=2.5,
    family="narrow",
    paper="scene",
    captions=_US_CAPTIONS,
    border=0.25,
    frame=0.6,
)
_US_STACKED_RIGHT = PlateLayout(
    "us_stacked_right",
    (305, 152),
    ("dddd|aa", "ddd aa|aa", "xxxxx|ad"),
    (Slot((0.05, 0.26, 0.81, 0.78)), Slot((0.85, 0.27, 0.94, 0.77), stacked=True)),
    _US_COLOURS,
    weight=1,
    family="narrow",
    paper="scene",
    captions=_US_CAPTIONS,
    border=0.25,
    frame=0.6,
)

_RUSSIA = PlateLayout(
    "ru",
    (520, 112),
    ("addd aa|dd", "addd aa|{1|7|9}dd", "addd aa|dd"),
    (
        Slot((0.04, 0.15, 0.73, 0.87), letter_scale=0.78),
        Slot((0.79, 0.12, 0.955, 0.62)),
    ),
    (_ON_WHITE,),
    weight=6,
    letters=_RUSSIAN,
    border=0.95,
    frame=0.5,
    bands=(Band((0.755, 0.04, 0.763, 0.96), (_BLACK,), stars=False),),
    captions=(
        Caption((0.78, 0.69, 0.89, 0.87), ("RUS",), (_BLACK,)),
        Caption((0.9, 0.71, 0.96, 0.85), ("III", "="), (_BLUE, _RED), 0.8),
    ),
)
_UZBEK = PlateLayout(
    "uz",
    (520, 112),
    ("dd|a ddd aa", "dd|ddd aaa", "{01|10|30|40|50|60|70|75|80|85|90|95}|a ddd aa"),
    (Slot((0.03, 0.2, 0.15, 0.8)), Slot((0.2, 0.15, 0.88, 0.87))),
    (_ON_WHITE,),
    weight=5,
    border=0.9,
    frame=0.5,
    bands=(
        Band((0.168, 0.04, 0.175, 0.96), (_BLACK,), stars=False),
        Band((0.905, 0.28, 0.965, 0.48), ((64, 150, 190), (70, 150, 110)), chance=0.9),
    ),
    captions=(Caption((0.905, 0.56, 0.965, 0.76), ("UZ",), ((50, 130, 180), _GREEN)),),
)
_UZBEK_TWO_ROW = PlateLayout(
    "uz_two_row",
    (260, 220),
    ("dd a|ddd aa", "dd|ddd aaa"),
    (Slot((0.1, 0.1, 0.7, 0.46)), Slot((0.06, 0.54, 0.94, 0.92))),
    (_ON_WHITE,),
    weight=1.5,
    border=0.9,
    bands=(Band((0.78, 0.12, 0.92, 0.27), ((64, 150, 190),), chance=0.8),),
    captions=(Caption((0.78, 0.32, 0.92, 0.46), ("UZ",), ((50, 130, 180),)),),
)

_INDIA_STATES = "{KA|MH|DL|TN|KL|UP|HR|GJ|AP|TS|WB|RJ|MP|PB|CH|OD|BR|aa}"
_INDIA_COLOURS = (_ON_WHITE, _ON_WHITE, _ON_WHITE, _ON_YELLOW, (_BLACK, _YELLOW), (_GREEN, _WHITE))
_INDIA_BAND = Band((0, 0, 0.06, 1), (_WHITE,), ("IND",), stars=False, chance=0.5, ink=_EU)
_INDIA = PlateLayout(
    "in", (500, 120),
    tuple(
        _INDIA_STATES + rest
        for rest in (" dd a dddd", " dd aa dddd", "ddadddd", "ddaadddd", "-dd-a-dddd",
                     "·dd·aa·dddd", " dd dddd", "dadddd", "daadddd", " d aaa dddd",
                     ".dd.a..dddd", "-dd aa-dddd")
    ),
    (Slot((0.08, 0.2, 0.96, 0.8)),), _INDIA_COLOURS,
    weight=7, family="any", bands=(_INDIA_BAND,), border=0.5, frame=0.2,
)  # fmt: skip
_INDIA_TWO_ROW = PlateLayout(
    "in_two_row", (280, 170),
    (_INDIA_STATES + " dd|aa dddd", _INDIA_STATES + "dd a|dddd", _INDIA_STATES + "-dd|aa-dddd",
     _INDIA_STATES + "dd aa|dddd"),
    (Slot((0.12, 0.1, 0.9, 0.46)), Slot((0.08, 0.54, 0.94, 0.9))), _INDIA_COLOURS,
    weight=3.5, family="any", bands=(_INDIA_BAND,), border=0.5, frame=0.2,
)  # fmt: skip

_KOREA_COLOURS = (_ON_WHITE, _ON_WHITE, ((226, 232, 228), _BLACK), (_GREEN, _WHITE), _ON_YELLOW)
_KOREA = PlateLayout(
    "kr",
    (520, 110),
    ("ddh dddd", "ddhdddd", "dddh dddd", "ddd h dddd"),
    (Slot((0.06, 0.15, 0.94, 0.85)),),
    _KOREA_COLOURS,
    weight=6,
    family="round",
    frame=0.4,
    bands=(Band((0, 0, 0.06, 1), (_EU, (70, 130, 190)), ("KOR",), chance=0.15),),
)
_KOREA_TWO_ROW = PlateLayout(
    "kr_two_row",
    (335, 170),
    ("ddh|dddd", "hhddh|dddd", "hhdh|dddd"),
    (Slot((0.25, 0.1, 0.75, 0.37)), Slot((0.07, 0.44, 0.93, 0.92))),
    ((_GREEN, _WHITE), (_GREEN, _WHITE), _ON_YELLOW, _ON_WHITE),
    weight=2,
    family="round",
)
_TUNISIA = PlateLayout(
    "tn",
    (520, 110),
    ("ddd t dddd", "dd t dddd", "ddd t ddd", "dddt dddd", "d t dddd", "ddt dddd"),
    (Slot((0.04, 0.16, 0.96, 0.86)),),
    ((_BLACK, _WHITE), (_BLACK, _WHITE), (_NAVY, _WHITE)),
    weight=5,
    family="any",
    border=0.7,
)
_ARGENTINA_OLD = PlateLayout(
    "ar_old",
    (294, 129),
    ("aaa ddd", "aaaoddd", "aaa·ddd"),
    (Slot((0.07, 0.3, 0.93, 0.88)),),
    ((_BLACK, _WHITE),),
    weight=4,
    family="narrow",
    border=1.0,
    captions=(Caption((0.25, 0.06, 0.75, 0.22), ("ARGENTINA", "REPUBLICA ARGENTINA"), (_WHITE,)),),
)
_ARGENTINA_MERCOSUR = PlateLayout(
    "ar_mercosur",
    (400, 130),
    ("aa ddd aa",),
    (Slot((0.06, 0.31, 0.95, 0.92)),),
    (_ON_WHITE,),
    weight=3.5,
    border=0.6,
    bands=(Band((0, 0, 1, 0.24), (_EU,), stars=False),),
    captions=(Caption((0.28, 0.04, 0.72, 0.2), ("REPUBLICA ARGENTINA",), (_WHITE,)),),
)
_VIETNAM = PlateLayout(
    "vn",
    (520, 110),
    ("dda-ddd.dd", "dda-dddd", "ddaa-ddd.dd", "dda ddd.dd"),
    (Slot((0.04, 0.16, 0.96, 0.84)),),
    (_ON_WHITE, _ON_WHITE, _ON_YELLOW, (_BLUE, _WHITE)),
    weight=3,
    family="narrow",
    border=0.95,
)
_VIETNAM_TWO_ROW = PlateLayout(
    "vn_two_row",
    (280, 200),
    ("dda|ddd.dd", "dd-a|ddd.dd", "dd-ad|ddd.dd", "dda|dddd", "dd-xd|dddd"),
    (Slot((0.16, 0.1, 0.84, 0.46)), Slot((0.05, 0.54, 0.95, 0.91))),
    (_ON_WHITE, _ON_WHITE, _ON_YELLOW, (_BLUE, _WHITE)),
    weight=4,
    family="narrow",
    border=0.95,
)

_ANY_COLOURS = (
    _ON_WHITE, _ON_WHITE, _ON_YELLOW, (_BLACK, _WHITE), (_RED, _WHITE), (_BLUE, _WHITE),
    (_GREEN, _WHITE), (_WHITE, _RED), (_WHITE, _BLUE), (_WHITE, _GREEN), (_BLACK, _YELLOW),
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
    ("xxx|xxx", "xxx|xxxx", "xx xx|xxxx", "xxxx|xxxx", "xx|xxxx"),
    (Slot((0.1, 0.1, 0.9, 0.46)), Slot((0.06, 0.54, 0.94, 0.91))),
    _ANY_COLOURS,
    weight=3,
    family="any",
)

LAYOUTS: tuple[PlateLayout, ...] = (
    _BRAZIL_OLD, _BRAZIL_MERCOSUR, _BRAZIL_MOTO,
    _CHINA_BLUE, _CHINA_GREEN, _CHINA_YELLOW, _CHINA_YELLOW_TWO_ROW, _CHINA_WHITE, _CHINA_BLACK,
    *_EUROPE, _EUROPE_TWO_ROW, _US, _US_STACKED, _US_STACKED_RIGHT, _RUSSIA, _UZBEK,
    _UZBEK_TWO_ROW, _INDIA, _INDIA_TWO_ROW, _KOREA, _KOREA_TWO_ROW, _TUNISIA, _ARGENTINA_OLD,
    _ARGENTINA_MERCOSUR, _VIETNAM, _VIETNAM_TWO_ROW, _ANY, _ANY_SHORT, _ANY_TWO_ROW,
)  # fmt: skip
"""Every layout; `bank` picks them by weight."""
