"""A head beside the characters: the file computes it, and reads as before to the last bit."""

from functools import cache

import numpy as np
import onnx
import pytest

from platestream.core.errors import ModelContractError
from platestream.core.origin import REGIONS
from platestream.lab.region_head import OUTPUT, RegionHead, seeing, with_head, without_head
from platestream.models.cards import load_card
from platestream.models.reader import REGIONS_KEY, OnnxReader
from platestream.models.session import open_session

PATCHES = np.random.default_rng(1).integers(0, 256, (5, 32, 128, 3), np.uint8)


@cache
def shipped() -> bytes:
    return load_card("reader-nano").read_weights()


@cache
def head() -> RegionHead:
    """One that is nothing but chance, with numbers as large as learned ones."""
    rng, size = np.random.default_rng(2), _num_seen()
    hidden, out = rng.normal(0, 0.05, (size, 16)), rng.normal(0, 1, (16, len(REGIONS)))
    halves = out.astype(np.float16).astype(np.float32)
    zeros = np.zeros(len(REGIONS), np.float32)
    return RegionHead(hidden.astype(np.float32), zeros[:16], halves, zeros).in_integers()


def _num_seen() -> int:
    return int(open_session(seeing(shipped())).run(None, {"rgb": PATCHES[:1]})[1].shape[1])


@pytest.mark.parametrize("num", [1, 5])
def test_readings_do_not_change_by_a_bit(num: int) -> None:
    plain, headed = (
        open_session(without_head(shipped())),
        open_session(with_head(shipped(), head())),
    )
    before = plain.run(None, {"rgb": PATCHES[:num]})
    after = headed.run(None, {"rgb": PATCHES[:num]})
    assert len(before) == 1
    assert after[0].tobytes() == before[0].tobytes()


def test_the_reader_s_own_weights_stay_as_they_are() -> None:
    before = onnx.load_from_string(without_head(shipped())).graph
    after = onnx.load_from_string(with_head(shipped(), head())).graph
    known = {tensor.name: tensor.SerializeToString() for tensor in after.initializer}
    assert all(known[t.name] == t.SerializeToString() for t in before.initializer)
    assert [n.SerializeToString() for n in after.node[: len(before.node)]] == [
        n.SerializeToString() for n in before.node
    ]


def test_the_file_computes_what_the_head_does() -> None:
    seen = open_session(seeing(shipped())).run(None, {"rgb": PATCHES})[1]
    found = open_session(with_head(shipped(), head())).run(None, {"rgb": PATCHES})[1]
    np.testing.assert_allclose(found, head().log_probs(seen), atol=0.02)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, atol=1e-4)


def test_a_head_takes_the_place_of_another_and_comes_off_again() -> None:
    once = with_head(shipped(), head())
    assert with_head(once, head()) == once
    assert without_head(once) == without_head(shipped())
    assert REGIONS_KEY not in {
        p.key for p in onnx.load_from_string(without_head(once)).metadata_props
    }


def test_a_reader_tells_what_its_head_says() -> None:
    weights, crop = with_head(shipped(), head()), PATCHES[0]
    alphabet = load_card("reader-nano").alphabet
    (found,) = open_session(weights).run([OUTPUT], {"rgb": PATCHES[:1]})
    reading = OnnxReader(weights, alphabet=alphabet)(crop)
    np.testing.assert_array_equal(reading.region_log_probs, found[0])
    assert OnnxReader(without_head(weights), alphabet=alphabet)(crop).region_log_probs is None


def test_the_file_s_own_list_says_which_regions_they_are() -> None:
    model = onnx.load_from_string(with_head(shipped(), head()))
    (listed,) = (each for each in model.metadata_props if each.key == REGIONS_KEY)
    turned = [*reversed(REGIONS)]
    listed.value = ",".join(turned)
    alphabet = load_card("reader-nano").alphabet
    reading = OnnxReader(model.SerializeToString(), alphabet=alphabet)(PATCHES[0])
    plain = OnnxReader(with_head(shipped(), head()), alphabet=alphabet)(PATCHES[0])
    assert reading.region_log_probs is not None
    assert plain.region_log_probs is not None
    np.testing.assert_array_equal(reading.region_log_probs, plain.region_log_probs[::-1])
    listed.value = ",".join([*REGIONS[:-1], "XX"])
    with pytest.raises(ModelContractError, match="update platestream"):
        OnnxReader(model.SerializeToString(), alphabet=alphabet)


def test_a_network_without_such_a_trunk_gets_none() -> None:
    with pytest.raises(ModelContractError, match="trunk of five groups"):
        with_head(load_card("quality-nano").read_weights(), head())
