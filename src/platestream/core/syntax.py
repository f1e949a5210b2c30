"""What plates of a region look like: masks from the public standards of each country.

A mask says nothing of what a camera saw. It is evidence for or against a reading, never a reason
to rewrite it.

=====  =======================================
``A``  a Latin letter
``9``  a digit
``X``  either
``P``  a province of China
=====  =======================================

Anything else stands for itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from platestream.core.alphabet import DIGITS, LATIN, PROVINCES
from platestream.core.choices import Choices

_CLASSES = {
    "A": frozenset(LATIN),
    "9": frozenset(DIGITS),
    "X": frozenset(LATIN + DIGITS),
    "P": frozenset(PROVINCES),
}


@dataclass(frozen=True, slots=True)
class PlateFormat:
    """The plates of one region.

    Attributes:
        region: ISO 3166-1 alpha-2 code, or alpha-2 and a subdivision.
        masks: Of texts without separators.
        letters: Those in use where a mask says ``A``; all when empty.
    """

    region: str
    masks: tuple[str, ...]
    letters: str = ""

    def fits(self, text: str) -> bool:
        """Whether a text is written as one of the masks."""
        return any(_matches(text, mask, self.letters) for mask in self.masks)


_RUSSIAN = "ABEKMHOPCTYX"
_CZECH = "ABCDEFHIJKLMNPRSTUVXYZ"

FORMATS: tuple[PlateFormat, ...] = (
    PlateFormat("AR", ("AAA999", "AA999AA")),
    PlateFormat("AT", tuple("A" * a + "9" * d + "A" * b for a in (1, 2) for d in (3, 4, 5)
                            for b in (1, 2) if a + d + b <= 8)),
    PlateFormat("BA", ("A99A999",), "AEJKMOT"),
    PlateFormat("BE", ("9AAA999", "AAA999", "999AAA")),
    PlateFormat("BG", ("AA9999AA", "A9999AA"), "ABEKMHOPCTYX"),
    PlateFormat("BR", ("AAA9999", "AAA9A99")),
    PlateFormat("CH", tuple("AA" + "9" * d for d in range(1, 7))),
    PlateFormat("CN", ("PAXXXXX", "PAXXXXXX", "PA9999学", "PA9999警", "PAX999警", "PA9999挂")),
    PlateFormat("CZ", ("9A99999", "9AA9999", "AAA9999", "AA9999"), _CZECH),
    PlateFormat("DE", tuple("A" * a + "9" * d for a in range(2, 6) for d in range(1, 5)
                            if a + d <= 8)),
    PlateFormat("DK", ("AA99999",)),
    PlateFormat("EE", ("999AAA",)),
    PlateFormat("ES", ("9999AAA", "A9999AA", "AA9999A", "AA9999AA")),
    PlateFormat("FI", ("AAA999", "AA999", "AAA99")),
    PlateFormat("FR", ("AA999AA", "999AAA99", "9999AA99")),
    PlateFormat("GB", ("AA99AAA", "A999AAA", "A99AAA", "A9AAA", "AAA999A", "AAA999", "AAA99A")),
    PlateFormat("HR", ("AA9999A", "AA9999AA", "AA999AA", "AA999A")),
    PlateFormat("HU", ("AAA999", "AAAA999")),
    PlateFormat("IE", ("99A99999", "99A9999", "999A99999", "999A9999", "999AA999", "99AA9999")),
    PlateFormat("IN", ("AA99A9999", "AA99AA9999", "AA9A9999", "AA9AA9999", "AA999999")),
    PlateFormat("IT", ("AA999AA",), "ABCDEFGHJKLMNPRSTVWXYZ"),
    PlateFormat("KR", ("999999", "9999999")),  # read without the Hangul letter
    PlateFormat("LT", ("AAA999",)),
    PlateFormat("LV", ("AA9999", "AA999", "AA99")),
    PlateFormat("NL", ("99AAA9", "AA999A", "A999AA", "99AAAA", "AAAA99", "9AAA99", "AA99AA",
                       "AA9999", "9999AA", "AAA99A", "9AA999", "999AA9")),
    PlateFormat("NO", ("AA99999", "AA9999")),
    PlateFormat("PL", ("AA99999", "AA9999A", "AA999AA", "AAA9999", "AAA99A9", "AAA99AA", "AAA9A99",
                       "AAA9AA9", "AAAA999", "AAA999A")),
    PlateFormat("PT", ("99AA99", "AA99AA", "9999AA", "AA9999")),
    PlateFormat("RO", ("AA99AAA", "A99AAA", "A999AAA")),
    PlateFormat("RS", ("AA999AA", "AA9999AA")),
    PlateFormat("RU", ("A999AA99", "A999AA999"), _RUSSIAN),
    PlateFormat("SE", ("AAA999", "AAA99A")),
    PlateFormat("SI", ("AA9AA99", "AAAA999", "AA99999", "AA999AA")),
    PlateFormat("SK", ("AA999AA",)),
    PlateFormat("TN", ("9T9999", "99T9999", "999T9999", "999T999", "99T999", "999T99")),
    PlateFormat("TR", ("99A9999", "99A99999", "99AA999", "99AA9999", "99AAA99", "99AAA999")),
    PlateFormat("UA", ("AA9999AA",), "ABCEHIKMOPTX"),
    PlateFormat("US-CA", ("9AAA999", "9A99999", "99999A9")),
    PlateFormat("UZ", ("99A999AA", "99999AAA")),
    PlateFormat("VN", ("99A99999", "99A9999", "99AA99999", "99A999999", "99AA9999")),
)  # fmt: skip
"""By region, in the order of their codes. A new region is a line here; it changes no confidence, as
a `stream.confidence.Calibration` keeps to the formats it was fitted with."""


def choose_format(region: str) -> PlateFormat:
    """The plates of a region.

    Raises:
        ConfigError: none are known of it; names the nearest region.
    """
    return Choices("region", {known.region: known for known in FORMATS}).choose(region)


_MILLION_VEHICLES = {
    # OICA, World vehicles in use, 2020: cars, lorries and buses; of KR, BG and RS by its rate for
    # 1,000 inhabitants.
    **{"CN": 318.0, "RU": 56.7, "KR": 23.7, "BG": 3.4, "RS": 2.3},
    # Sindipecas, yearbook of 2023: the fleet of 2021.
    **{"BR": 46.6},
    # ACEA, Vehicles on European roads, edition of 2024: cars in use in 2022.
    **{"DE": 48.8, "IT": 40.2, "FR": 38.9, "GB": 37.1, "PL": 26.5, "ES": 25.6, "NL": 9.2},
    **{"RO": 7.9, "CZ": 6.4, "BE": 5.9, "PT": 5.6, "AT": 5.2, "SE": 5.0, "CH": 4.8, "HU": 4.1},
    **{"NO": 2.9, "DK": 2.8, "FI": 2.74, "SK": 2.72, "IE": 2.3, "HR": 1.8, "LT": 1.3, "SI": 1.2},
    **{"EE": 0.85, "LV": 0.77},
    # In none of these sources: placed by what is known of their size.
    **{"IN": 80, "US-CA": 30, "TR": 20, "AR": 14, "UA": 10, "VN": 5, "UZ": 3, "TN": 2, "BA": 1},
}
"""Vehicles on the road, which say how common the plates of a region are, whoever looks at them.

Many are counted in other years or without lorries, so near neighbours may change places.
"""


def vehicles(region: str) -> float:
    """Millions of vehicles on the road; few where nobody counted them."""
    return _MILLION_VEHICLES.get(region, 0.5)


@lru_cache(maxsize=4096)
def regions(text: str) -> tuple[str, ...]:
    """The regions a text could be a plate of, those with the most vehicles first."""
    found = [known.region for known in FORMATS if known.fits(text)]
    return tuple(sorted(found, key=lambda region: -vehicles(region)))


def is_written_as(text: str, formats: Iterable[PlateFormat]) -> bool:
    """Whether a text is a plate of any of the given formats."""
    return any(known.fits(text) for known in formats)


def _matches(text: str, mask: str, letters: str) -> bool:
    if len(text) != len(mask):
        return False
    for character, wanted in zip(text, mask, strict=True):
        if wanted == "A" and letters:
            if character not in letters:
                return False
        elif wanted in _CLASSES:
            if character not in _CLASSES[wanted]:
                return False
        elif character != wanted:
            return False
    return True
