"""The calibration file that ships beside the weights."""

from pathlib import Path

import pytest

from platestream.core.errors import ModelContractError, StoreError
from platestream.core.syntax import PlateFormat
from platestream.models.calibration import FILE, load_calibration, save_calibration
from platestream.models.cards import DEFAULT_ARCH, WEIGHTS_DIR
from platestream.stream.confidence import NUM_FEATURES, Calibration
from platestream.stream.registry import DEFAULT_POLICY, POLICIES


def test_round_trip(tmp_path: Path) -> None:
    calibration = Calibration(
        -0.5,
        (1.0, 2.0, 0.25, -3.0, 0.125, 0.5, -0.25),
        "consensus",
        (PlateFormat("US-CA", ("9AAA999", "学A9")), PlateFormat("XX", ("A9",), "ABC")),
    )
    path = save_calibration(calibration, "e", tmp_path / "new", "rendered streams\njudged on dev")
    assert path.read_text(encoding="utf-8").startswith("# rendered streams\n# judged on dev\n")
    assert load_calibration(tmp_path / "new", "e") == calibration
    assert load_calibration(tmp_path / "new", "p") is None


def test_a_folder_may_have_none(tmp_path: Path) -> None:
    assert load_calibration(tmp_path, "e") is None


@pytest.mark.parametrize(
    "text", ["arch = ", "bias = 1", 'arch = "e"', 'arch = "e"\nbias = 1\nweights = [1, 2]']
)
def test_a_broken_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ModelContractError, match="train confidence"):
        load_calibration(tmp_path, "e")


def test_one_without_what_it_was_fitted_for_is_fitted_again(tmp_path: Path) -> None:
    path = save_calibration(
        Calibration(0, (0.0,) * NUM_FEATURES, "product"), "e", tmp_path, "nothing"
    )
    whole = path.read_text(encoding="utf-8")
    for line, instead, says in [
        ('fusion = "product"', "", "fit it again"),
        ('fusion = "product"', 'fusion = "produkt"', "did you mean product"),
        ("[formats]", "formats = 1\n[other]", "fit it again"),
        ("[letters]", "[other]", "fit it again"),
    ]:
        path.write_text(whole.replace(line, instead), encoding="utf-8")
        with pytest.raises(ModelContractError, match=says):
            load_calibration(tmp_path, "e")


def test_the_one_that_ships_is_for_the_default_rule_and_keeps_its_own_formats() -> None:
    shipped = load_calibration(WEIGHTS_DIR, DEFAULT_ARCH)
    assert shipped is not None
    assert shipped.fusion == POLICIES[DEFAULT_POLICY].fusion
    assert "DE" in [known.region for known in shipped.formats]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="choose another folder"):
        save_calibration(
            Calibration(0, (0.0,) * NUM_FEATURES, "product"), "e", tmp_path / "file", "nothing"
        )
