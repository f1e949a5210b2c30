"""Rules by name."""

import pytest

from platestream.core.errors import ConfigError
from platestream.stream.fusion import ProductProbs, best_quality
from platestream.stream.policy import Worthwhile, record_breaking
from platestream.stream.rules import FUSIONS, POLICIES, make_rule


def test_paper_is_exactly_algorithm_1() -> None:
    rule = make_rule("paper")
    assert rule.policy is record_breaking
    assert rule.fuse is best_quality
    assert rule.read_at_end == 0


def test_others_multiply_unless_told() -> None:
    assert isinstance(make_rule("worthwhile").fuse, ProductProbs)
    assert make_rule("worthwhile", "best").fuse is best_quality
    assert isinstance(make_rule("paper", "product").fuse, ProductProbs)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("fusion", FUSIONS)
def test_every_pair_makes_a_rule(policy: str, fusion: str) -> None:
    assert make_rule(policy, fusion).fuse is FUSIONS[fusion]


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no policy 'none'; choose one of paper"):
        make_rule("none")
    with pytest.raises(ConfigError, match="no fusion 'none'; choose one of best"):
        make_rule("paper", "none")


def test_worthwhile_asks_for_a_gain() -> None:
    assert 0 < Worthwhile().min_gain < 1
