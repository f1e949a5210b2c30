"""How sure a plate must be, so that few strangers are taken for somebody known.

A stranger here has a plate that differs from a known one by one character, any character at any
place: the worst that a gate meets by chance. ``python bench/wrong_opens.py`` measures it.
"""

from platestream.core.errors import ConfigError

WRONG_OPENS: tuple[tuple[float, float], ...] = (
    (0.95, 6.6e-5),
    (0.97, 5.0e-5),
    (0.995, 2.0e-5),
    (0.998, 1.3e-5),
)
"""Confidence, and the most strangers who were named all the same: the upper end of a 95 % interval.

Of 940 passages, 900 of them semi-real, with `match_distance: 0`; the table stands in
docs/integrations.md. Ascending.
"""


def confidence_for(share: float) -> float:
    """The least measured confidence that takes so few strangers for somebody known.

    Raises:
        ConfigError: nothing that was measured is so good.
    """
    for confidence, measured in WRONG_OPENS:
        if measured <= share:
            return confidence
    best = WRONG_OPENS[-1][1]
    msg = f"is {share:g}; the best that was measured is {best:g}: give that or more"
    raise ConfigError(msg)
