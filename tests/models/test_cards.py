"""Cards agree with their weight files, and say so when they do not."""

import json
from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import CHARACTERS
from platestream.core.errors import ChecksumMismatch, ModelContractError, WeightsNotFound
from platestream.lab.render.bank import build_bank
from platestream.models.bundle import load_detector, load_networks
from platestream.models.cards import WEIGHTS_DIR, ModelCard, list_models, load_card, sha256
from platestream.models.reader import OnnxReader
from platestream.models.registry import ARCHITECTURES


def make_card(folder: Path, weights: bytes) -> ModelCard:
    card = ModelCard(
        name="toy",
        kind="quality",
        summary="a toy",
        input="patches",
        output="quality",
        trained_on=("rendered",),
        measured="by nobody",
        metrics={"accuracy": 0.5},
        num_parameters=1,
        num_macs=2,
        run={"seed": 0},
        sha256=sha256(weights),
        date="2026-01-01",
        folder=folder,
    )
    card.path.write_bytes(weights)
    card.save()
    return card


def test_a_card_reads_back_as_it_was_written(tmp_path: Path) -> None:
    card = make_card(tmp_path, b"weights")
    assert load_card("toy", tmp_path) == card
    assert card.read_weights() == b"weights"
    assert list_models(tmp_path) == ["toy"]


def test_a_flipped_byte_is_found(tmp_path: Path) -> None:
    card = make_card(tmp_path, b"weights")
    card.path.write_bytes(b"weighTs")
    with pytest.raises(ChecksumMismatch, match=r"toy\.onnx is damaged"):
        card.read_weights()


def test_a_missing_file_and_a_missing_model(tmp_path: Path) -> None:
    card = make_card(tmp_path, b"weights")
    card.path.unlink()
    with pytest.raises(WeightsNotFound, match=r"toy\.onnx is missing"):
        card.read_weights()
    with pytest.raises(WeightsNotFound, match="choose one of toy"):
        load_card("other", tmp_path)


def test_a_broken_card(tmp_path: Path) -> None:
    make_card(tmp_path, b"weights")
    (tmp_path / "toy.json").write_text(json.dumps({"name": "toy"}))
    with pytest.raises(ModelContractError, match=r"toy\.json is not a model card"):
        load_card("toy", tmp_path)


@pytest.mark.parametrize("name", list_models())
def test_every_shipped_card_tells_what_a_user_must_know(name: str) -> None:
    card = load_card(name)
    assert card.name == name
    assert card.kind in ("detector", "corners", "reader", "quality")
    assert card.trained_on
    assert "uint8 RGB" in card.input
    assert card.metrics
    # What was trained before a letter was added knows the first of them.
    assert CHARACTERS.startswith(card.alphabet)
    assert bool(card.alphabet) == (card.kind == "reader")
    assert sha256(card.path.read_bytes()) == card.sha256


def test_every_weight_file_has_a_card() -> None:
    assert sorted(path.stem for path in WEIGHTS_DIR.glob("*.onnx")) == list_models()
    used = {name for of in ARCHITECTURES.values() for name in (of.reader, of.quality)} | {
        "detector",
        "corners",
    }
    assert used == set(list_models())


@pytest.mark.parametrize("arch", sorted(ARCHITECTURES))
def test_every_architecture_loads_and_gives_sane_values(arch: str) -> None:
    networks = load_networks(arch)
    # Plates, not noise: of a batch the integers' ranges are shared, which decides what noise says.
    crops = build_bank(3, seed=0).images
    read = OnnxReader(load_card(ARCHITECTURES[arch].reader).read_weights())
    readings = read.read_batch(crops)
    assert [read(crop).text for crop in crops] == [r.text for r in readings]
    for crop in crops:
        np.testing.assert_allclose(networks.read(crop).char_probs.sum(axis=1), 1, atol=1e-4)
    for reading in readings:
        np.testing.assert_allclose(reading.char_probs.sum(axis=1), 1, atol=1e-4)
    qualities = networks.score.score_batch(crops)
    np.testing.assert_allclose([networks.score(crop) for crop in crops], qualities, atol=1e-4)


def test_the_detector_finds_nothing_on_a_blank_frame() -> None:
    assert load_detector().detect(np.full((360, 640, 3), 114, np.uint8)) == []
