"""Where the plates of our data sets, and those that are drawn, are from."""

from collections.abc import Mapping
from typing import Final

from platestream.core.origin import REGIONS, UNKNOWN
from platestream.core.syntax import regions

ORIGINS: Final[Mapping[str, str]] = {
    "argentina_night": "AR",
    "brazil": "BR",
    "california": "US-CA",
    "china_ccpd": "CN",
    "china_easypr": "CN",
    "china_lpr": "CN",
    "china_mixed": "CN",
    "china_road_auto": "CN",
    "colombia": "CO",
    "hongkong": "HK",
    "india_auto": "IN",
    "india_street": "IN",
    "indonesia": "ID",
    "rlpr": "KR",
    "rlpr_clean": "KR",
    "tudelft": "NL",
    "tunisia": "TN",
    "us_states": "US",
    "uzbek": "UZ",
    "uzbek_street": "UZ",
    "vietnam_auto": "VN",
}
"""Of sets whose plates are from one country, by the set's name."""

_EUROPE: Final = frozenset(
    (
        *("AT", "BA", "BE", "BG", "BY", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB"),
        *("GR", "HR", "HU", "IE", "IT", "LT", "LV", "NL", "NO", "PL", "PT", "RO", "RS", "RU"),
        *("SE", "SI", "SK", "TR", "UA"),
    )
)
_EUROPEAN_SETS: Final = frozenset({"europe", "europe_variety"})
_WORLD_SETS: Final = frozenset({"world_auto", "world_auto2", "world_ocr", "us_reddit"})

_TELLING: Final = frozenset({"BE", "CN", "ES", "GB", "IN", "NL", "RO", "RU", "UA", "US-CA"})
"""Regions whose formats, where nothing else fits, tell plates from the whole world."""

_LEAST_CHARS: Final = 7
"""Of such a plate: shorter ones are written alike everywhere."""

_CODES: Final[Mapping[str, str]] = {
    "a": "AT", "b": "BE", "bih": "BA", "d": "DE", "e": "ES", "est": "EE", "f": "FR", "fin": "FI",
    "h": "HU", "i": "IT", "irl": "IE", "n": "NO", "p": "PT", "s": "SE", "slo": "SI", "srb": "RS",
}  # fmt: skip
"""ISO 3166 of the sign on a drawn European plate, where it differs."""


def origins_of_crop(set_name: str, text: str) -> frozenset[str]:
    """Where a real plate is from: one region, several of which it is one, or none that is known.

    Of sets from several countries it is those whose plates are written so.
    """
    known = ORIGINS.get(set_name)
    if known == "US" and "US-CA" in regions(text):
        return frozenset({"US-CA"})
    if known:
        return frozenset({known})
    fits = frozenset(regions(text))
    if set_name in _EUROPEAN_SETS:
        return fits & _EUROPE
    is_told = len(text) >= _LEAST_CHARS and fits <= _TELLING
    return fits if set_name in _WORLD_SETS and is_told else frozenset()


def origins_of_layout(name: str) -> frozenset[str]:
    """The same of a drawn plate, by its layout; scripts and looks of no country are unknown."""
    start = name.split("_")[0]
    if start == "eu":
        return _EUROPE
    code = _CODES.get(start, start.upper())
    return frozenset({code if code in REGIONS else UNKNOWN})
