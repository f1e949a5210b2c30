"""Run the command as a person does, but in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import platestream
from platestream.cli.main import main

DEMO_CLIP = Path(platestream.__file__).parent / "demo" / "street.mp4"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call `platestream ARGS...`; a traceback would fail the test."""

    def run(*args: str | Path) -> Result:
        monkeypatch.setattr("sys.argv", ["platestream", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Result(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def demo_clip() -> Path:
    return DEMO_CLIP
