"""Corners of the plate in a crop, and when a second look is taken."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS, encode
from platestream.core.errors import ModelContractError
from platestream.core.types import Quad, Reading, Rgb
from platestream.models.bundle import load_corner_finder
from platestream.models.upright import MARGINS, SURE_SCORE, CornerFinder, SecondLook


def network(corners: list[float]) -> bytes:
    """Gives these corners, whatever it sees."""
    answer = numpy_helper.from_array(np.array([corners], np.float32), "answer")
    nodes = [
        helper.make_node("ReduceMax", ["rgb"], ["max"], keepdims=0),
        helper.make_node("Cast", ["max"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["number", "zero"], ["nothing"]),
        helper.make_node("Add", ["answer", "nothing"], ["corners"]),
    ]
    zero = numpy_helper.from_array(np.array(0, np.float32), "zero")
    rgb = helper.make_tensor_value_info("rgb", TensorProto.UINT8, [1, 32, 128, 3])
    out = helper.make_tensor_value_info("corners", TensorProto.FLOAT, [1, len(corners)])
    graph = helper.make_graph(nodes, "corners", [rgb], [out], [answer, zero])
    opset = [helper.make_opsetid("", 18)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())


def reading(text: str, score: float) -> Reading:
    probs = np.full((NUM_STEPS, NUM_CLASSES), (1 - score) / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = score
    return Reading.from_probs(probs)


def test_shares_become_pixels() -> None:
    find = CornerFinder(network([0.1, 0.2, 0.9, 0.3, 0.9, 0.8, 0.1, 0.7]))
    quad = find(np.zeros((50, 200, 3), np.uint8))
    assert quad is not None
    wanted = [(20, 10), (180, 15), (180, 40), (20, 35)]
    np.testing.assert_allclose(np.array(quad), wanted, atol=1e-3)


def test_the_plate_is_cut_out_upright() -> None:
    crop = np.zeros((60, 200, 3), np.uint8)
    corners = np.array([(20, 5), (180, 25), (180, 55), (20, 35)], np.int32)
    cv2.fillPoly(crop, [corners], (255, 255, 255))
    shares = (corners / (200, 60)).ravel().tolist()
    upright = CornerFinder(network(shares)).upright(crop)
    assert upright is not None
    # A tenth wider and higher than the plate, which is white and fills the rest.
    height, width = upright.shape[:2]
    assert (height, width) == (33, round(1.1 * np.hypot(160, 20)))
    assert upright[4:-4, 14:-14].min() > 240
    assert upright[0].max() < 60


@pytest.mark.parametrize(
    "corners",
    [
        [0.4, 0.1, 0.6, 0.1, 0.6, 0.9, 0.4, 0.9],  # too narrow
        [0.1, 0.4, 0.9, 0.4, 0.9, 0.6, 0.1, 0.6],  # too low
        [0.9, 0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9],  # left is right
    ],
)
def test_corners_that_make_no_plate_are_none(corners: list[float]) -> None:
    find = CornerFinder(network(corners))
    assert find(np.zeros((50, 200, 3), np.uint8)) is None
    assert find.upright(np.zeros((50, 200, 3), np.uint8)) is None


def test_what_is_left_of_a_tiny_crop_is_not_read() -> None:
    # Found seven tenths high: three of four pixels.
    find = CornerFinder(network([0.05, 0.15, 0.95, 0.15, 0.95, 0.85, 0.05, 0.85]))
    assert find.upright(np.zeros((4, 30, 3), np.uint8)) is None
    assert find.upright(np.zeros((8, 30, 3), np.uint8)) is not None


@pytest.mark.parametrize("corners", [[0.0] * 6, [float("nan")] * 8])
def test_another_network_is_refused(corners: list[float]) -> None:
    with pytest.raises(ModelContractError, match="corner network gave"):
        CornerFinder(network(corners))(np.zeros((50, 200, 3), np.uint8))


class Looks:
    """A reader that says what it is told: of the crop first, then of each look at it upright."""

    def __init__(self, *readings: Reading, alphabet: str = CHARACTERS) -> None:
        self._readings, self._alphabet = list(readings), alphabet
        self.sizes: list[tuple[int, ...]] = []

    def __call__(self, rgb: Rgb) -> Reading:
        return self.read_batch([rgb])[0]

    def can_say(self, text: str) -> bool:
        return bool(text) and set(text) <= set(self._alphabet)

    def read_batch(self, crops: Sequence[Rgb]) -> list[Reading]:
        self.sizes += [crop.shape[:2] for crop in crops]
        return [self._readings.pop(0) for _ in crops]


CROP = np.zeros((40, 120, 3), np.uint8)
QUAD: Quad = ((10.0, 10.0), (110.0, 10.0), (110.0, 30.0), (10.0, 30.0))


def say(
    looks: Looks, other: Looks | None = None, quad: Quad | None = QUAD, crop: Rgb = CROP
) -> Reading:
    return SecondLook(looks, other or Looks(), lambda _: quad)(crop)  # type: ignore[arg-type]


def test_a_sure_look_is_the_only_one() -> None:
    sure = reading("FIRST", SURE_SCORE + 0.01)
    looks = Looks(sure)
    assert say(looks) is sure
    assert looks.sizes == [(40, 120)]


def test_an_unsure_look_is_followed_by_both_readers_at_each_margin() -> None:
    looks = Looks(reading("AB12", 0.5), *[reading("AB13", 0.4)] * len(MARGINS))
    other = Looks(*[reading("AB12", 0.1)] * len(MARGINS))
    said = say(looks, other)
    assert looks.sizes == [(40, 120), *(upright_size(MARGINS[index]) for index in (1, 2, 0, 3))]
    assert other.sizes == [upright_size(margin) for margin in MARGINS]
    # By hand: 0.5 x 0.5 and 4 x 0.1 x 0.1 for 2 against 4 x 0.4 x 0.4 for 3, and little for each
    # from the others.
    assert said.text == "AB13"
    assert said.char_probs[3, encode("3")[0]] > said.char_probs[3, encode("2")[0]]


@pytest.mark.parametrize(
    ("glance", "num_own"),
    [
        ((("AB12", 0.8), ("AB12", 0.8)), 2),  # agreed
        ((("AB12", 0.8), ("AB13", 0.8)), 4),
        ((("AB12", 0.4), ("AB12", 0.4)), 4),  # agreed, and none of them sure
        ((("CD34", 0.1), ("EF56", 0.1)), 2),  # hopeless
        ((("CD34", 0.1), ("CD34", 0.1)), 4),  # little, and twice the same
        ((("CD34", 0.3), ("EF56", 0.3)), 4),
    ],
)
def test_two_more_looks_are_enough_where_others_would_say_no_other(
    glance: tuple[tuple[str, float], ...], num_own: int
) -> None:
    first = reading("AB12", 0.15 if glance[0][1] < 0.5 else 0.8)
    looks = Looks(first, *(reading(*look) for look in glance), *[reading("GH78", 0.12)] * 2)
    other = Looks(*[reading("AB12", 0.12)] * len(MARGINS))
    say(looks, other)
    assert len(looks.sizes) == 1 + num_own
    assert len(other.sizes) == (0 if num_own == 2 else 4)


def upright_size(margin: float) -> tuple[int, int]:
    return round(20 * (1 + margin)), round(100 * (1 + margin))


HIGH: Rgb = np.zeros((60, 120, 3), np.uint8)
HIGH_QUAD: Quad = ((10.0, 2.0), (110.0, 2.0), (110.0, 57.0), (10.0, 57.0))


def test_a_high_plate_is_read_side_by_side_at_first_where_that_is_surer() -> None:
    for whole, laid_out, said in (
        (("SIDE4", 0.95), ("SIDE1234", 0.99), "SIDE1234"),
        (("WHOLE12", 0.99), ("WHOLE1", 0.95), "WHOLE12"),
        (("ONEROW", 0.95), ("", 1.0), "ONEROW"),
    ):
        looks = Looks(reading(*whole), reading(*laid_out))
        assert say(looks, crop=np.zeros((80, 100, 3), np.uint8)).text == said
        assert looks.sizes[0] == (80, 100)
        assert looks.sizes[1][1] == 200


def test_a_plate_high_enough_for_two_rows_is_looked_at_side_by_side_too() -> None:
    first, upright = reading("AB12", 0.5), [reading("AB12", 0.3)] * 2
    laid_out = [reading("ABC1234", 0.8)] * len(MARGINS)
    looks = Looks(first, *upright, *laid_out[:1], *upright, *laid_out[1:])
    other = Looks(*[reading("AB12", 0.1)] * len(MARGINS))
    assert say(looks, other, HIGH_QUAD, HIGH).text == "ABC1234"
    widths = [width for _, width in looks.sizes]
    assert [widths[3], *widths[-3:]] == [2 * upright_size(MARGINS[i])[1] for i in (1, 2, 0, 3)]


def test_where_the_halves_of_a_plate_say_nothing_it_has_one_row() -> None:
    first, upright = reading("AB12", 0.5), [reading("AB12", 0.3)] * 2
    nothing = [reading("", 0.99)] * len(MARGINS)
    looks = Looks(first, *upright, *nothing[:1], *upright, *nothing[1:])
    other = Looks(*[reading("AB12", 0.1)] * len(MARGINS))
    assert say(looks, other, HIGH_QUAD, HIGH).text == "AB12"


@pytest.mark.parametrize("text", ["AÜ12", ""])
def test_another_reader_is_not_asked_what_it_cannot_say(text: str) -> None:
    looks = Looks(*[reading(text, 0.5)] * (1 + len(MARGINS)))
    other = Looks(alphabet="AU12")
    assert say(looks, other).text == text
    assert other.sizes == []


def test_another_reader_may_turn_the_scale() -> None:
    looks = [reading("AB12", 0.5), *[reading("AB13", 0.3), reading("AB12", 0.3)] * 2]
    assert say(Looks(*looks), Looks(*[reading("AB12", 0.3)] * 4)).text == "AB12"
    assert say(Looks(*looks), Looks(*[reading("AB13", 0.8)] * 4)).text == "AB13"


def test_one_sure_look_outweighs_doubtful_ones() -> None:
    looks = Looks(reading("AB12", 0.85), *[reading("AB13", 0.25)] * len(MARGINS))
    assert say(looks, Looks(*[reading("AB13", 0.25)] * len(MARGINS))).text == "AB12"


def test_without_corners_the_first_look_stands() -> None:
    looks = Looks(reading("AB12", 0.3))
    assert say(looks, quad=None).text == "AB12"
    assert looks.sizes == [(40, 120)]


def test_a_plate_too_small_to_read_is_not_looked_at_again() -> None:
    low: Quad = ((0.0, 0.0), (30.0, 0.0), (30.0, 4.0), (0.0, 4.0))
    looks = Looks(reading("AB12", 0.3), *[reading("AB13", 0.6)] * len(MARGINS))
    small = np.zeros((8, 30, 3), np.uint8)
    assert say(looks, Looks(*[reading("AB13", 0.6)] * len(MARGINS)), low, small).text == "AB13"
    sizes = [(round(4 * (1 + MARGINS[i])), round(30 * (1 + MARGINS[i]))) for i in (1, 2, 0, 3)]
    assert looks.sizes == [(8, 30), *sizes]
    tiny: Quad = ((0.0, 0.0), (30.0, 0.0), (30.0, 3.0), (0.0, 3.0))
    looks = Looks(reading("AB12", 0.3))
    assert say(looks, None, tiny, small).text == "AB12"
    assert looks.sizes == [(8, 30)]


@pytest.mark.parametrize("angle_deg", [-8, 0, 8])
def test_the_shipped_network_finds_the_corners_of_a_drawn_plate(angle_deg: float) -> None:
    from platestream.lab.render.bank import build_bank

    errors = []
    for drawn in build_bank(12, seed=3).images:
        height = round(160 * drawn.shape[0] / drawn.shape[1])
        plate = cv2.resize(drawn, (160, height), interpolation=cv2.INTER_AREA) // 10 * 8
        turn = cv2.getRotationMatrix2D((80, height / 2), angle_deg, 1.0)
        corners = np.array([(0, 0), (160, 0), (160, height), (0, height)], float)
        moved = corners @ turn[:, :2].T + turn[:, 2]
        low, high = moved.min(axis=0) - 8, moved.max(axis=0) + 8
        turn[:, 2] -= low
        size = np.ceil(high - low).astype(int).tolist()
        body = np.full((size[1], size[0], 3), 60, np.uint8)
        crop = cv2.warpAffine(plate, turn, size, dst=body, borderMode=cv2.BORDER_TRANSPARENT)
        quad = load_corner_finder()(np.asarray(crop, np.uint8))
        assert quad is not None
        distances = np.linalg.norm(np.array(quad) - (moved - low), axis=1)
        errors.append(distances.mean() / np.hypot(160, height))
    assert np.mean(errors) < 0.05


def test_no_weights_say_so(tmp_path: Path) -> None:
    from platestream.core.errors import WeightsNotFound

    with pytest.raises(WeightsNotFound):
        load_corner_finder(tmp_path)
