"""Options that several verbs share, and how results are printed."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
AlwaysJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Taken by every verb; this one prints JSON in any case.")
]
ArchName: TypeAlias = Annotated[
    str, typer.Option("--arch", help="Architecture of reader and quality network: p, s, e or nano.")
]
ModelsDir: TypeAlias = Annotated[
    Path | None,
    typer.Option("--models", help="Folder of weights and cards, instead of the package's own."),
]
DetectorName: TypeAlias = Annotated[
    str,
    typer.Option("--detector", help="platestream, or a plate detector of open-image-models."),
]
DetectorSize: TypeAlias = Annotated[
    int, typer.Option(min=64, help="Longer side of platestream's own detector's picture, px.")
]
Threads: TypeAlias = Annotated[
    int, typer.Option("--threads", min=1, help="CPU threads for each network.")
]


_UNBOUNDED = 10_000
"""Columns that no table needs."""


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON value on one line, readable characters kept."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, fit: bool = True) -> None:
    """Print a table for people; in a pipe, or if it need not fit the window, nothing is cut."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    width = None if fit and sys.stdout.isatty() else _UNBOUNDED
    Console(width=width, soft_wrap=True).print(table)
