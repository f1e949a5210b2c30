from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import encode
from platestream.core.errors import ConfigError, DataError, StoreError
from platestream.lab.render.bank import TemplateBank, build_bank
from platestream.lab.render.layouts import LAYOUTS


def same(first: TemplateBank, second: TemplateBank) -> bool:
    return (
        first.texts == second.texts
        and first.layouts == second.layouts
        and len(first.images) == len(second.images)
        and all(np.array_equal(a, b) for a, b in zip(first.images, second.images, strict=True))
    )


@pytest.fixture(scope="module")
def bank() -> TemplateBank:
    return build_bank(30, seed=5)


def test_a_plate_depends_on_seed_and_place_alone(bank: TemplateBank) -> None:
    longer = build_bank(33, seed=5)
    assert same(TemplateBank(longer.texts[:30], longer.layouts[:30], longer.images[:30]), bank)
    assert not same(build_bank(30, seed=6), bank)


def test_workers_draw_the_same(bank: TemplateBank) -> None:
    assert same(build_bank(30, seed=5, num_workers=2), bank)


def test_texts_are_plates_of_known_layouts(bank: TemplateBank) -> None:
    assert len(bank) == len(bank.layouts) == len(bank.images) == 30
    assert set(bank.layouts) <= {layout.name for layout in LAYOUTS}
    for text in bank.texts:
        encode(text)


def test_save_and_load(bank: TemplateBank, tmp_path: Path) -> None:
    path = tmp_path / "new" / "bank.npz"
    bank.save(path)
    assert same(TemplateBank.load(path), bank)


def test_an_empty_bank_can_be_saved(tmp_path: Path) -> None:
    build_bank(0, seed=1).save(tmp_path / "bank.npz")
    assert len(TemplateBank.load(tmp_path / "bank.npz")) == 0


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="-1"):
        build_bank(-1, seed=1)


def test_saving_onto_a_folder_is_a_store_error(bank: TemplateBank, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=tmp_path.name):
        bank.save(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"no bank", b"PK\x03\x04 cut off"])
def test_what_is_no_bank_is_a_data_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "bank.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"bank\.npz"):
        TemplateBank.load(path)


def test_a_bank_with_too_few_pixels_is_a_data_error(tmp_path: Path) -> None:
    path = tmp_path / "bank.npz"
    np.savez(
        path,
        texts=np.array(["AB12"]),
        layouts=np.array(["any"]),
        shapes=np.array([[4, 4]]),
        pixels=np.zeros(10, np.uint8),
    )
    with pytest.raises(DataError, match="cut short"):
        TemplateBank.load(path)
