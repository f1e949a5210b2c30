"""Masks against plates as they hang on cars, and as they never do."""

import pytest

from platestream.core.alphabet import normalize
from platestream.core.syntax import _MILLION_VEHICLES, FORMATS, PlateFormat, regions

EXAMPLES = {
    "AR": ["AAA 000", "AB 123 CD"],
    "AT": ["W 12345 A", "GU 555 AB"],
    "BA": ["A12-J-345"],
    "BE": ["1-ABC-123"],
    "BG": ["CB 1234 AB", "B 1234 HM"],
    "BR": ["MXQ-1601", "BRA2E19"],
    "CH": ["ZH 123456", "AI 1"],
    "CN": ["皖A·12345", "粤B·D12345", "京A·1234警", "渝B·3587学"],
    "CZ": ["1B2 5790", "2AE 1234"],
    "DE": ["B MW 1234", "M A 1"],
    "DK": ["AB 12 345"],
    "EE": ["123 ABC"],
    "ES": ["1234 BCD", "M 1234 AB"],
    "FI": ["ABC-123"],
    "FR": ["AB-123-CD", "123 ABC 75"],
    "GB": ["AB12 CDE", "A123 BCD"],
    "HR": ["ZG 1234-AB", "ZG 1234-A"],
    "HU": ["ABC-123", "AA AB-123"],
    "IE": ["12-D-12345", "131-D-1234"],
    "IN": ["MH 12 AB 1234", "DL 3C 1234"],
    "IT": ["AB 123 CD"],
    "KR": ["12가 3456", "123가 4567"],
    "LT": ["ABC 123"],
    "LV": ["AB-1234"],
    "NL": ["12-ABC-3", "G-123-BB"],
    "NO": ["AB 12345"],
    "PL": ["WA 12345", "KR 1234A"],
    "PT": ["12-34-AB", "AB-12-CD"],
    "RO": ["B 123 ABC", "CJ 12 ABC"],
    "RS": ["BG 123-AB"],
    "RU": ["E617KA 147", "A123BC 77"],
    "SE": ["ABC 123", "ABC 12A"],
    "SI": ["LJ AB-123", "LJ 12-3AB"],
    "SK": ["RK-755AJ"],
    "TN": ["123 T 4567"],
    "TR": ["34 AB 1234", "06 A 1234"],
    "UA": ["AA 1234 BB"],
    "US-CA": ["4HFX108"],
    "UZ": ["01 A 123 BC", "10 123 ABC"],
    "VN": ["51A-123.45", "29-X1 1234"],
}


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.region)
def test_real_plates_fit_their_region(known: PlateFormat) -> None:
    region = known.region
    for plate in EXAMPLES[region]:
        text = "".join(c for c in normalize(plate) if c != "가")
        assert region in regions(text), plate


@pytest.mark.parametrize("text", ["", "A", "AAAAAAAA", "皖123456", "TAXI", "12345678", "STOP"])
def test_what_is_no_plate_fits_nowhere(text: str) -> None:
    assert regions(text) == ()


def test_letters_out_of_use_do_not_fit() -> None:
    assert "RU" in regions("A123BC77")
    assert "RU" not in regions("A123BD77")
    assert "IT" not in regions("AB123CO")


def test_regions_are_unique_and_in_order() -> None:
    names = [known.region for known in FORMATS]
    assert names == sorted(set(names))
    assert regions("AB123CD") == ("IT", "FR", "PL", "AR", "AT", "SK", "RS", "HR", "SI")


def test_every_region_has_its_number_of_vehicles() -> None:
    assert set(_MILLION_VEHICLES) == {known.region for known in FORMATS}


def test_more_common_plates_come_first() -> None:
    assert regions("AAA999")[:2] == ("DE", "GB")  # 49 million vehicles, 37 million
    assert regions("1ABC123") == ("US-CA", "BE")
