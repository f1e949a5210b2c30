"""Plates of a country that is none, for a reader to be taught."""

from platestream.lab.render.parts import ON_WHITE, ON_YELLOW, PlateLayout, Slot

KZQ = PlateLayout(
    "made_up", (520, 110), ("(KZQ) ddd aa", "(KZQ) dd aaa"), (Slot((0.05, 0.16, 0.95, 0.84)),),
    (ON_WHITE, ON_YELLOW),
)  # fmt: skip
"""Its letters stand on them, large, and are no part of the text.

No reader can know that, so one that is taught it is better by a wide margin, whatever ships.
"""
