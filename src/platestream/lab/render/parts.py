"""What plates are made of: the parts that `layouts` declares and `plate` draws.

Boxes are ``(left, top, right, bottom)`` as fractions of the plate.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from platestream.core.alphabet import LATIN

Box: TypeAlias = tuple[float, float, float, float]
Colour: TypeAlias = tuple[int, int, int]

WHITE: Colour = (232, 233, 230)
BLACK: Colour = (24, 24, 28)
SILVER: Colour = (176, 178, 176)
YELLOW: Colour = (246, 196, 28)
RED: Colour = (178, 28, 34)
BLUE: Colour = (20, 52, 150)
NAVY: Colour = (28, 38, 104)
GREEN: Colour = (20, 104, 60)
EU_BLUE: Colour = (16, 52, 158)

ON_WHITE = (WHITE, BLACK)
ON_YELLOW = (YELLOW, BLACK)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one run of characters goes.

    Attributes:
        box: They are as high as this and spread over its width.
        cells: Every character gets a cell of one width, as on Chinese or Brazilian plates.
        stacked: They stand above each other, as the small letters of US plates.
        letter_scale: Height of letters relative to digits (Russia).
        bitmaps: Which set of the Chinese bitmaps fits this slot; empty for none.
    """

    box: Box
    cells: bool = False
    stacked: bool = False
    letter_scale: float = 1.0
    bitmaps: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A coloured strip, such as the blue one of European plates.

    Attributes:
        box: Where.
        colours: One is picked.
        words: One is written at its bottom (a country's letters); empty for none.
        stars: Draw the ring of stars, or a small flag, at its top.
        chance: How often it is there.
        ink: Colour of the words.
    """

    box: Box
    colours: tuple[Colour, ...]
    words: tuple[str, ...] = ()
    stars: bool = True
    chance: float = 1.0
    ink: Colour = (235, 235, 235)


@dataclass(frozen=True, slots=True)
class Caption:
    """Small words that are no part of the plate's text: a city, a state, a slogan.

    Attributes:
        box: Where they are centred.
        words: One is picked; empty to make words up.
        inks: One is picked; empty for the ink of the characters.
        chance: How often it is there.
    """

    box: Box
    words: tuple[str, ...] = ()
    inks: tuple[Colour, ...] = ()
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Emblem:
    """A picture that is no part of the plate's text.

    Attributes:
        box: Where.
        is_crest: A coat of arms; else any picture.
        chance: How often it is there.
    """

    box: Box
    is_crest: bool = False
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """One kind of plate.

    Attributes:
        name: Of the kind, such as ``br_old``.
        size_mm: Width and height.
        patterns: What may stand on it, see `strings`; one part a slot, split at ``|``.
        slots: Where these parts go.
        colours: Pairs of paper and ink; one is picked.
        weight: How often it is drawn, relative to the others.
        letters: Those in use.
        family: Of fonts, a key of `fonts.FAMILIES`.
        paper: What is behind the characters; ``scene`` is the picture of a US plate.
        bands: Coloured strips.
        emblems: Pictures.
        captions: Small words.
        border: How often a line runs around it in the colour of the ink.
        frame: How often it sits in a holder that may have words on it.
    """

    name: str
    size_mm: tuple[int, int]
    patterns: tuple[str, ...]
    slots: tuple[Slot, ...]
    colours: tuple[tuple[Colour, Colour], ...]
    weight: float = 1.0
    letters: str = LATIN
    family: str = "din"
    paper: Literal["plain", "fade", "scene"] = "plain"
    bands: tuple[Band, ...] = ()
    emblems: tuple[Emblem, ...] = ()
    captions: tuple[Caption, ...] = ()
    border: float = 0.5
    frame: float = 0.3

    @property
    def is_two_row(self) -> bool:
        """Whether some of its characters stand below others; letters stacked in a row do not."""
        return any(a.box[3] <= b.box[1] for a in self.slots for b in self.slots)
