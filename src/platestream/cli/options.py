"""Options that several verbs share, and how results are printed."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from platestream.core.text import plain, plain_json, plain_line
from platestream.models.devices import DEVICE_NAMES
from platestream.models.registry import ARCHITECTURES, DETECTORS
from platestream.stream.registry import DEFAULT_FUSION, FUSIONS, POLICIES
from platestream.video.decoders import DECODER_NAMES

_DETECTOR_NAMES = ", ".join(
    f"{name}:MODEL" if choice.takes_model else name for name, choice in DETECTORS.items()
)

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
# `run` and `serve` share these choices; with `serve`, what is not given is as configured.
ARCH = typer.Option("--arch", help=f"Architecture of reader and quality network: {ARCHITECTURES}.")
POLICY = typer.Option(
    "--policy", help=f"When to read a crop: {POLICIES}; paper is Algorithm 1 of EQ-LPR."
)
FUSION = typer.Option(
    "--fusion",
    help=f"How the readings of one plate combine: {FUSIONS}.",
    show_default=f"best for paper, else {DEFAULT_FUSION}",
)
READS_PER_S = typer.Option(
    "--reads-per-s",
    min=0.001,
    max=10_000,
    help="Readings a second that all plates in view share, beside the first of each plate and "
    "those at its end.",
)
LEAST_CONFIDENCE = typer.Option(
    "--min-confidence", min=0, max=1, help="Report no plate with a lower confidence."
)
DETECTOR = typer.Option("--detector", help=f"What finds plates: {_DETECTOR_NAMES}.")
DETECTOR_SIZE = typer.Option(
    "--detector-size",
    min=64,
    max=8192,
    help="Longest side of the picture platestream's own detector sees, in pixels.",
)
MODELS = typer.Option(
    "--models",
    help="Folder of weights and cards, as `finetune` and `export` write them; what it lacks comes "
    "from the package.",
)

ArchName: TypeAlias = Annotated[str, ARCH]
DetectorName: TypeAlias = Annotated[str, DETECTOR]
DetectorSize: TypeAlias = Annotated[int, DETECTOR_SIZE]
ModelsDir: TypeAlias = Annotated[Path | None, MODELS]
Threads: TypeAlias = Annotated[
    int, typer.Option("--threads", min=1, max=256, help="CPU threads for each network.")
]
DEVICE = typer.Option("--device", help=f"What networks run on: {', '.join(DEVICE_NAMES)}.")
DeviceName: TypeAlias = Annotated[str, DEVICE]
DECODER = typer.Option("--decoder", help=f"What decodes videos: {', '.join(DECODER_NAMES)}.")
DecoderName: TypeAlias = Annotated[str, DECODER]

_UNBOUNDED = 10_000
"""Columns that no table needs."""


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON value on one line, readable characters kept."""
    sys.stdout.write(plain_json(value) + "\n")


def say(text: str) -> None:
    """Print a result; nothing that others chose moves the terminal."""
    sys.stdout.write(plain(text))


def complain(text: str) -> None:
    """Print what went wrong, in the same way."""
    sys.stderr.write(plain(text))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, fit: bool = True) -> None:
    """Print a table for people; in a pipe, or if it need not fit the window, nothing is cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        # As text: a string's brackets would be markup.
        table.add_row(*(Text(plain_line(cell)) for cell in row))
    width = None if fit and sys.stdout.isatty() else _UNBOUNDED
    Console(width=width, soft_wrap=True).print(table)


def is_given(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line; a default is meant for nothing special."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
