"""What `platestream run` prints for people: what it found, what it left out, and why."""

import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

from platestream.cli.options import complain, print_table, say
from platestream.core.plate_event import PlateEvent
from platestream.core.text import counted, hundredths
from platestream.sinks.report import REPORT_FILE
from platestream.video.kinds import SAID, Kind
from platestream.video.recording import LeftOut, Recording
from platestream.video.report_rows import clock
from platestream.video.survey import Survey, say_passed_over

MOST_NAMED = 5
"""Plates that were left out and are named; a long video may have hundreds."""


def print_findings(recording: Recording, num_sources: int, min_confidence: float) -> None:
    """Print a table of the plates, and a line for each kind that was left out.

    Args:
        recording: What was found.
        num_sources: In how many places it was looked for.
        min_confidence: The least that was asked for.
    """
    events, out = recording.events, recording.written_to
    if events:
        columns = _columns(events, has_one_source=num_sources == 1)
        print_table(list(columns), [[tell(e) for tell in columns.values()] for e in events])
    where = f"; {out / 'report.html'} shows them" if out and events else ""
    if not where and out:
        where = f"; results are in {out}"
    say(f"{counted(len(events), 'plate')}{where}\n")
    for line in left_out_lines(recording.left_out, min_confidence):
        say(f"{line}\n")


def open_result(out: Path) -> None:
    """Open what a run drew: its one picture, or else its report; name it where nothing can."""
    pictures = sorted((out / "annotated").glob("*"))
    is_one_picture = len(pictures) == 1 and pictures[0].suffix == ".png"
    result = pictures[0] if is_one_picture else out / REPORT_FILE
    if not webbrowser.open(result.resolve().as_uri()):
        complain(f"platestream: nothing here can show it; open {result}\n")


def left_out_lines(left_out: Sequence[LeftOut], min_confidence: float) -> list[str]:
    """What made no event, and why."""
    reasons = {
        "below": f"below --min-confidence {min_confidence:.2f}",
        "other": "unsure beside a sure plate of the same vehicle",
    }
    lines = []
    for why, reason in reasons.items():
        plates = sorted((p for p in left_out if p.why == why), key=lambda p: -p.confidence)
        if plates:
            named = [
                f"{plate.plate} {hundredths(plate.confidence)}" for plate in plates[:MOST_NAMED]
            ]
            more = f" and {len(plates) - MOST_NAMED} more" if len(plates) > MOST_NAMED else ""
            number = counted(len(plates), "plate")
            lines.append(f"left out: {number} {reason}: {', '.join(named)}{more}")
    if num_unread := sum(plate.why == "unread" for plate in left_out):
        lines.append(f"left out: {counted(num_unread, 'plate')} of which nothing could be read")
    return lines


def survey_lines(path: Path, result: Survey) -> list[str]:
    """What the pictures of a folder were taken for, and which files were passed over."""
    lines = []
    if result.decided and (path.is_dir() or Kind.PHOTOS not in result.decided):
        kinds = [f"{n} {SAID[kind][n != 1]}" for kind, n in result.decided.most_common()]
        others = [kind for kind in Kind if kind not in result.decided]
        overrule = f"; --as {' or '.join(others)} overrules" if others else ""
        lines.append(f"{path}: {', '.join(kinds)}{overrule}")
    if result.passed_over:
        lines.append(f"{path}: passed over {say_passed_over(result.passed_over)}")
    return lines


def _columns(
    events: Sequence[PlateEvent], *, has_one_source: bool
) -> dict[str, Callable[[PlateEvent], str]]:
    columns: dict[str, Callable[[PlateEvent], str]] = {
        "plate": lambda event: event.plate,
        "confidence": lambda event: hundredths(event.confidence),
    }
    if all(event.num_frames == 1 for event in events):
        columns["box"] = lambda event: ",".join(str(round(value)) for value in event.box_xyxy)
    else:
        columns |= {
            "quality": lambda event: f"{event.quality:.2f}",
            "from": lambda event: clock(event.first_pts_s),
            "to": lambda event: clock(event.last_pts_s),
            "frames": lambda event: str(event.num_frames),
            "read": lambda event: str(event.num_read),
        }
    if not has_one_source:
        columns["source"] = lambda event: Path(event.source).name
    return columns
