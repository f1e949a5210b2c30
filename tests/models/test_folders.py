"""A folder of somebody's own models: what it lacks comes from the package."""

import shutil
from pathlib import Path

import pytest

from platestream.core.errors import WeightsNotFound
from platestream.models.bundle import load_corner_finder, load_networks
from platestream.models.calibration import FILE
from platestream.models.cards import WEIGHTS_DIR, find_card
from platestream.stream.confidence import Calibration, least_certain


def own_reader(folder: Path) -> Path:
    for suffix in (".onnx", ".json"):
        shutil.copyfile(WEIGHTS_DIR / f"reader-nano{suffix}", folder / f"reader-nano{suffix}")
    return folder


def test_what_a_folder_lacks_comes_from_the_package(tmp_path: Path) -> None:
    own_reader(tmp_path)
    assert find_card("reader-nano", tmp_path).folder == tmp_path
    assert find_card("detector", tmp_path).folder == WEIGHTS_DIR
    assert find_card("reader-nano", None).folder == WEIGHTS_DIR
    load_corner_finder(tmp_path)
    with pytest.raises(WeightsNotFound, match="no model 'nothing'"):
        find_card("nothing", tmp_path)


def test_a_folder_without_models_is_no_folder_of_models(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match="no model cards"):
        load_networks(folder=tmp_path)


def test_a_reader_of_ones_own_is_not_as_sure_as_the_packages(tmp_path: Path) -> None:
    assert load_networks(folder=own_reader(tmp_path)).confidence is least_certain
    shutil.copyfile(WEIGHTS_DIR / FILE, tmp_path / FILE)
    assert isinstance(load_networks(folder=tmp_path).confidence, Calibration)
    (tmp_path / "reader-nano.json").unlink()
    shutil.copyfile(WEIGHTS_DIR / "corners.json", tmp_path / "corners.json")
    shutil.copyfile(WEIGHTS_DIR / "corners.onnx", tmp_path / "corners.onnx")
    (tmp_path / FILE).unlink()
    assert isinstance(load_networks(folder=tmp_path).confidence, Calibration)
