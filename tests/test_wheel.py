"""The wheel that people install: its metadata, what is in it, and that it can be built again."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wheels import ROOT, build_wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("one"))


def test_its_metadata_is_as_an_index_wants_it(wheel: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout


def test_it_is_the_same_to_the_byte_when_it_is_built_again(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_all_that_is_no_code_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = ROOT / "src" / "platestream"
    data = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    missing = {str(path.relative_to(package.parent)) for path in data} - names
    assert not missing
    assert any(name.endswith(".onnx") for name in names)
