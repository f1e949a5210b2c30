"""The head of regions learns what can be told, and is as sure as it is right."""

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.core.origin import REGIONS
from platestream.lab.data.origins import origins_of_crop, origins_of_layout
from platestream.lab.train.region_pictures import Seen, drawn_pictures
from platestream.lab.train.regions import RegionConfig, fit, judge

BR, DE, FR = (REGIONS.index(code) for code in ("BR", "DE", "FR"))


def seen(num: int, flipped: float) -> Seen:
    """Two kinds of pictures, told apart by one of four numbers; some labels are wrong.

    BR is told by name. The others are from DE or FR, nobody knows which.
    """
    rng = np.random.default_rng(0)
    is_br = rng.random(num) < 0.5
    numbers = rng.normal(0, 1, (num, 4)).astype(np.float32)
    numbers[:, 0] += np.where(is_br, 3, -3)
    labelled_br = is_br ^ (rng.random(num) < flipped)
    origins = np.zeros((num, len(REGIONS)), bool)
    origins[labelled_br, BR] = True
    origins[~labelled_br, DE] = origins[~labelled_br, FR] = True
    groups = ["brazil" if each else "europe" for each in labelled_br]
    return Seen(numbers, origins, groups, np.arange(num) % 5 == 0)


QUICK = RegionConfig(num_steps=1000, batch_size=64, num_hidden=8, dropout=0.0)


def test_it_learns_what_can_be_told_and_says_how_sure() -> None:
    shown = seen(1500, flipped=0.2)
    head = fit(shown, QUICK)
    found = judge(shown, head)
    assert found["real_right"] == pytest.approx(0.8, abs=0.07)
    assert found["real_said"] <= 0.87  # of one region; DE and FR share theirs
    probs = np.exp(head.log_probs(np.array([[3, 0, 0, 0], [-3, 0, 0, 0]], np.float32)))
    assert probs[0, BR] > 0.7
    assert probs[1, DE] + probs[1, FR] > 0.7
    assert probs[0, 0] < 0.05


def test_the_same_seed_makes_the_same_head() -> None:
    shown = seen(200, flipped=0.1)
    one, other = fit(shown, QUICK), fit(shown, QUICK)
    assert one.hidden.tobytes() == other.hidden.tobytes()
    assert one.out.tobytes() == other.out.tobytes()


def test_without_held_out_pictures_nothing_is_fitted() -> None:
    shown = seen(40, flipped=0)
    with pytest.raises(DataError, match="to judge by"):
        fit(Seen(shown.seen, shown.origins, shown.groups, np.zeros(40, bool)), QUICK)


@pytest.mark.parametrize(
    ("set_name", "text", "origins"),
    [
        ("brazil", "ABC1234", {"BR"}),
        ("us_states", "FUW999", {"US"}),
        ("us_states", "1AA4679", {"US"}),
        ("us_states", "7ABC123", {"US-CA"}),
        ("europe_variety", "1234ABC", {"ES"}),
        ("world_ocr", "LR33TEE", {"GB", "RO"}),
        ("world_ocr", "ABC123", set()),
        ("world_ocr", "AB123CD", set()),
        ("some set of yours", "LR33TEE", set()),
    ],
)
def test_where_the_plates_of_a_set_are_from(set_name: str, text: str, origins: set[str]) -> None:
    assert origins_of_crop(set_name, text) == origins


@pytest.mark.parametrize(
    ("layout", "origins"),
    [("d_marked", {"DE"}), ("srb", {"RS"}), ("cn_blue", {"CN"}), ("us_stacked", {"US"}),
     ("th", {"TH"}), ("arabic", {""}), ("any_two_row", {""})],
)  # fmt: skip
def test_where_drawn_plates_are_from(layout: str, origins: set[str]) -> None:
    assert origins_of_layout(layout) == origins
    assert {"IT", "GB", "SE"} <= origins_of_layout("eu_moto_two_row")


def test_drawn_pictures_hold_a_tenth_out() -> None:
    from platestream.lab.render.layouts import LAYOUTS

    shown = [each for each, _ in zip(drawn_pictures(10, 2, 1, None), range(40), strict=False)]
    assert [each.group for each in shown[:20]] == [f"drawn {LAYOUTS[0].name}"] * 20
    assert [each.is_held_out for each in shown[:20]] == [False] * 18 + [True] * 2
    assert shown[0].rgb.shape != shown[20].rgb.shape
