"""What tells who was where, and when, is written by one function: for its owner alone."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "platestream"
FLOORS = ("store", "sinks", "service", "live", "video", "cluster")

MADE_BEFORE = "video/annotate.py: av.open(str(path), 'w', format='mp4')"
"""By FFmpeg, which opens the file by its name: `open_private` makes it right before."""


def writing(call: ast.Call) -> bool:
    """Whether a call makes a file or folder by other means than `core.private`."""
    whole = ast.unparse(call.func)
    name = whole.rpartition(".")[2]
    if name == "open":
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        texts = [each.value for each in given if isinstance(each, ast.Constant)]
        return any(isinstance(t, str) and len(t) < 4 and set(t) & set("wax+") for t in texts)
    return name in ("write_text", "write_bytes", "mkdir", "makedirs") or whole.startswith(
        ("shutil.copy", "shutil.move")
    )


def written_in(source: str) -> set[str]:
    calls = (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call))
    return {ast.unparse(call) for call in calls if writing(call)}


@pytest.mark.parametrize("floor", FLOORS)
def test_nothing_is_written_for_others_to_read(floor: str) -> None:
    found = {
        f"{file.relative_to(SOURCE)}: {written}"
        for file in (SOURCE / floor).rglob("*.py")
        for written in written_in(file.read_text())
        if not written.startswith("shutil.copyfileobj(")
    }
    assert found - {MADE_BEFORE} == set()


@pytest.mark.parametrize(
    "source", ["path.open('w')", "open(p, mode='xb')", "p.write_text(t)", "shutil.copy(a, b)"]
)
def test_the_look_sees_what_it_looks_for(source: str) -> None:
    assert written_in(source) == {source}
