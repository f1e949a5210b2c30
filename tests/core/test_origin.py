"""Where a plate is from, by hand."""

import numpy as np
import pytest

from platestream.core.origin import (
    MISFIT,
    NO_FORMAT,
    REGIONS,
    from_names,
    fused,
    in_words,
    likeliest,
    narrowed,
    origin,
)
from platestream.core.syntax import FORMATS


def said(**shares: float) -> np.ndarray:
    """What a picture says: shares by code, the rest spread evenly."""
    named = {code.replace("_", "-"): share for code, share in shares.items()}
    rest = (1 - sum(named.values())) / (len(REGIONS) - len(named))
    return np.log(np.array([named.get(code, rest) for code in REGIONS], np.float32))


def test_every_region_with_formats_has_a_class() -> None:
    assert {known.region for known in FORMATS} <= set(REGIONS)
    assert len(set(REGIONS)) == len(REGIONS)


def test_without_a_picture_it_is_the_share_of_vehicles() -> None:
    # 999AAA is written in Estonia (0.85 million vehicles) and, turned round, in Belgium (5.9).
    assert origin("123ABC") == (("BE", 0.8741), ("EE", 0.1259))
    assert origin("XYZZYX") == ()


def test_picture_times_format_by_hand() -> None:
    picture = said(FR=0.4, DE=0.4)
    others = 0.2 / (len(REGIONS) - 2)
    found = dict(origin("AB123CD", picture))  # written so in FR and eight others, not in DE
    fits = 8 * others
    misfits = MISFIT * (
        0.4 + others * sum(k.region not in FITS for k in FORMATS if k.region != "DE")
    )
    unwritten = NO_FORMAT * others * (len(REGIONS) - len(FORMATS))
    assert found["FR"] == pytest.approx(0.4 / (0.4 + fits + misfits + unwritten), abs=1e-3)
    assert found["DE"] == pytest.approx(found["FR"] * MISFIT, abs=1e-3)


FITS = {"FR", "IT", "PL", "AR", "AT", "SK", "RS", "HR", "SI"}


def test_what_the_picture_cannot_name_is_among_the_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platestream.core.origin.regions", lambda _: ("LU",))
    picture = np.full(len(REGIONS), -20, np.float32)
    picture[0] = 0
    # The picture says "none of mine", and LU is the only one that is written so.
    assert origin("12345", picture) == (("LU", round(1 / (1 + NO_FORMAT), 4)),)


def test_the_province_is_told_by_the_first_character() -> None:
    told = origin("皖A12345", said(CN=0.97), first_prob=0.9)
    china = told[0][1] + told[1][1]
    assert [name for name, _ in told] == ["CN-AH", "CN"]
    assert told[0][1] == pytest.approx(0.9 * china, abs=1e-3)
    assert china > 0.97


def test_several_pictures_are_their_mean_in_logarithms() -> None:
    one, other = said(FR=0.8), said(FR=0.2, DE=0.6)
    mean = fused([one, None, other])
    assert mean is not None
    assert np.exp(mean).sum() == pytest.approx(1, abs=1e-5)
    index = [REGIONS.index(code) for code in ("FR", "DE")]
    rest = 0.2 / (len(REGIONS) - 1)
    by_hand = np.sqrt([0.8 * 0.2, rest * 0.6])
    assert np.exp(mean[index[0]] - mean[index[1]]) == pytest.approx(
        by_hand[0] / by_hand[1], rel=1e-4
    )
    assert fused([None, None]) is None
    assert fused([None, one]) is one


def test_a_region_holds_its_subdivisions() -> None:
    told = (("US-CA", 0.6), ("US", 0.3), ("BE", 0.05))
    assert narrowed(told, "US") == (("US-CA", 0.6), ("US", 0.3))
    assert narrowed(told, "US-CA") == (("US-CA", 0.6),)
    assert narrowed(told, "B") == narrowed(told, "DE") == told


def test_the_likeliest_is_one_that_it_rather_is_than_not() -> None:
    assert likeliest((("RU", 0.97), ("UA", 0.02))) == ("RU", 0.97)
    assert likeliest((("FR", 0.5), ("IT", 0.4))) == ("", 0.0)
    assert likeliest(()) == ("", 0.0)


def test_as_people_read_it() -> None:
    assert in_words((("RU", 0.966), ("UA", 0.02))) == "RU 97 %, UA 2 %"


def test_events_of_before_get_shares() -> None:
    (first, share), (second, rest) = from_names(["BE", "EE"])
    assert (first, second) == ("BE", "EE")
    assert (share, rest) == pytest.approx((5.9 / 6.75, 0.85 / 6.75))
    assert from_names([["BE", 0.9]]) == [["BE", 0.9]]
    assert from_names([]) == []
    assert from_names(["BE", 3]) == ["BE", 3]  # damaged: for others to say
