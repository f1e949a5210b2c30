"""The plates of Europe, Turkey and Russia."""

from platestream.core.alphabet import LATIN
from platestream.lab.render.parts import (
    BLACK,
    BLUE,
    EU_BLUE,
    NAVY,
    ON_WHITE,
    ON_YELLOW,
    RED,
    WHITE,
    Band,
    Caption,
    Colour,
    Emblem,
    PlateLayout,
    Slot,
)

_NO_IOQ = LATIN.replace("I", "").replace("O", "").replace("Q", "")
_UMLAUT = (
    "{DÜW|TÜ|MÜ|LÖ|KÖT|GÖ|WÜ|FÜ|LÜN|NÖ|SÜW|RÜG|BÖ|ÖHR|GÜ|PLÖ|TÖL|JÜL|HÖS|SHÖ|BÜD|MÖB|STÖ"
    "|PRÜ|FÜS|BÜS|KÖN|KÜN|GRÄ|MKÄ|SÄK|FTÖ|BRÜ|ÜB}"
)
"""German districts with an umlaut, and some that might be."""

_CZECH = "ABCEHJKLMPSTUZ"
_RUSSIAN = "ABEKMHOPCTYX"


def _europe(
    country: str,
    patterns: tuple[str, ...],
    colours: tuple[tuple[Colour, Colour], ...] = (ON_WHITE,),
    *,
    weight: float = 1.0,
    letters: str = LATIN,
    family: str = "din",
    band: float = 0.85,
    kind: str = "",
) -> PlateLayout:
    """A long European plate with the blue band on its left, or its place left white."""
    return PlateLayout(
        country.lower() + kind,
        (520, 112),
        patterns,
        (Slot((0.105, 0.15, 0.965, 0.85)),),
        colours,
        weight=weight,
        letters=letters,
        family=family,
        border=0.55,
        frame=0.4,
        bands=(Band((0, 0, 0.085, 1), (EU_BLUE, (24, 66, 150), NAVY), (country,), chance=band),),
    )


_EUROPE = (
    _europe(
        "GB",
        ("aadd aaa", "aadd aaa", "a{1|2|3}dd aaa", "aaa ddd", "an aaa"),
        (ON_WHITE, ON_YELLOW),
        weight=6,
        family="bold",
        band=0.35,
    ),
    _europe("D", ("aoaa dddd", "aa oaa ddd", "aaao a ddd", "aao aa dd", "aoa nddd"), weight=2.5),
    _europe(
        "D",
        (
            _UMLAUT + "o a nddd",
            _UMLAUT + "o aa ndd",
            _UMLAUT + "oaa nddd",
            _UMLAUT + " o aa nd",
            "aao {Ä|Ö|Ü}a ndd",
        ),
        kind="_marked",
        weight=2,
    ),
    _europe("I", ("aa ddd aa", "aa o ddd aa"), weight=2.5, letters=_NO_IOQ),
    _europe("F", ("aa-ddd-aa", "ddd aaa dd", "dddd aa dd"), (ON_WHITE, ON_YELLOW), weight=2.5),
    _europe(
        "NL",
        ("dd-aaa-d", "aa-ddd-a", "a-ddd-aa", "dd-aa-aa", "aa-aa-dd", "d-aaa-dd"),
        (ON_YELLOW,),
        weight=3,
    ),
    _europe("E", ("dddd aaa", "a dddd aa", "aa dddd a"), weight=2, letters=_NO_IOQ),
    _europe("PL", ("aa ddddd", "aaa dddd", "aa dddda", "aaa ddda"), weight=2),
    _europe("SRB", ("aa ddd-aa", "aao ddd aa", "aa dddd-aa"), weight=2),
    _europe(
        "CZ",
        (
            "nad dddd",
            "nado dddd",
            "nadodddd",
            "naa dddd",
            "aaa dd-dd",
            "aa odd-dd",
            "nBd dddd",
            "nBdo dddd",
            "n{B|S|A|Z}dodddd",
        ),
        weight=5,
        letters=_CZECH,
        band=0.5,
        family="narrow",
    ),
    _europe("SK", ("aao-dddaa", "aaodddaa", "aaoddd aa", "aa-dddaa"), weight=2, family="narrow"),
    _europe("HR", ("aao dddd-a", "aao ddd-aa"), weight=1.5),
    _europe(
        "HR",
        ("{ČK|ŠI|ŽU}o dddd-a", "{ČK|ŠI|ŽU}o ddd-aa", "{ČK|ŠI|ŽU} ddd aa", "aao ddd-{Č|Š|Ž}a"),
        kind="_marked",
        weight=0.8,
    ),
    _europe(
        "SRB",
        (
            "{ČA|ŠA|ĐA|aŠ|aČ|aĆ|aĐ|aŽ|LĆ|KŠ|VŠ}o ddd-aa",
            "aa ddd-{Š|Č|Ć|Đ|Ž}a",
            "aa ddd-a{Š|Č|Ć|Đ|Ž}",
        ),
        kind="_marked",
        weight=1.2,
    ),
    _europe("SLO", ("aao {Č|Š|Ž}a-ddd", "aao dd-d{Č|Š|Ž}a"), kind="_marked", weight=0.6),
    _europe(
        "FIN",
        ("{Ä|Ö|Å}aa-ddd", "a{Ä|Ö|Å}a-ddd", "aa{Ä|Ö}-dd", "ÅLa ddd"),
        kind="_marked",
        weight=0.5,
    ),
    _europe(
        "N",
        ("{Æ|Ø|Å}a ddddd", "a{Æ|Ø|Å} dddd", "aa{Æ|Ø|Å}aaa", "{Æ|Ø|Å}aaaa", "aaa{Æ|Ø|Å}a"),
        kind="_marked",
        weight=0.5,
    ),
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
    _europe("B", ("d-aaa-ddd", "aaa-ddd", "ddd-aaa"), ((WHITE, (150, 30, 36)),), weight=1.5),
    _europe("CH", ("aao dddddd", "aa·ddddd"), weight=1, band=0.2),
    _europe("GR", ("aaa-dddd",), weight=1, letters="ABEZHIKMNOPTYX"),
    _europe("IRL", ("dd-a-ddddd", "ddd-a-dddd", "ddd-aa-ddd"), weight=1),
    _europe("TR", ("dd aa ddd", "dd aaa dd", "dd a dddd", "dd aa dddd"), weight=2),
    _europe("BIH", ("add-a-ddd",), weight=0.7, letters="AEJKMOT"),
    _europe("SLO", ("aao aa-ddd", "aao dd-daa"), weight=1),
    _europe("BY", ("dddd aa-d",), weight=0.7, letters="ABEIKMHOPCTX"),
)
_CREST = PlateLayout(
    # Slovakia until 2004, and others with arms and a small country code at the left.
    "eu_crest",
    (520, 112),
    ("aa-dddaa", "aaodddaa", "aaodddaa", "aa-dddaa", "aao ddd aa", "aa dddd", "aao dddaa"),
    (Slot((0.11, 0.14, 0.97, 0.86)),),
    (ON_WHITE, ON_WHITE, ON_WHITE, (BLUE, WHITE)),
    weight=6,
    family="narrow",
    border=0.6,
    frame=0.5,
    emblems=(Emblem((0.025, 0.14, 0.095, 0.58), is_crest=True, chance=0.95),),
    captions=(Caption((0.02, 0.64, 0.1, 0.86), ("SK", "SK", "SK", "CH", "SLO"), (BLACK,), 0.9),),
)
_EUROPE_TWO_ROW = PlateLayout(
    "eu_two_row",
    (280, 200),
    ("aao|dddd", "aa|ddd", "aadd|aaa", "aa ddd|aa", "aaa|ddd", "aa|dddd a"),
    (Slot((0.16, 0.08, 0.94, 0.46)), Slot((0.06, 0.53, 0.94, 0.92))),
    (ON_WHITE, ON_WHITE, ON_YELLOW),
    weight=7,
    bands=(Band((0, 0, 0.13, 0.5), (EU_BLUE,), ("D", "I", "GB", "F", "E", "PL"), chance=0.6),),
)

