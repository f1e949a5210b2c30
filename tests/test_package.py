"""The package as a whole: what an import costs, and what the bare install can do."""

import subprocess
import sys

import pytest

import platestream

HEAVY = ("torch", "onnxruntime", "cv2", "av", "norfair", "rich.table", "typer")


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, platestream; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert run_python(code) == "[]"


def test_the_heart_loads_no_network_and_no_pixels() -> None:
    heavy = HEAVY[:4]
    code = f"""
import sys, platestream.stream.recognizer
print([m for m in {heavy!r} if m in sys.modules])
"""
    assert run_python(code) == "[]"


def test_inference_and_evaluation_need_no_lab_extra() -> None:
    blocked = ("torch", "onnx", "onnxscript", "PIL")
    code = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in {blocked!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
import platestream.cli.main, platestream.lab.evaluate, platestream.video.recording
import platestream.lab.data.check, platestream.lab.data.stats
from platestream.models.bundle import load_detector, load_networks
load_detector(), load_networks()
print("fine")
"""
    assert run_python(code) == "fine"


@pytest.mark.parametrize(
    "command", ["data render --out x", "train reader --run x", "export . --out x"]
)
def test_without_the_lab_extra_a_command_says_how_to_get_it(command: str) -> None:
    code = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "PIL"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
sys.argv = ["platestream", *{command.split()!r}]
sys.stderr = sys.stdout
from platestream.cli.main import main
try:
    main()
except SystemExit as ended:
    print(ended.code)
"""
    message, exit_code = run_python(code).splitlines()
    assert "pip install '.[lab]'" in message
    assert exit_code == "2"


def test_the_public_names_are_pinned() -> None:
    assert sorted(platestream.__all__) == [
        "ConfigError",
        "DataError",
        "Detection",
        "Detector",
        "Engine",
        "FoundPlate",
        "Frame",
        "ModelError",
        "Pipeline",
        "Plate",
        "PlateCrop",
        "PlateDecision",
        "PlateEvent",
        "PlateReader",
        "PlateRecognizer",
        "PlateUpdate",
        "PlatestreamError",
        "Reading",
        "ShapeError",
        "SourceError",
        "Step",
        "StoreError",
        "list_sources",
        "load_detector",
        "load_engine",
        "load_networks",
        "make_rule",
        "open_source",
        "read_image",
        "run",
    ]
    for name in platestream.__all__:
        assert getattr(platestream, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        platestream.nonsense  # noqa: B018
