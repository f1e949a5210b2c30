from pathlib import Path

import cv2
import numpy as np
import pytest

from platestream.core.alphabet import DIGITS, LATIN
from platestream.core.errors import ConfigError
from platestream.lab.render.fonts import CJK, FAMILIES, GLYPH_HEIGHT_PX, Face, GlyphBook

FACES = sorted(set(FAMILIES["any"]), key=str)


@pytest.mark.parametrize("face", FACES, ids=lambda face: f"{face.file[6:]}{list(face.axes)}")
def test_every_font_has_every_character(face: Face, book: GlyphBook) -> None:
    glyphs = [book.glyph(face, character) for character in DIGITS + LATIN]
    assert all(glyph.shape[0] == GLYPH_HEIGHT_PX for glyph in glyphs)
    # On some plates, as in Bebas Neue, O and 0 are one and the same.
    assert len({glyph.tobytes() for glyph in glyphs}) >= 35


def test_families_use_faces_that_are_tested() -> None:
    assert {face for faces in FAMILIES.values() for face in faces} <= set(FACES)


def test_a_glyph_is_cut_tight(book: GlyphBook) -> None:
    glyph = book.glyph(FACES[0], "H")
    edges = (glyph[0], glyph[-1], glyph[:, 0], glyph[:, -1])
    assert all(edge.max() > 100 for edge in edges)


def test_weights_of_a_variable_font_differ(book: GlyphBook) -> None:
    oswald = [face for face in FAMILIES["any"] if "Oswald" in face.file]
    light, heavy = oswald[0], oswald[-1]
    assert book.glyph(heavy, "I").shape[1] > book.glyph(light, "I").shape[1]


def test_chinese_and_hangul_come_from_the_cjk_face(book: GlyphBook) -> None:
    for character in "京가":
        plain = book.glyph(FACES[0], character)
        assert np.array_equal(plain, book.glyph(CJK, character))
    assert not np.array_equal(book.glyph(CJK, "京"), book.glyph(CJK, "沪"))


@pytest.mark.parametrize("package", ["no_such_font_package", "numpy"])
def test_a_missing_font_says_what_to_install(package: str) -> None:
    with pytest.raises(ConfigError, match=r"install platestream\[lab\]"):
        GlyphBook().glyph(Face(package, "files/None.ttf"), "A")


def test_bitmaps_come_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "font_model"
    folder.mkdir()
    picture = np.full((140, 70), 255, np.uint8)
    picture[:70] = 0
    cv2.imwrite(str(folder / "140_A.jpg"), picture)
    book = GlyphBook(tmp_path)
    bitmap = book.bitmap("140_A")
    assert bitmap is not None
    assert bitmap.shape == (72, 36)
    # Black in the file is ink, and ink is 255.
    assert bitmap[:30].min() > 240
    assert bitmap[42:].max() < 15
    assert book.bitmap("140_B") is None
    assert GlyphBook().bitmap("140_A") is None


def test_a_wrong_bitmap_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"140_X\.jpg"):
        GlyphBook(tmp_path / "nowhere").bitmap("140_A")
