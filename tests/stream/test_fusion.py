"""How readings combine: worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS, encode
from platestream.core.errors import ShapeError
from platestream.core.types import Reading, ScoredReading
from platestream.stream.agreement import agreeing, cluster
from platestream.stream.fusion import (
    FLOOR,
    VOTE,
    CharacterVote,
    Consensus,
    Fusion,
    MeanProbs,
    ProductProbs,
    StringVote,
    best_quality,
    by_trust,
    equally,
)


def by_quality(scored: ScoredReading) -> float:
    """A weight of one's own."""
    return scored.quality


ALL: list[Fusion] = [
    best_quality,
    *(kind(weigh) for kind in (StringVote, CharacterVote, MeanProbs, ProductProbs, Consensus)
      for weigh in (equally, by_quality, by_trust)),
]  # fmt: skip


def scored(text: str, quality: float, sure: float = 0.9, **doubts: float) -> ScoredReading:
    """A reading with probability `sure` at each character; the rest is spread evenly.

    A doubt such as ``s1_B=0.4`` gives character 1 to B with 0.4 instead of to all others.
    """
    probs = np.full((NUM_STEPS, NUM_CLASSES), (1 - sure) / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = sure
    for place, share in doubts.items():
        step, character = int(place[1]), place[-1]
        probs[step] = 1e-6
        probs[step, CHARACTERS.index(character) + 1] = share
        probs[step, encode(text)[step]] = 1 - share
    return ScoredReading(Reading.from_probs(probs), quality)


@pytest.mark.parametrize("fuse", ALL)
def test_one_reading_stays_what_it_is(fuse: Fusion) -> None:
    assert fuse([scored("AB123", 0.5)]).text == "AB123"


@pytest.mark.parametrize("fuse", ALL)
def test_worthless_readings_still_give_a_plate(fuse: Fusion) -> None:
    assert fuse([scored("AB123", 0.0, 0.2), scored("AB123", 0.0, 0.2)]).text == "AB123"


def test_the_best_quality_wins_alone() -> None:
    readings = [scored("AAA", 0.2), scored("BBB", 0.9), scored("CCC", 0.9)]
    assert best_quality(readings).text == "BBB"


def test_votes_for_strings() -> None:
    readings = [scored("AAA", 0.9), scored("BBB", 0.4), scored("BBB", 0.3)]
    assert StringVote()(readings).text == "BBB"
    assert StringVote(by_quality)(readings).text == "AAA"
    # In the words of the weightiest voter.
    assert StringVote(by_quality)([readings[1], scored("BBB", 0.8, 0.7)]).score == pytest.approx(
        0.7, abs=1e-3
    )


def test_votes_for_characters_find_a_plate_nobody_read() -> None:
    readings = [scored("AB1X", 0.5), scored("AB2Y", 0.5), scored("AC1Y", 0.5)]
    fused = CharacterVote()(readings)
    assert fused.text == "AB1Y"
    assert fused.score == pytest.approx(2 / 3, abs=1e-5)


def test_mean_and_product_by_hand() -> None:
    # Two readers doubt B and 8 the other way round, one far more than the other.
    one, other = scored("AB1", 0.5, s1_8=0.45), scored("A81", 0.5, s1_B=0.1)
    mean = MeanProbs()([one, other])
    assert mean.text == "A81"
    assert mean.char_probs[1].max() == pytest.approx((0.45 + 0.9) / 2, abs=1e-4)
    product = ProductProbs()([one, other])
    expected = 0.45 * 0.9 / (0.45 * 0.9 + 0.55 * 0.1)
    assert product.char_probs[1].max() == pytest.approx(expected, abs=1e-2)


def test_a_consensus_is_a_plate_that_somebody_read() -> None:
    # Each is sure of what the other doubts: the product takes the best of both.
    readings = [scored("AB1CDE", 0.5, s2_7=0.45), scored("A87CDE", 0.5, s1_B=0.45)]
    product, fused = ProductProbs()(readings), Consensus()(readings)
    assert product.text == "AB7CDE"
    assert fused.text == "AB1CDE"
    np.testing.assert_array_equal(fused.char_probs, product.char_probs)
    assert fused.score == pytest.approx(float(product.char_probs[2, encode("AB1CDE")[2]]))


def test_two_that_agree_outweigh_one_that_is_a_little_surer() -> None:
    sure, unsure = scored("AB1", 0.5, s1_8=0.2), scored("A81", 0.5, s1_B=0.45)
    gap = np.log(0.8 / 0.2) - 2 * np.log(0.55 / 0.45)
    assert 0 < gap < VOTE
    assert ProductProbs()([sure, unsure, unsure]).text == "AB1"
    assert Consensus()([sure, unsure, unsure]).text == "A81"
    assert Consensus()([sure, unsure]).text == "AB1"


def test_weights_are_exponents() -> None:
    one, other = scored("AB1", 1.0, s1_8=0.2), scored("A81", 0.5, s1_B=0.3)
    fused = ProductProbs(by_quality)([one, other])
    odds = (0.8 / 0.2) * (0.3 / 0.7) ** 0.5
    assert fused.text == "AB1"
    assert fused.char_probs[1].max() == pytest.approx(odds / (1 + odds), abs=1e-2)


def test_one_sure_mistake_is_no_veto() -> None:
    right = [scored("AB1", 0.5, 0.8) for _ in range(3)]
    wrong = scored("A81", 0.5, 1 - 1e-6)
    assert ProductProbs()([*right, wrong]).text == "AB1"
    assert np.log(0.8 / 0.0026) * 3 > -np.log(FLOOR)


def test_a_foreign_reading_does_not_poison_the_plate() -> None:
    readings = [scored("AB123", 0.4, s1_8=0.4), scored("AB123", 0.4), scored("XYZ98", 0.9)]
    for fuse in (CharacterVote(), MeanProbs(), ProductProbs()):
        assert fuse(readings).text == "AB123"


def test_another_length_is_left_out() -> None:
    readings = [scored("AB123", 0.4), scored("AB12", 0.3), scored("AB128", 0.3, s4_3=0.45)]
    assert MeanProbs()(readings).text == "AB123"


def test_readings_of_two_readers_are_refused() -> None:
    small = Reading("A", np.full((3, 4), 0.25, np.float32), 0.25)
    with pytest.raises(ShapeError, match="one reader a stream"):
        MeanProbs()([scored("AB1", 0.5), ScoredReading(small, 0.5)])


def test_clusters_by_hand() -> None:
    texts = ["AB123", "XYZ98", "AB128", "AB12", "XYZ9"]
    assert cluster(texts, [1.0, 2.0, 1.0, 1.0, 0.5]) == [[0, 2, 3], [1, 4]]
    assert agreeing(texts, [1.0, 2.0, 1.0, 1.0, 0.5]) == [0, 2]
    assert agreeing(texts, [1.0, 9.0, 1.0, 1.0, 0.5]) == [1]


plates = st.text("AB12", min_size=1, max_size=5)


@given(st.lists(st.tuples(plates, st.floats(0.01, 1)), min_size=1, max_size=6), st.randoms())
def test_order_matters_to_no_product(items: list[tuple[str, float]], random: object) -> None:
    readings = [scored(text, quality) for text, quality in items]
    shuffled = list(readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    weights = {}
    for text, quality in items:
        weights[text] = weights.get(text, 0) + quality
    if len({quality for _, quality in items}) == len(items):  # ties may fall either way
        one, other = (ProductProbs(by_quality)(order) for order in (readings, shuffled))
        assert one.text == other.text
        np.testing.assert_allclose(one.char_probs, other.char_probs, atol=1e-4)


@given(st.lists(st.tuples(plates, st.floats(0, 1)), min_size=1, max_size=6))
def test_what_is_fused_is_a_distribution(items: list[tuple[str, float]]) -> None:
    readings = [scored(text, quality) for text, quality in items]
    for fuse in ALL:
        sums = fuse(readings).char_probs.sum(axis=1)
        np.testing.assert_allclose(sums, 1, atol=1e-3)
