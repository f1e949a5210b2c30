"""Plates as one page that opens anywhere: pictures inside, no server, no network.

It can be sorted and filtered, printed, and read by night. Nothing in it runs but the script it
brings, and that is proved by its hash, so that no text of a plate can become code.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from platestream.core.errors import StoreError
from platestream.core.private import open_private
from platestream.core.text import counted, hundredths
from platestream.stream.policy import SURE

REPORT_FILE = "report.html"

_STATIC = Path(__file__).parent / "static"

_COLUMNS = ("Picture", "Plate", "Confidence", "Time", "Where", "More")
_SORTED_BY = {"Plate": "text", "Confidence": "number", "Time": "number", "Where": "text"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the page.

    Attributes:
        data: A JPEG or PNG file.
        says: What stands below it and is read aloud.
        was_read: Whether the reader saw it.
    """

    data: bytes
    says: str = ""
    was_read: bool = False


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One passage as the page shows it.

    Attributes:
        plate: The plate's text; empty where it is not kept.
        plate_masked: The same, with ``?`` for characters that are not sure.
        confidence: 0..1.
        when: The time as people read it.
        sort_s: What it is sorted by, seconds.
        where: Camera or file.
        picture: The crop; None where there is none.
        more: What else is known: name and value.
        strip: Frames of the passage, in time order.
    """

    plate: str
    plate_masked: str
    confidence: float
    when: str
    sort_s: float
    where: str
    picture: Picture | None = None
    more: tuple[tuple[str, str], ...] = ()
    strip: tuple[Picture, ...] = ()


class ReportWriter:
    """Writes a report; use it in a ``with`` statement. The file appears when it is whole.

    Args:
        path: The file; replaced.
        title: What the page is called.
        made: When and from what, one line below the title.

    Raises:
        StoreError: the file cannot be written.
    """

    def __init__(self, path: Path, title: str, made: str) -> None:
        self.path, self._title, self._made = path, title, made
        self._num_rows = 0
        try:
            self._rows: IO[bytes] = TemporaryFile(dir=path.parent)  # noqa: SIM115 - we are one
        except OSError as error:
            raise self._error(error) from error

    def __enter__(self) -> "ReportWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, row: ReportRow) -> None:
        """Add a passage.

        Raises:
            StoreError: the disk is full or gone.
        """
        try:
            self._rows.write("".join(_row(row)).encode(errors="replace"))
        except OSError as error:
            raise self._error(error) from error
        self._num_rows += 1

    def close(self) -> None:
        """Put the page together.

        Raises:
            StoreError: the disk is full or gone.
        """
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            try:
                with self._rows, open_private(part, "wb") as page:
                    page.write(_head(self._title, self._made, self._num_rows).encode())
                    self._rows.seek(0)
                    while piece := self._rows.read(1 << 20):
                        page.write(piece)
                    page.write(_tail().encode())
                part.replace(self.path)
            finally:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> StoreError:
        return StoreError(f"{self.path}: cannot be written ({error.strerror}); make room there")


def _head(title: str, made: str, num_rows: int) -> str:
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    columns = "".join(
        f'<th scope="col" data-sort="{_SORTED_BY.get(name, "")}">{name}</th>' for name in _COLUMNS
    )
    count = counted(num_rows, "plate")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head>\n<body>\n"
        f'<header><div><h1>{escape(title)}</h1><p id="made">{escape(made)}</p></div>\n'
        f'<p id="count" aria-live="polite">{count}</p>\n'
        '<form id="tools" role="search" hidden><label>Find <input type="search" name="find" '
        'placeholder="part of a plate or a name" autocomplete="off"></label>\n'
        '<label>Sort by <select name="sort"></select></label></form></header>\n'
        f"<main><table><thead><tr>{columns}</tr></thead>\n<tbody>\n"
    )


def _tail() -> str:
    return (
        "</tbody></table>\n"
        '<p id="nothing" hidden>Nothing fits.</p></main>\n'
        "<footer>Confidence is the probability that every character is right. Marked characters "
        "are not sure. Frames with a bar below were read.</footer>\n"
        f"<script>{_asset('report.js')}</script>\n</body></html>\n"
    )


def _row(row: ReportRow) -> Iterator[str]:
    yield '<tr><td class="picture">'
    if row.picture:
        yield _image(row.picture, f"Plate {row.plate}" if row.plate else "A plate")
    yield f'</td><td class="text" data-value="{escape(row.plate)}">{_plate(row)}</td>'
    level = "sure" if row.confidence >= SURE else "doubt"
    yield (
        f'<td class="{level}" data-value="{row.confidence:.6f}">'
        f"<span>{hundredths(row.confidence)}</span>"
        f'<meter min="0" max="1" value="{row.confidence:.3f}"></meter></td>'
    )
    yield f'<td class="when" data-value="{row.sort_s:.3f}">{escape(row.when)}</td>'
    name = Path(row.where).name
    yield (
        f'<td class="where" data-value="{escape(row.where)}" title="{escape(row.where)}">'
        f"{escape(name)}</td>"
    )
    yield '<td class="more">'
    if row.more:
        said = "".join(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in row.more)
        yield f"<dl>{said}</dl>"
    if row.strip:
        yield '<div class="strip">'
        for picture in row.strip:
            yield f'<figure class="{"read" if picture.was_read else "seen"}">'
            yield _image(picture, picture.says)
            yield f"<figcaption>{escape(picture.says)}</figcaption></figure>"
        yield "</div>"
    yield "</td></tr>\n"


def _plate(row: ReportRow) -> str:
    if not row.plate:
        return '<span class="none">not kept</span>'
    masked = row.plate_masked if len(row.plate_masked) == len(row.plate) else row.plate
    said = "".join(
        f'<i title="not sure">{escape(own)}</i>' if sure == "?" else escape(own)
        for own, sure in zip(row.plate, masked, strict=True)
    )
    return f'<span class="plate">{said}</span>'


def _image(picture: Picture, alt: str) -> str:
    kind = "png" if picture.data.startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(picture.data).decode()
    return f'<img alt="{escape(alt)}" src="data:image/{kind};base64,{data}">'


def _asset(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
