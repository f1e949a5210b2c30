"""A table as the pages under docs have it."""

from collections.abc import Iterable, Mapping, Sequence


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns and rows."""
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in row) + " |")


def print_rows(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows that all name the same columns."""
    print_table(list(rows[0]), (list(row.values()) for row in rows))
