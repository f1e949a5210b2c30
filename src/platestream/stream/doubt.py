"""Read again while there is doubt: a bad first look must not be the last one.

A first crop may be half a plate, sharp and wrongly read, and no later crop better by a margin.
"""

from dataclasses import dataclass

from platestream.stream.policy import SURE, Past


@dataclass(frozen=True, slots=True)
class WhileInDoubt:
    """Read what is far better than all that was read; in doubt also after a pause that grows.

    Neighbouring crops show the same blur, so a new look waits for `pause` crops. Each further one
    waits longer, as one more look at what could not be read so often brings little; the longest
    wait bounds what a parked car costs, and still lets it be read when the light changes.

    Attributes:
        margin: By which quality must rise to be read at once.
        pause: Crops that pass before the second look.
        growth: Each further pause is so many times as long.
        longest: Crops of the longest pause.
        fair: A crop is worth a look when it has so much of the best quality so far.
        confidence: From which on there is no doubt.
    """

    margin: float = 0.25
    pause: float = 8.0
    growth: float = 1.6
    longest: float = 250.0
    fair: float = 0.9
    confidence: float = SURE

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Ask how long ago the last look was."""
        if past.confidence >= self.confidence:
            return False
        if quality > past.best_read_quality + self.margin:
            return True
        pause = min(self.longest, self.pause * self.growth ** min(20, past.num_read - 1))
        return past.num_since_read >= pause and quality >= self.fair * past.best_quality
