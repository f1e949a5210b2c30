"""Characters as pictures: the open fonts of the `lab` extra, and bitmaps of real Chinese plates.

A plate maker stamps every character to the same height, so a glyph here is a tight mask scaled
to `GLYPH_HEIGHT_PX`; how wide it stands on a plate is the layout's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from platestream.core.errors import ConfigError

GLYPH_HEIGHT_PX = 72
"""Height of every glyph mask."""

Mask = NDArray[np.uint8]
"""``(H, W)`` uint8, 255 where there is ink."""

_POINTS = 96


@dataclass(frozen=True, slots=True)
class Face:
    """One font at one weight.

    Attributes:
        package: The installed package that ships it.
        file: Its path inside the package.
        axes: Values of a variable font's axes in the file's order; empty for a static font.
    """

    package: str
    file: str
    axes: tuple[float, ...] = ()


def _static(package: str, stem: str, *weights: str) -> list[Face]:
    return [Face(package, f"files/{stem}-{weight}.ttf") for weight in weights]


BARLOW_CONDENSED = _static(
    "fontpkg_barlow_condensed", "BarlowCondensed", "Medium", "SemiBold", "Bold"
)
BARLOW = _static(
    "fontpkg_barlow_semi_condensed", "BarlowSemiCondensed", "Medium", "SemiBold", "Bold"
)
FIRA = _static("fontpkg_fira_sans_condensed", "FiraSansCondensed", "Medium", "SemiBold", "Bold")
PLEX = _static("fontpkg_ibm_plex_sans_condensed", "IBMPlexSansCondensed", "SemiBold", "Bold")
RAJDHANI = _static("fontpkg_rajdhani", "Rajdhani", "SemiBold", "Bold")
SAIRA = _static("fontpkg_saira_condensed", "SairaCondensed", "Medium", "SemiBold", "Bold")
CHAKRA = _static("fontpkg_chakra_petch", "ChakraPetch", "Medium", "SemiBold", "Bold")
BEBAS = _static("fontpkg_bebas_neue", "BebasNeue", "Regular")
SHARE = _static("fontpkg_share_tech", "ShareTech", "Regular")
OVERPASS = [Face("fontpkg_overpass", "files/Overpass[wght].ttf", (w,)) for w in (500.0, 700.0)]
ARCHIVO = [
    Face("fontpkg_archivo_narrow", "files/ArchivoNarrow[wght].ttf", (w,)) for w in (500.0, 700.0)
]
CHANGA = _static("fontpkg_changa_one", "ChangaOne", "Regular")
OSWALD = [Face("fontpkg_oswald", "files/Oswald[wght].ttf", (w,)) for w in (400.0, 500.0, 600.0)]
ROBOTO = [Face("fontpkg_roboto", "files/Roboto[wdth,wght].ttf", (w, 88.0)) for w in (500.0, 700.0)]
ROBOTO_CONDENSED = [
    Face("fontpkg_roboto_condensed", "files/RobotoCondensed[wght].ttf", (w,))
    for w in (500.0, 600.0, 700.0)
]
ROBOTO_MONO = [
    Face("fontpkg_roboto_mono", "files/RobotoMono[wght].ttf", (w,)) for w in (500.0, 700.0)
]
THAI = Face("fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf", (700.0, 85.0))
ARABIC = Face("fontpkg_cairo", "files/Cairo[slnt,wght].ttf", (700.0, 0.0))
CJK = Face("cvttf_NotoSansCJK_Bold", "NotoSansCJKtc-Bold.otf")

FAMILIES: Mapping[str, Sequence[Face]] = {
    "din": [*BARLOW, *BARLOW_CONDENSED, *SAIRA, *BEBAS, *ARCHIVO, *SHARE, *OVERPASS],
    "narrow": [
        *(*BARLOW_CONDENSED, *SAIRA, *OSWALD, *ROBOTO_CONDENSED, *FIRA, *PLEX),
        *(*RAJDHANI, *BEBAS, *SHARE, *ARCHIVO),
    ],
    # O, D and 0 with straight sides, as on the old plates of Brazil.
    "square": [*CHAKRA, *RAJDHANI, *SAIRA, *SHARE, *BARLOW, *OSWALD],
    "round": [*BARLOW, *ROBOTO, *ROBOTO_MONO, *CHANGA, *OVERPASS],
    "bold": [
        *(BARLOW[2], BARLOW_CONDENSED[2], CHANGA[0], OSWALD[2], FIRA[2], ROBOTO[1]),
        *(BEBAS[0], ARCHIVO[1], OVERPASS[1]),
    ],
    "any": [
        *(*BARLOW, *BARLOW_CONDENSED, *SAIRA, *OSWALD, *ROBOTO, *ROBOTO_CONDENSED),
        *(*ROBOTO_MONO, *FIRA, *PLEX, *RAJDHANI, *CHANGA),
        *(*CHAKRA, *BEBAS, *SHARE, *OVERPASS, *ARCHIVO),
    ],
}
"""Which faces a layout may be written in; the names are those of `layouts.PlateLayout.family`."""


@dataclass(slots=True)
class GlyphBook:
    """Draws characters, and remembers them.

    Attributes:
        china_glyphs: Folder with ``font_model/140_X.jpg`` bitmaps of real Chinese plates, or None.
    """

    china_glyphs: Path | None = None
    _fonts: dict[Face, ImageFont.FreeTypeFont] = field(default_factory=dict, init=False)
    _glyphs: dict[tuple[Face, str], Mask] = field(default_factory=dict, init=False)
    _bitmaps: dict[str, Mask | None] = field(default_factory=dict, init=False)

    def glyph(self, face: Face, character: str) -> Mask:
        """One character, cut tight: ``(GLYPH_HEIGHT_PX, W)``.

        Characters no plate font has (Chinese, Hangul, kana, Thai, Arabic) come from faces of
        their own.

        Raises:
            ConfigError: the font's package is not installed.
        """
        face = _face_of(character, face)
        key = (face, character)
        if key not in self._glyphs:
            self._glyphs[key] = _to_height(_tight(self._draw(face, character)))
        return self._glyphs[key]

    def words(self, face: Face, words: str) -> Mask:
        """A line of text cut tight, for captions: ``(H, W)``.

        Raises:
            ConfigError: the font's package is not installed.
        """
        return _tight(self._draw(face, words))

    def bitmap(self, name: str) -> Mask | None:
        """A bitmap of the Chinese set, such as ``140_A``: ``(GLYPH_HEIGHT_PX, W)``, or None.

        Raises:
            ConfigError: `china_glyphs` is not such a folder.
        """
        if self.china_glyphs is None:
            return None
        if name not in self._bitmaps:
            self._bitmaps[name] = _read_bitmap(self.china_glyphs / "font_model", name)
        return self._bitmaps[name]

    def _draw(self, face: Face, text: str) -> Mask:
        if face not in self._fonts:
            self._fonts[face] = _open(face)
        font = self._fonts[face]
        left, top, right, bottom = font.getbbox(text)
        size = (max(1, int(right - left) + 2), max(1, int(bottom - top) + 2))
        image = Image.new("L", size)
        ImageDraw.Draw(image).text((1 - left, 1 - top), text, font=font, fill=255)
        return np.asarray(image)


def _face_of(character: str, face: Face) -> Face:
    """The face that has a character."""
    if ord(character) > 0x2E80:
        return CJK
    if "\u0600" <= character <= "\u06ff":
        return ARABIC
    if "\u0e00" <= character <= "\u0e7f":
        return THAI
    return face


def _open(face: Face) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.truetype(str(files(face.package) / face.file), _POINTS)
    except (ModuleNotFoundError, OSError) as error:
        msg = f"the font {face.file} of {face.package} is missing; install platestream[lab]"
        raise ConfigError(msg) from error
    if face.axes:
        font.set_variation_by_axes(list(face.axes))
    return font


def _read_bitmap(folder: Path, name: str) -> Mask | None:
    if not folder.is_dir():
        msg = f"{folder} is not a folder; Chinese glyphs are expected there as 140_X.jpg"
        raise ConfigError(msg)
    path = folder / f"{name}.jpg"
    if not path.exists():
        return None
    with Image.open(path) as image:
        ink = 255 - np.asarray(image.convert("L"))
    return _to_height(ink)


def _tight(mask: Mask) -> Mask:
    rows, columns = np.flatnonzero(mask.max(axis=1)), np.flatnonzero(mask.max(axis=0))
    if not rows.size:
        return mask
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _to_height(mask: Mask) -> Mask:
    width = max(2, round(mask.shape[1] * GLYPH_HEIGHT_PX / mask.shape[0]))
    return np.asarray(
        cv2.resize(mask, (width, GLYPH_HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8
    )
