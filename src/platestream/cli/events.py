"""`platestream events`: what the cameras saw, listed, exported, pruned and erased."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platestream.cli.app import App
from platestream.cli.events_options import (
    DB,
    Camera,
    Db,
    Known,
    LooksLike,
    MinConfidence,
    Pictures,
    Plate,
    Since,
    Until,
    make_query,
    open_events,
)
from platestream.cli.options import Json, print_json, print_table, say
from platestream.core.choices import unknown
from platestream.core.errors import ConfigError, DataError
from platestream.core.ids import SHORT_HASH
from platestream.core.local_time import local
from platestream.core.text import counted, hundredths

if TYPE_CHECKING:
    from platestream.store.erasure import Traces
    from platestream.store.records import StoredEvent

app = App(help="List, export, prune and erase stored events.")


@app.command("list")
def list_events(
    plate: Plate = "",
    looks_like: LooksLike = "",
    camera: Camera = "",
    since: Since = "",
    until: Until = "",
    min_confidence: MinConfidence = 0.0,
    known: Known = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most events to list.")] = 50,
    cursor: Annotated[
        str | None, typer.Option(help="Go on where the page before said.", show_default=False)
    ] = None,
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """List events, newest first; times are local, with the zone's name."""
    from platestream.store.export import event_record

    query = make_query(plate, looks_like, camera, since, until, min_confidence, known)
    store = open_events(db, pictures, by_plate=bool(query.plate))
    page = store.find(query, limit=limit, cursor=cursor)
    if as_json:
        events = [event_record(event) for event in page.events]
        print_json({"events": events, "next_cursor": page.next_cursor})
        return
    columns = ("ended at", "camera", "plate", "confidence", "direction", "known as", "id")
    print_table(columns, [_row(event) for event in page.events], fit=False)
    if page.next_cursor:
        say(f"older ones: --cursor {page.next_cursor}\n")


