"""Where a plate is from: what its picture says, times how plates are written there."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import PROVINCES
from platestream.core.syntax import FORMATS, regions, vehicles

UNKNOWN: Final = ""
"""A plate of another region than these, or none at all."""

REGIONS: Final[tuple[str, ...]] = (
    UNKNOWN,
    *("AR", "AT", "BA", "BE", "BG", "BR", "BY", "CH", "CN", "CO", "CZ", "DE", "DK", "EE", "ES"),
    *("FI", "FR", "GB", "GR", "HK", "HR", "HU", "ID", "IE", "IN", "IT", "JP", "KR", "LT", "LV"),
    *("NL", "NO", "PL", "PT", "RO", "RS", "RU", "SE", "SI", "SK", "TH", "TN", "TR", "UA", "US"),
    *("US-CA", "UZ", "VN"),
)
"""What a picture is taken for, ISO 3166: the order of `Reading.region_log_probs`. A file of weights
has its own list, so more can be added."""

Regions: TypeAlias = tuple[tuple[str, float], ...]
"""Codes of regions with a share each, the most probable first; others have what is missing to 1."""

LEAST_SHARE: Final = 0.02
"""Regions less probable are not told."""

MOST_TOLD: Final = 5

_INDEX: Final = {region: index for index, region in enumerate(REGIONS)}
_WRITTEN: Final = frozenset(known.region for known in FORMATS)

MISFIT: Final = 0.05
"""Weight of a region whose plates are not written so, to 1 where they are: some characters are
misread, and some plates follow no format. Judged on dev, it hardly matters from 0.01 to 0.1."""

NO_FORMAT: Final = 0.2
"""That of a region whose formats nobody wrote down."""

_ISO_PROVINCES: Final = "BJTJSHCQHEHAYNLNHLHNAHSDXJJSZJJXHBGXGSSXNMSNJLFJGZGDQHXZSCNXHI"

_PROVINCE_CODES: Final = {
    character: _ISO_PROVINCES[2 * index : 2 * index + 2]
    for index, character in enumerate(PROVINCES)
}
"""ISO 3166-2 of the character that a Chinese plate begins with."""


def origin(
    text: str, log_probs: NDArray[np.float32] | None = None, first_prob: float = 1.0
) -> Regions:
    """Where a plate is from.

    Args:
        text: What is on it.
        log_probs: ``(len(REGIONS),)``, what its picture says; None where nothing was asked, and
            the share of a region is then that of its vehicles among those that write plates so.
        first_prob: That the first character is right, which tells the province of China.
    """
    fits = regions(text)
    if log_probs is None:
        found = _by_vehicles(fits)
    else:
        names = [*REGIONS, *(region for region in fits if region not in _INDEX)]
        # What the picture cannot be taken for is among the unknown ones.
        said = np.array([log_probs[_INDEX.get(name, 0)] for name in names], np.float64)
        odds = said + [math.log(_weight(name, fits)) for name in names]
        probs = np.exp(odds - odds.max())
        found = dict(zip(names, (probs / probs.sum()).tolist(), strict=True))
        del found[UNKNOWN]
    if "CN" in found and text[:1] in _PROVINCE_CODES:
        whole = found["CN"]
        found[f"CN-{_PROVINCE_CODES[text[0]]}"] = whole * first_prob
        found["CN"] = whole * (1 - first_prob)
    best = sorted(found.items(), key=lambda each: -each[1])[:MOST_TOLD]
    return tuple((name, round(share, 4)) for name, share in best if share >= LEAST_SHARE)


def narrowed(told: Regions, region: str) -> Regions:
    """Those that are a region or lie in it, such as ``US-CA`` in ``US``; all where none does."""
    inside = tuple(each for each in told if each[0] == region or each[0].startswith(f"{region}-"))
    return inside or told


def likeliest(told: Regions) -> tuple[str, float]:
    """The region that a plate rather is from than not, and its share; ``("", 0.0)`` without one."""
    return told[0] if told and told[0][1] > 0.5 else ("", 0.0)


def in_words(told: Regions) -> str:
    """As a person reads it: ``RU 97 %, UA 2 %``."""
    return ", ".join(f"{region} {100 * share:.0f} %" for region, share in told)


def from_names(told: Sequence[Any]) -> Sequence[Any]:
    """Regions as they were told before they had shares, a list of names, with shares now.

    Anything else stays as it is.
    """
    if told and all(isinstance(each, str) for each in told):
        return tuple(_by_vehicles(told).items())
    return told


def fused(all_log_probs: Iterable[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
    """What several pictures of one plate say: the mean of their log-probabilities.

    As if the pictures were one: what they share, such as the light, is not counted twice.
    """
    said = [log_probs for log_probs in all_log_probs if log_probs is not None]
    if len(said) < 2:
        return said[0] if said else None
    mean = np.mean(said, axis=0)
    return np.asarray(mean - np.logaddexp.reduce(mean), np.float32)


def _by_vehicles(names: Sequence[str]) -> dict[str, float]:
    counts = [vehicles(name) for name in names]
    return {name: count / sum(counts) for name, count in zip(names, counts, strict=True)}


def _weight(region: str, fits: Sequence[str]) -> float:
    if region in fits:
        return 1.0
    return MISFIT if region in _WRITTEN else NO_FORMAT
