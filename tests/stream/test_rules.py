"""Rules by name."""

from collections.abc import Sequence

import pytest

from platestream.core.errors import ConfigError
from platestream.core.types import Reading, ScoredReading
from platestream.stream.confidence import Calibration, least_certain
from platestream.stream.fusion import Fusion, ProductProbs, best_quality
from platestream.stream.policy import Budget, Past, record_breaking
from platestream.stream.recognizer import PlateRecognizer
from platestream.stream.registry import DEFAULT_FUSION, DEFAULT_POLICY, FUSIONS, POLICIES
from platestream.stream.rules import make_rule


def test_paper_is_exactly_algorithm_1() -> None:
    rule = make_rule("paper")
    assert rule.policy is record_breaking
    assert rule.fuse is best_quality
    assert rule.read_at_end == 0


def test_others_take_the_product_unless_told() -> None:
    assert isinstance(make_rule("worthwhile").fuse, ProductProbs)
    assert make_rule("worthwhile", "best").fuse is best_quality
    assert make_rule("paper", "product").fuse is make_rule("worthwhile").fuse


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("fusion", FUSIONS)
def test_every_pair_makes_a_rule(policy: str, fusion: str) -> None:
    assert make_rule(policy, fusion).fuse is FUSIONS[fusion]


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no policy 'papr'; did you mean paper"):
        make_rule("papr")
    with pytest.raises(ConfigError, match="no fusion 'none'; choose one of best"):
        make_rule("paper", "none")


@pytest.mark.parametrize("reads_per_s", [0.0, -1.0, float("nan")])
def test_a_budget_of_nothing_is_refused(reads_per_s: float) -> None:
    with pytest.raises(ConfigError, match="give more than 0"):
        make_rule("paper", reads_per_s=reads_per_s)


def test_each_heart_has_a_budget_of_its_own() -> None:
    rule = make_rule(DEFAULT_POLICY, reads_per_s=2.0)
    hearts = [rule.recognizer(lambda _: 0.5, lambda _: None) for _ in range(2)]  # type: ignore[arg-type, return-value]
    one, other = (heart._policy for heart in hearts)
    assert isinstance(one, Budget)
    assert one is not other


def test_a_confidence_fitted_for_one_fusion_is_for_that_one() -> None:
    def heart(fusion: str | Fusion) -> PlateRecognizer:
        return make_rule("paper", fusion).recognizer(lambda _: 0.5, lambda _: None, calibration)  # type: ignore[arg-type, return-value]

    calibration = Calibration(0.0, (0.0,) * 6, "consensus")
    assert heart("consensus")._confidence is calibration
    assert heart("product")._confidence is least_certain
    # The same fusion under no name: nobody can know that it is the same.
    assert heart(FUSIONS["consensus"])._confidence is least_certain


def test_a_confidence_of_your_own_is_taken_as_it_is() -> None:
    def confidence(*_: object) -> float:
        return 0.123

    heart = make_rule("paper").recognizer(lambda _: 0.5, lambda _: None, confidence)  # type: ignore[arg-type, return-value]
    assert heart._confidence is confidence


def test_policy_and_fusion_may_be_your_own() -> None:
    def seldom(_quality: float, past: Past, /) -> bool:
        return past.num_frames % 100 == 0

    def first(readings: Sequence[ScoredReading], /) -> Reading:
        return readings[0].reading

    rule = make_rule(seldom, first)
    assert (rule.policy, rule.fuse, rule.fusion) == (seldom, first, "")
    assert make_rule(seldom).fusion == DEFAULT_FUSION


def test_a_rule_reads_on_where_somebody_wants_more() -> None:
    for name in ("sparing", "in-doubt", "stacking"):
        rule = make_rule(name).reading_until(0.99)
        assert rule.policy.confidence == 0.99  # type: ignore[attr-defined]
        assert rule.reading_until(0.5) == rule
    assert make_rule("paper").reading_until(0.99) == make_rule("paper")
