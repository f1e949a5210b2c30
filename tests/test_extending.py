"""docs/extending.md as it is written: its files and lines are put into a copy, and work there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")

# What each addition must be good for, found by its name alone.
CHECKS = """
import json, socket, threading
import numpy as np, yaml
import platestream.cli.options as options
from platestream.core.syntax import FORMATS, regions
from platestream.live.source import LiveSource
from platestream.models.calibration import load_calibration
from platestream.models.cards import WEIGHTS_DIR
from platestream.models.registry import choose_detector
from platestream.service.config import ServiceConfig
from platestream.service.receivers import make_sinks
from platestream.service.telling import Telling
from platestream.stream.rules import make_rule
from platestream.video.pictures import write_picture
from tests.sinks.passages import passage

rule = make_rule("first-legible", "surest")
assert (type(rule.policy).__name__, rule.fuse.__name__) == ("FirstLegible", "surest")
for option, name in [("POLICY", "first-legible"), ("FUSION", "surest"), ("DETECTOR", "yellow")]:
    assert name in getattr(options, option).help, name

street = np.full((100, 200, 3), 90, np.uint8)
street[40:50, 60:110] = 200, 180, 30
(found,) = choose_detector("yellow").detect(street)
assert found.box_xyxy == (60, 40, 110, 50), found

now = folder / "gate.jpg"
write_picture(now, street)
source = LiveSource("gate", f"still://{now}")
frame = next(iter(source.frames()))
source.close()
assert frame.rgb.shape == street.shape

raw = {"cameras": {}, "sinks": {}}
for text in yaml_blocks:
    for section, given in yaml.safe_load(text).items():
        raw[section] |= given
raw["cameras"]["gate"]["region"] = "LU"
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
raw["sinks"]["barrier"] |= {"host": "127.0.0.1", "port": listener.getsockname()[1]}
config = ServiceConfig.model_validate(raw)
sinks = make_sinks(config)
messages = {m.sink: m for m in Telling(config, sinks).messages(passage(known_as="Anna"))}
said = "gate: Anna (E617KA147), 98% sure"
assert json.loads(messages["team"].body) == {"text": said}, messages["team"].body
sinks["barrier"].start()
sinks["barrier"].tell(messages["barrier"])
sinks["barrier"].close()
assert json.loads(listener.recv(1000)) == {"plate": "E617KA147", "known_as": "Anna"}
listener.close()

assert "LU" in regions("AB1234")
assert "LU" not in [known.region for known in load_calibration(WEIGHTS_DIR, "nano").formats]
print("fine")
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def add(source: Path) -> None:
    """Write every file, and put every line where the page says."""
    parts = re.split(r"^`src/platestream/(.+?)`$", PAGE, flags=re.MULTILINE)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        path = source / name
        if path.exists():
            for diff in re.findall(r"```diff\n(.*?)```", text, re.DOTALL):
                before = "".join(line[1:] for line in diff.splitlines(True) if line[0] != "+")
                after = "".join(line[1:] or "\n" for line in diff.splitlines(True))
                code = path.read_text(encoding="utf-8")
                assert code.count(before) == 1, f"{name}: {before}"
                path.write_text(code.replace(before, after), encoding="utf-8")
        else:
            (code,) = re.findall(r"```python\n(.*?)```", text.split("\n## ")[0], re.DOTALL)
            path.write_text(code, encoding="utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with everything added that the page adds."""
    source = tmp_path_factory.mktemp("extended") / "platestream"
    shutil.copytree(
        ROOT / "src" / "platestream",
        source,
        ignore=shutil.ignore_patterns("weights", "__pycache__"),
    )
    (source / "models" / "weights").symlink_to(ROOT / "src" / "platestream" / "models" / "weights")
    add(source)
    return source


def test_every_example_works_as_it_is_written(extended: Path, tmp_path: Path) -> None:
    *_, in_python = blocks("python")
    code = (
        f"from pathlib import Path\nfolder = Path({str(tmp_path)!r})\n"
        f"yaml_blocks = {blocks('yaml')!r}\n{in_python}\n{CHECKS}"
    )
    paths = os.pathsep.join([str(extended.parent), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
        check=False,
    )
    assert done.stdout.strip() == "fine", done.stderr


def test_the_examples_are_written_as_all_our_code_is(extended: Path) -> None:
    names = re.findall(r"^`src/platestream/(.+?)`$", PAGE, re.MULTILINE)
    files = [str(extended / name) for name in names]
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run([*ruff, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_page_shows_an_addition_to_every_registry() -> None:
    for table in ("POLICIES", "FUSIONS", "DETECTORS", "FEEDS", "PAYLOADS", "SINKS", "FORMATS"):
        assert f"`{table}`" in PAGE
    assert len(blocks("python")) == 7
