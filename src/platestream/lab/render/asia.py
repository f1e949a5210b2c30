"""The plates of China, India, Korea, Vietnam and Uzbekistan."""

from platestream.core.alphabet import LATIN
from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    EU_BLUE,
    GREEN,
    ON_WHITE,
    ON_YELLOW,
    WHITE,
    YELLOW,
    Band,
    Caption,
    PlateLayout,
    Slot,
)

_NO_IO = LATIN.replace("I", "").replace("O", "")

_CHINA_BLUE = PlateLayout(
    "cn_blue",
    (440, 140),
    ("pa·xxxxx", "pa·ddddd", "pa·xdddd", "pa·ddddx", "pa·xxxxx", "pa·ddxdd", "{粤|p}O·xxxxx"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (((24, 58, 168), WHITE), ((32, 72, 186), WHITE), ((14, 40, 132), WHITE)),
    weight=22,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_GREEN = PlateLayout(
    "cn_green",
    (480, 140),
    ("pa·{D|F|A|B}xdddd", "pa·ddddd{D|F}", "pa·{D|F}xxddd", "pa·{D|F}ddddd"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (((82, 178, 120), BLACK), ((110, 196, 140), BLACK)),
    weight=6,
    letters=_NO_IO,
    family="narrow",
    paper="fade",
    border=0.7,
    frame=0.05,
)
_CHINA_YELLOW = PlateLayout(
    "cn_yellow",
    (440, 140),
    ("pa·xxxxx", "pa·ddddd", "pa·dddd学", "pa·xddd学", "pa·dddd挂", "pa·ddddx", "pa·ddxdd"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    ((YELLOW, BLACK), ((228, 168, 24), BLACK)),
    weight=5,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_YELLOW_TWO_ROW = PlateLayout(
    "cn_yellow_two_row",
    (440, 220),
    ("pa|xxxxx", "pa|dddd挂", "pa|ddddx", "pa|ddddd", "pa|xdddd", "pa|xddd挂", "pa|dddd学"),
    (
        Slot((0.22, 0.08, 0.78, 0.36), cells=True, bitmaps="220_up"),
        Slot((0.06, 0.42, 0.94, 0.92), cells=True, bitmaps="220_down"),
    ),
    ((YELLOW, BLACK), ((228, 168, 24), BLACK)),
    weight=12,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_MOTO = PlateLayout(
    "cn_moto",
    (220, 140),
    ("pa|ddddd", "pa|xdddd", "pa|xxxxx", "pa|dddd学"),
    (
        Slot((0.2, 0.09, 0.8, 0.42), cells=True, bitmaps="220_up"),
        Slot((0.06, 0.46, 0.94, 0.93), cells=True, bitmaps="220_down"),
    ),
    ((YELLOW, BLACK), ((24, 58, 168), WHITE), ((228, 168, 24), BLACK)),
    weight=3,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)
_CHINA_WHITE = PlateLayout(
    "cn_white",
    (440, 140),
    ("pa·dddd警", "pa·xddd警", "pO·dddd警", "pa·dddd应", "pa·xddd急"),
    (Slot((0.03, 0.16, 0.97, 0.84), cells=True, bitmaps="140"),),
    (ON_WHITE,),
    weight=3,
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
    ((BLACK, WHITE),),
    weight=4,
    letters=_NO_IO,
    family="narrow",
    border=0.9,
    frame=0.05,
)

_UZBEK = PlateLayout(
    "uz",
    (520, 112),
    ("dd|a ddd aa", "dd|ddd aaa", "{01|10|30|40|50|60|70|75|80|85|90|95}|a ddd aa"),
    (Slot((0.03, 0.2, 0.15, 0.8)), Slot((0.2, 0.15, 0.88, 0.87))),
    (ON_WHITE,),
    weight=5,
    border=0.9,
    frame=0.5,
    bands=(
        Band((0.168, 0.04, 0.175, 0.96), (BLACK,), stars=False),
        Band((0.905, 0.28, 0.965, 0.48), ((64, 150, 190), (70, 150, 110)), chance=0.9),
    ),
    captions=(Caption((0.905, 0.56, 0.965, 0.76), ("UZ",), ((50, 130, 180), GREEN)),),
)
_UZBEK_TWO_ROW = PlateLayout(
    "uz_two_row",
    (260, 220),
    ("dd a|ddd aa", "dd|ddd aaa"),
    (Slot((0.1, 0.1, 0.7, 0.46)), Slot((0.06, 0.54, 0.94, 0.92))),
    (ON_WHITE,),
    weight=3,
    border=0.9,
    bands=(Band((0.78, 0.12, 0.92, 0.27), ((64, 150, 190),), chance=0.8),),
    captions=(Caption((0.78, 0.32, 0.92, 0.46), ("UZ",), ((50, 130, 180),)),),
)

_INDIA_STATES = "{KA|MH|DL|TN|KL|UP|HR|GJ|AP|TS|WB|RJ|MP|PB|CH|OD|BR|aa}"
_INDIA_COLOURS = (ON_WHITE, ON_WHITE, ON_WHITE, ON_YELLOW, (BLACK, YELLOW), (GREEN, WHITE))
_INDIA_BAND = Band((0, 0, 0.06, 1), (WHITE,), ("IND",), stars=False, chance=0.5, ink=EU_BLUE)
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
    weight=8, family="any", bands=(_INDIA_BAND,), border=0.5, frame=0.2,
)  # fmt: skip

_KOREA_COLOURS = (ON_WHITE, ON_WHITE, ((226, 232, 228), BLACK), (GREEN, WHITE), ON_YELLOW)
_KOREA_REGIONS = (
    "{서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주}"
)
_KOREA = PlateLayout(
    "kr",
    (520, 110),
    ("ddh dddd", "ddhdddd", "dddh dddd", "ddd h dddd", "ddg dddd", "dddg dddd", "ddh dddd"),
    (Slot((0.06, 0.15, 0.94, 0.85)),),
    _KOREA_COLOURS,
    weight=7,
    family="round",
    frame=0.4,
    bands=(Band((0, 0, 0.06, 1), (EU_BLUE, (70, 130, 190)), ("KOR",), chance=0.15),),
)
_KOREA_TWO_ROW = PlateLayout(
    "kr_two_row",
    (335, 170),
    (
        "ddh|dddd",
        "ddh|dddd",
        _KOREA_REGIONS + "dd|h dddd",
        _KOREA_REGIONS + "d|h dddd",
        _KOREA_REGIONS + "ddh|dddd",
        "ddg|dddd",
        "gg dd|g dddd",
    ),
    (Slot((0.22, 0.08, 0.78, 0.38)), Slot((0.05, 0.44, 0.95, 0.92))),
    ((GREEN, WHITE), (GREEN, WHITE), ON_YELLOW, ON_WHITE),
    weight=6,
    family="round",
)

_VIETNAM = PlateLayout(
    "vn",
    (520, 110),
    ("dda-ddd.dd", "dda-dddd", "ddaa-ddd.dd", "dda ddd.dd"),
    (Slot((0.04, 0.16, 0.96, 0.84)),),
    (ON_WHITE, ON_WHITE, ON_YELLOW, (BLUE, WHITE)),
    weight=3,
    family="narrow",
    border=0.95,
)
_VIETNAM_TWO_ROW = PlateLayout(
    "vn_two_row",
    (280, 200),
    ("dda|ddd.dd", "dd-a|ddd.dd", "dd-ad|ddd.dd", "dda|dddd", "dd-xd|dddd"),
    (Slot((0.16, 0.1, 0.84, 0.46)), Slot((0.05, 0.54, 0.95, 0.91))),
    (ON_WHITE, ON_WHITE, ON_YELLOW, (BLUE, WHITE)),
    weight=7,
    family="narrow",
    border=0.95,
)

_INDONESIA = PlateLayout(
    # Month and year stand below, smaller, and are no part of the number.
    "id",
    (395, 135),
    ("a dddd aaa", "a dddd aa", "aa dddd aa", "a dddd a", "aa dddd a", "aa ddd aa", "B dddd aaa"),
    (Slot((0.04, 0.1, 0.96, 0.66)),),
    ((BLACK, WHITE), (BLACK, WHITE), (WHITE, BLACK), ON_YELLOW, ((150, 24, 30), WHITE)),
    weight=7,
    family="any",
    border=0.7,
    captions=(
        Caption(
            (0.35, 0.72, 0.65, 0.9),
            ("11·25", "08·27", "01·26", "05-24", "12·23", "03 26", "07·28", "10·29"),
            chance=0.95,
        ),
    ),
)

ASIA = (
    *(_CHINA_BLUE, _CHINA_GREEN, _CHINA_YELLOW, _CHINA_YELLOW_TWO_ROW, _CHINA_MOTO),
    *(_CHINA_WHITE, _CHINA_BLACK),
    *(_UZBEK, _UZBEK_TWO_ROW, _INDIA, _INDIA_TWO_ROW, _KOREA, _KOREA_TWO_ROW),
    *(_VIETNAM, _VIETNAM_TWO_ROW, _INDONESIA),
)
