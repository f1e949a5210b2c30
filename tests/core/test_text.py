import csv
import io
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.cells import cell
from platestream.core.text import counted, hundredths, plain, plain_json, plain_line

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("京A·12345 Müller", "京A·12345 Müller"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\x9b31m", "a\\x9b31m"),
        ("gate\r\nforged line", "gate\\x0d\nforged line"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("caf\udce9.jpg", "caf\\udce9.jpg"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(ANY)
def test_no_text_has_anything_to_obey_left(text: str) -> None:
    for made in (plain(text), plain_line(text), plain_json([text])):
        left = {c for c in made if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
        assert left <= {"\n", "\t"}
        made.encode()
    assert "\n" not in plain_line(text)
    assert json.loads(plain_json([text])) == json.loads(json.dumps([text]))


@given(st.text(st.sampled_from(" \t;,|\"'=+-@＝ab\n\r"), max_size=12))
def test_no_cell_is_a_formula_whatever_separates(text: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow(["first", cell(text), "last"])
    for separator in ",;|\t":
        for row in csv.reader(io.StringIO(file.getvalue()), delimiter=separator):
            for shown in row:
                assert not shown.lstrip(' \t"').startswith(("=", "+", "-", "@", "＝")), shown
    for naive in re.split(r"[,;|\t\n]", file.getvalue()):
        assert not naive.strip(' \r"').startswith(("=", "+", "-", "@", "＝")), naive


def test_all_that_is_printed_goes_through_one_place() -> None:
    """Whatever prints by itself would send on what others chose."""
    folder = Path(__file__).parents[2] / "src" / "platestream" / "cli"
    prints = re.compile(r"sys\.std(out|err)\.write|\bprint\(|typer\.echo")
    found = {path.name for path in folder.glob("*.py") if prints.search(path.read_text())}
    assert found == {"options.py"}


def test_one_thing_is_not_called_several() -> None:
    assert [counted(num, "plate") for num in (0, 1, 2)] == ["0 plates", "1 plate", "2 plates"]
    assert counted(1, "event waits", "events wait") == "1 event waits"
    assert counted(2, "event waits", "events wait") == "2 events wait"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.995, "0.99"), (0.9499, "0.94"), (0.95, "0.95"), (0.57, "0.57"), (1.0, "1.00"), (0, "0.00")],
)
def test_a_share_is_not_rounded_up_to_a_limit(share: float, text: str) -> None:
    assert hundredths(share) == text
