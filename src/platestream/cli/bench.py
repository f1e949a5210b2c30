"""`platestream bench`: every way of deciding, side by side, on your own videos or streams."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platestream.cli.options import ArchName, Json, ModelsDir, Threads, print_json, print_table
from platestream.core.errors import StoreError
from platestream.models.cards import DEFAULT_ARCH

if TYPE_CHECKING:
    from platestream.lab.more_frames import FramesRow


def bench(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE",
            help="Videos, folders, plate streams, or a LABELS.csv of plate streams.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the table and the plots.")
    ] = None,
    split: Annotated[str, typer.Option(help="Of label files: dev, train, test, or all.")] = "dev",
    arch: ArchName = DEFAULT_ARCH,
    models: ModelsDir = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Compare when to read and how to combine what was read.

    The networks run once over every frame; then each policy and each fusion is replayed. Tracks
    with labels give accuracy, others the agreement with a plate made of every frame's reading.
    Labelled tracks also tell what 1, 2, 4, 8, 16 and 31 frames of each bring: the best of them, a
    vote, the product of their readings, their average read as one picture, or both.
    """
    from platestream.cli.progress import progress
    from platestream.lab.bench import bench as measure
    from platestream.lab.more_frames import by_frames
    from platestream.models.bundle import load_detector, load_networks

    if out:
        from platestream.lab.figures import plot_qualities, plot_rules  # before minutes of work

        _make_folder(out)
    networks = load_networks(arch, models, num_threads=threads)
    detector = load_detector(models, num_threads=threads)
    with progress() as bars:
        bar = bars.add_task("bench", total=None)
        rows, tracks = measure(
            sources,
            None if split == "all" else split,
            networks,
            detector,
            lambda: bars.advance(bar),
        )
        counted = by_frames(tracks, networks.read) if all(t.text for t in tracks) else []
    if out:
        plot_rules(rows, out / "rules.png")
        plot_qualities({"quality": [q for t in tracks for q in t.qualities]}, out / "quality.png")
        table = json.dumps([asdict(row) for row in rows], indent=2) + "\n"
        (out / "rules.json").write_text(table, encoding="utf-8")
    if as_json:
        rules, per_frames = [asdict(row) for row in rows], [asdict(row) for row in counted]
        print_json({"tracks": len(tracks), "rules": rules, "frames": per_frames})
        return
    columns = ["policy", "fusion", "reads", "right", "95 %", "frames", "sure", "after s"]
    columns += ["agree", "strings", "ms"]
    cells = []
    for row in rows:
        right, frames = (_share(value) for value in (row.accuracy, row.frame_accuracy))
        interval = f"{_share(row.low)}-{_share(row.high)}" if row.low is not None else ""
        numbers = (f"{row.agreement:.3f}", str(row.strings), f"{row.ms_per_frame:.2f}")
        reads = f"{row.reads_per_track:.2f}"
        after = "" if row.sure_after_s is None else f"{row.sure_after_s:.2f}"
        sure = (f"{row.sure_share:.3f}", after)
        cells.append((row.policy, row.fusion, reads, right, interval, frames, *sure, *numbers))
    print_table(columns, cells)
    if counted:
        _print_frames(counted)


def _print_frames(rows: list["FramesRow"]) -> None:
    cells = [
        (
            row.way,
            str(row.num_frames),
            _share(row.accuracy),
            f"{_share(row.low)}-{_share(row.high)}",
            f"{row.p_value:.3f}",
        )
        for row in rows
    ]
    print_table(["frames used by", "frames", "right", "95 %", "p against product"], cells)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{out}: cannot make the folder ({error.strerror}); choose another"
        raise StoreError(msg) from error


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
