"""Read again while there is doubt: a bad first look must not be the last one.

A first crop may be half a plate, sharp and wrongly read, and no later crop better by a margin.
"""

from dataclasses import dataclass

from platestream.stream.policy import SURE, Past

_SLACK_S = 1e-6
"""Times are sums of floats: a frame that is due must not come too early by a rounding."""


@dataclass(frozen=True, slots=True)
class WhileInDoubt:
    """Read what is far better than all that was read; in doubt also after a pause that grows.

    Neighbouring crops show the same blur, so a new look waits for `pause_s`: seconds and not crops,
    as somebody at a gate waits no longer because the camera gives fewer frames. Each further one
    waits longer, as one more look at what could not be read so often brings little; the longest
    wait bounds what a parked car costs, and still lets it be read when the light changes.

    Attributes:
        margin: By which quality must rise to be read at once.
        pause_s: What passes before the second look.
        growth: Each further pause is so many times as long.
        longest_s: The longest pause.
        fair: A crop is worth a look when it has so much of the best quality so far.
        confidence: From which on there is no doubt.
    """

    margin: float = 0.25
    pause_s: float = 0.32
    growth: float = 1.6
    longest_s: float = 20.0
    fair: float = 0.9
    confidence: float = SURE

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Ask how long ago the last look was."""
        if past.confidence >= self.confidence:
            return False
        if quality > past.best_read_quality + self.margin:
            return True
        pause_s = min(self.longest_s, self.pause_s * self.growth ** min(20, past.num_read - 1))
        waited_s = past.now_s - past.last_read_s
        return waited_s + _SLACK_S >= pause_s and quality >= self.fair * past.best_quality
