"""The cards of the shipped weights and the results page tell the same figures."""

from pathlib import Path

import pytest

from platestream.models.cards import list_models, load_card
from platestream.models.registry import ARCHITECTURES

PAGE = Path(__file__).parents[1] / "docs" / "results.md"


def tables() -> list[dict[str, str]]:
    """Every row of every table, as column to value."""
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = cells
        elif not line.startswith("|---"):
            rows.append(dict(zip(columns, cells, strict=True)))
    return rows


def row_of(rows: list[dict[str, str]], model: str, set_name: str, column: str) -> dict[str, str]:
    archs = [arch for arch, of in ARCHITECTURES.items() if model in (of.reader, of.quality)] or [""]
    (row, *_) = (
        row
        for row in rows
        if row.get("set") == set_name
        and column in row
        and (row.get("arch", archs[0]) in archs)
        and row.get("score", model) == model
    )
    return row


@pytest.mark.parametrize("model", list_models())
def test_a_card_agrees_with_the_page(model: str) -> None:
    rows, metrics = tables(), load_card(model).metrics
    assert metrics
    for key, figure in metrics.items():
        set_name, column = key.split()
        assert float(row_of(rows, model, set_name, column)[column]) == figure, key
