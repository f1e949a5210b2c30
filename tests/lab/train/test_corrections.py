"""Labels put right by eye."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.train.corrections import corrected, read_corrections
from platestream.lab.train.crops import LabelledCrop

SHIPPED = Path(__file__).parents[3] / "recipes" / "corrections.csv"


def crop(set_name: str, text: str) -> LabelledCrop:
    return LabelledCrop(set_name, text, np.zeros((20, 60, 3), np.uint8))


def test_a_label_is_put_right_in_its_own_set_alone(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("set,label,text\na,123456,12가3456\na,777,\n", encoding="utf-8")
    crops = [crop("a", "123456"), crop("b", "123456"), crop("a", "777"), crop("a", "888")]
    found = corrected(crops, read_corrections(path))
    assert [(c.set_name, c.text) for c in found] == [
        ("a", "12가3456"),
        ("b", "123456"),
        ("a", "888"),
    ]


@pytest.mark.parametrize("content", ["file,text\na,b\n", "set,label,text\na,1,ก1\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError):
        read_corrections(path)


def test_the_shipped_corrections_can_be_read() -> None:
    assert read_corrections(SHIPPED)["world_auto", "123167"] == "12주3167"