_MOTO = PlateLayout(
    # Motorcycles of many countries: nearly square, arms or a seal beside the upper row.
    "eu_moto_two_row",
    (240, 200),
    ("ao|dd aaa", "aao|dddd a", "aao|ddddd", "aa|dddda", "a|dddd", "dd|aaa", "ddd|aaa", "aaa|ddd",
     "aadd|aaa", "aa|dddd", "aa|dd-aa", "dddd|aa dd", "ddd|aaa dd", "aao|aa dd", "aa|ddddd",
     "a ddd|aa", "aao|ddd", "ddd aa|dd", "aao|a nddd", "aa o|ddd a", "dddd|aa", "dd-aa|dd"),
    (Slot((0.14, 0.07, 0.94, 0.47)), Slot((0.05, 0.53, 0.95, 0.93))),
    (ON_WHITE, ON_WHITE, ON_WHITE, ON_YELLOW, ((214, 172, 40), BLACK), (BLUE, WHITE)),
    weight=14,
    family="any",
    border=0.6,
    bands=(Band((0, 0, 0.13, 0.48), (EU_BLUE, (24, 66, 150)), ("A", "PL", "LT", "LV", "N", "I"),
                chance=0.5),),
    emblems=(Emblem((0.7, 0.1, 0.86, 0.42), is_crest=True, chance=0.15),),
)  # fmt: skip

_RUSSIA = PlateLayout(
    "ru",
    (520, 112),
    ("addd aa|dd", "addd aa|{1|7|9}dd", "addd aa|dd"),
    (
        Slot((0.04, 0.15, 0.73, 0.87), letter_scale=0.78),
        Slot((0.79, 0.12, 0.955, 0.62)),
    ),
    (ON_WHITE,),
    weight=6,
    letters=_RUSSIAN,
    border=0.95,
    frame=0.5,
    bands=(Band((0.755, 0.04, 0.763, 0.96), (BLACK,), stars=False),),
    captions=(
        Caption((0.78, 0.69, 0.89, 0.87), ("RUS",), (BLACK,)),
        Caption((0.9, 0.71, 0.96, 0.85), ("III", "="), (BLUE, RED), 0.8),
    ),
)

EUROPE = (*_EUROPE, _CREST, _EUROPE_TWO_ROW, _MOTO, _RUSSIA)
