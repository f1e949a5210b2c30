"""One page of plates: safe to open whatever a plate says, sortable, and whole or not there."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.sinks.report import Picture, ReportRow, ReportWriter

JPEG = b"\xff\xd8\xff\xe0 a picture"


def a_row(plate: str = "AB12", **changes: object) -> ReportRow:
    row = {
        "plate": plate,
        "plate_masked": plate,
        "confidence": 0.9,
        "when": "0:01.0–0:02.0",
        "sort_s": 1.0,
        "where": "clips/gate.mp4",
    }
    return ReportRow(**{**row, **changes})  # type: ignore[arg-type]


def written(folder: Path, *rows: ReportRow) -> str:
    with ReportWriter(folder / "report.html", "Plates <of> today", "Made now") as report:
        for row in rows:
            report.add(row)
    return (folder / "report.html").read_text(encoding="utf-8")


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def test_pictures_are_inside_and_nothing_is_fetched(tmp_path: Path) -> None:
    strip = (Picture(JPEG, "0:01.0 AB12", was_read=True), Picture(b"\x89PNG it is", "0:02.0"))
    page = written(tmp_path, a_row(picture=Picture(JPEG), strip=strip))
    sources = [str(image["src"]) for image in _Tags(page).named("img")]
    assert [src.partition(",")[0] for src in sources] == [
        "data:image/jpeg;base64",
        "data:image/jpeg;base64",
        "data:image/png;base64",
    ]
    assert base64.b64decode(sources[0].partition(",")[2]) == JPEG
    assert not re.search("https?:|//[a-z]|<link|@import|url[(]", page)


def test_no_text_becomes_code(tmp_path: Path) -> None:
    evil = """"><script>alert(1)</script><img src=x onerror='alert(2)'>"""
    row = a_row(evil, where=evil, when=evil, more=((evil, evil),), strip=(Picture(JPEG, evil),))
    tags = _Tags(written(tmp_path, row))
    assert len(tags.named("script")) == 1
    assert [image["src"][:5] for image in tags.named("img") if image["src"]] == ["data:"]


def test_only_its_own_script_and_style_may_run(tmp_path: Path) -> None:
    page = written(tmp_path, a_row())
    for name in ("script", "style"):
        own = page.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
        proof = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{proof}'" in page


def test_characters_that_are_not_sure_are_marked(tmp_path: Path) -> None:
    page = written(tmp_path, a_row("AB12", plate_masked="A?12"), a_row("", plate_masked=""))
    assert '<span class="plate">A<i title="not sure">B</i>12</span>' in page
    assert '<span class="none">not kept</span>' in page
    assert "2 plates" in page
    assert "Plates &lt;of&gt; today" in page


def test_a_report_is_whole_or_not_there(tmp_path: Path) -> None:
    report = ReportWriter(tmp_path / "report.html", "Plates", "")
    report.add(a_row())
    assert list(tmp_path.iterdir()) == []
    report.close()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(StoreError, match=r"report\.html"):
        ReportWriter(tmp_path / "missing" / "report.html", "Plates", "")
