"""What is measured can still be measured: no bench asks for a name that moved away."""

import ast
import importlib
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


def has(module: str, name: str) -> bool:
    """Whether a module has a name, or is a package with a module of that name."""
    try:
        return hasattr(importlib.import_module(module), name) or bool(
            importlib.import_module(f"{module}.{name}")
        )
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize(
    "file", sorted(BENCH.rglob("*.py")), ids=lambda file: file.relative_to(BENCH).as_posix()
)
def test_a_bench_finds_what_it_asks_for(file: Path) -> None:
    imports = (
        n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.ImportFrom)
    )
    wanted = [
        (node.module, alias.name)
        for node in imports
        if node.module and node.module.partition(".")[0] in ("platestream", "tests")
        for alias in node.names
    ]
    assert [asked for asked in wanted if not has(*asked)] == []