@app.command()
def show(
    event_id: Annotated[str, typer.Argument(metavar="ID", help="As `events list` gives it.")],
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """Show one event with all that is known of it, and where its pictures are."""
    from platestream.store.export import event_record

    store = open_events(db, pictures)
    event = store.get(event_id)
    record = event_record(event)
    for name in ("crop", "stack", "frame"):
        file = record.pop(f"{name}_file")
        record[name] = str(store.picture(file)) if file else ""
    for frame in record.get("strip", []):
        file = frame.pop("file")
        frame["crop"] = str(store.picture(file)) if file else ""
    if as_json:
        print_json(record)
        return
    for name, value in record.items():
        for line in value if name == "strip" else [value]:
            say(f"{name:13} {line}\n")


@app.command()
def export(
    out: Annotated[
        Path, typer.Option("--out", help="File to write: .csv, .html, .jsonl, .parquet or .zip.")
    ],
    plate: Plate = "",
    looks_like: LooksLike = "",
    camera: Camera = "",
    since: Since = "",
    until: Until = "",
    min_confidence: MinConfidence = 0.0,
    known: Known = None,
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv (a table), html (a page with pictures), jsonl, parquet, or zip (evidence: "
            "everything with its pictures and checksums).",
            show_default="by the suffix",
        ),
    ] = "",
    all_columns: Annotated[
        bool,
        typer.Option("--all-columns", help="Every field in a .csv, with times in UTC."),
    ] = False,
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """Write events to a file, newest first; all of them, or those that fit."""
    from platestream.cli.events_evidence import EVIDENCE, export_bundle
    from platestream.cli.events_report import REPORT, write_report
    from platestream.store.export import FORMATS, write_events

    query = make_query(plate, looks_like, camera, since, until, min_confidence, known)
    kind = kind or out.suffix.removeprefix(".")
    if kind not in (REPORT, EVIDENCE, *FORMATS):
        raise ConfigError(unknown("format", kind, (*FORMATS, REPORT, EVIDENCE)))
    store = open_events(db, pictures, by_plate=bool(query.plate))
    if kind == EVIDENCE:
        made = export_bundle(store, query, out)
        text = f"{counted(made.num_events or 0, 'event')} in {out}\nfingerprint {made.fingerprint}"
        values = {"events": made.num_events, "out": str(out), "fingerprint": made.fingerprint}
        _report(as_json, text, **values)
        return
    if kind == REPORT:
        num_events = write_report(store, query, out)
    else:
        num_events = write_events(store.each(query), out, kind, all_columns=all_columns)
    _report(as_json, f"{counted(num_events, 'event')} in {out}", events=num_events, out=str(out))


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="FILE", help="A .zip of `events export`.")],
    fingerprint: Annotated[
        str,
        typer.Option(
            help="What the export printed, kept apart from the file; without it, only a change "
            "by somebody who did not think of the checksums is found."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Prove that a bundle of evidence is as it was exported; fails if anything was changed."""
    from platestream.store.evidence import verify_bundle

    found = verify_bundle(bundle)
    problems = list(found.problems)
    if fingerprint and fingerprint.strip().lower() != found.fingerprint:
        problems.append("the fingerprint is another one")
    if as_json:
        values = {"files": found.num_files, "fingerprint": found.fingerprint}
        print_json({**values, "unchanged": not problems, "problems": problems})
    else:
        for problem in problems:
            say(f"CHANGED {problem}\n")
        against = "as exported" if fingerprint else "in step with its own checksums"
        if not problems:
            say(f"{counted(found.num_files, 'file')}, {against}\n")
        say(f"fingerprint {found.fingerprint}\n")
    if problems:
        raise typer.Exit(DataError.exit_code)


@app.command()
def corrections(
    out: Annotated[Path, typer.Option("--out", help="Folder for pictures and labels.csv.")],
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """Write the plates that people corrected as training data, for `finetune`."""
    from platestream.store.training import write_corrections

    num = write_corrections(open_events(db, pictures), out)
    text = f"{counted(num, 'picture')} labelled in {out}"
    _report(as_json, text, pictures=num, out=str(out))


@app.command()
def prune(
    keep_days: Annotated[
        float | None,
        typer.Option(min=0, max=36_600, help="Remove events that are more days old than this."),
    ] = None,
    max_gb: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1_000_000,
            help="Remove the oldest pictures until the rest take this many GB.",
        ),
    ] = None,
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """Remove old events, and the oldest pictures when there are too many."""
    if keep_days is None and max_gb is None:
        msg = "nothing to prune by; give --keep-days, --max-gb or both"
        raise ConfigError(msg)
    pruned = open_events(db, pictures).prune(
        max_age=None if keep_days is None else timedelta(days=keep_days),
        max_bytes=None if max_gb is None else int(max_gb * 1e9),
    )
    text = f"removed {counted(pruned.num_events, 'event')} and "
    text += f"{counted(pruned.num_pictures, 'picture')}, {pruned.freed_bytes / 1e6:.1f} MB"
    _report(
        as_json,
        text,
        events=pruned.num_events,
        pictures=pruned.num_pictures,
        freed_bytes=pruned.freed_bytes,
    )


@app.command()
def erase(
    plates: Annotated[
        list[str],
        typer.Argument(metavar="PLATE", help="Whole plates, as read or as corrected; or ids."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    db: Db = DB,
    pictures: Pictures = None,
    as_json: Json = False,
) -> None:
    """Erase all that is stored of a plate: events, pictures, messages, watch list entries."""
    from platestream.store.erasure import Traces
    from platestream.store.picture_files import is_event_id

    store = open_events(db, pictures, by_plate=not all(map(is_event_id, plates)))
    if not yes:
        what = _traces(store.count_of(plates))
        typer.confirm(f"Erase {what} of {', '.join(plates)}?", abort=True, err=True)
    erased = sum((store.erase(plate) for plate in plates), Traces())
    _report(
        as_json,
        f"erased {_traces(erased)}",
        events=erased.num_events,
        messages=erased.num_messages,
        watch_entries=erased.num_watch_entries,
    )


def _traces(traces: "Traces") -> str:
    events = counted(traces.num_events, "event")
    messages = counted(traces.num_messages, "waiting message")
    entries = counted(traces.num_watch_entries, "watch list entry", "watch list entries")
    return f"{events}, {messages} and {entries}"


def _row(event: "StoredEvent") -> tuple[str, ...]:
    return (
        local(event.ended_at),
        event.camera,
        event.event.plate or event.plate_hash[:SHORT_HASH] or "(not kept)",
        hundredths(event.event.confidence),
        event.direction,
        event.known_as,
        event.id,
    )


def _report(as_json: bool, text: str, **values: object) -> None:
    if as_json:
        print_json(values)
    else:
        say(f"{text}\n")
