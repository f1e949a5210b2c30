"""The lock has each package of the service with its hashes; the bill has these and our weights."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
EXTRAS = ("serve", "postgres", "parquet")


def locked() -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package."""
    found = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines():
        name, version = re.match(r"([\w.-]+)==(\S+)", line).groups()  # type: ignore[union-attr]
        found[canonicalize_name(name)] = version, re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    return found


def test_all_that_the_service_needs_is_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(each for name in EXTRAS for each in extras[name])]
    pins = locked()
    assert len(needed) > 15
    for requirement in map(Requirement, needed):
        version, hashes = pins[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, requirement
        assert hashes, requirement
    # For the machines of CI and of the container: wheels of several Pythons and processors.
    assert len(pins["onnxruntime"][1]) > 4


def test_the_container_installs_nothing_else() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "pip install --require-hashes -r /wheels/requirements.lock" in dockerfile
    assert (
        f'pip install --no-deps "$(ls /wheels/platestream-*.whl)[{",".join(EXTRAS)}]"' in dockerfile
    )
    assert "!requirements.lock" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What the bill is made of, to be changed."""
    for name in (".ci/bom.py", "requirements.lock", "src/platestream/models/weights"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    return tmp_path


def bill(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / ".ci/bom.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_bill_has_every_package_and_every_weight(project: Path) -> None:
    parts = json.loads(bill(project).stdout)["components"]
    packages = {canonicalize_name(p["name"]): p for p in parts if p["type"] == "library"}
    assert {
        n: (p["version"], [h["content"] for h in p["hashes"]]) for n, p in packages.items()
    } == (locked())
    models = {p["name"]: p for p in parts if p["type"] == "machine-learning-model"}
    weights = project / "src/platestream/models/weights"
    assert set(models) == {path.stem for path in weights.glob("*.onnx")}
    for name, model in models.items():
        card = json.loads((weights / f"{name}.json").read_text("utf-8"))
        assert model["hashes"] == [{"alg": "SHA-256", "content": card["sha256"]}]


def test_a_weight_that_is_another_ends_it(project: Path) -> None:
    path = project / "src/platestream/models/weights/reader-p.onnx"
    path.write_bytes(path.read_bytes() + b"x")
    done = bill(project)
    assert done.returncode == 1
    assert "reader-p.onnx: its checksum is not the card's" in done.stderr


def test_a_package_without_a_hash_ends_it(project: Path) -> None:
    with (project / "requirements.lock").open("a") as file:
        file.write("evil==1.0\n")
    assert "evil==1.0" in bill(project).stderr
