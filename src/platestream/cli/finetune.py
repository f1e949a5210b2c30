"""`platestream finetune`: the shipped reader, taught plates of your own."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from platestream.cli.options import Json, complain, print_json, say


def finetune(
    labels: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS",
            help="Labelled plates: a .csv with file and text (or image_path and plate_text), .json "
            "of COCO or Label Studio, .xml of CVAT, a folder that holds one of these, or a folder "
            "whose pictures are named for their plates.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the new reader, for --models.")],
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Most batches to learn from; it stops before where nothing is left to learn.",
            show_default="300",
        ),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, max=256, help="CPU threads.")] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Same seed, same reader.")] = 0,
    as_json: Json = False,
) -> None:
    """Teach the shipped reader your plates; a quarter of them is held out and judges the result.

    Drawn plates of other countries are mixed in, so that those are not forgotten. A reader that
    reads your plates no better, or others worse, is not written, and the exit code is 5. Fifty
    plates take a minute or two. Needs the extra `lab`.
    """
    from platestream.cli.progress import progress
    from platestream.core.errors import DataError
    from platestream.core.text import counted
    from platestream.lab.data.own import read_own
    from platestream.lab.finetune import NUM_STEPS
    from platestream.lab.finetune import finetune as tune

    own = read_own(labels)
    num_steps = steps or NUM_STEPS
    with progress() as bars:

        def stage(name: str) -> None:
            for done in bars.task_ids:
                bars.remove_task(done)
            bars.add_task(name, total=num_steps if name == "learning" else None)

        report = tune(
            own,
            out,
            num_steps=num_steps,
            num_threads=threads,
            seed=seed,
            on_stage=stage,
            on_step=lambda done: bars.update(bars.task_ids[-1], completed=done),
        )
    if as_json:
        print_json(asdict(report) | {"out": str(out) if report.is_better else None})
    else:
        for reason, number in report.left_aside.most_common():
            complain(f"platestream: left aside: {number} x {reason}\n")
        learned = counted(report.num_learned, "picture")
        say(f"learned from {learned}, held out {report.num_judged}\n")
        others = "drawn plates that the shipped reader is sure of"
        for name, num, shares in (
            ("your held-out plates", report.num_judged, report.own),
            (others, report.num_rendered, report.rendered),
        ):
            before, now = (round(share * num) for share in shares)
            say(f"{name}, read rightly: {before} of {num} before, {now} now\n")
    if not report.is_better:
        msg = f"{out}: nothing written, {report.why}; label more plates that are read wrongly"
        raise DataError(msg)
    if not as_json:
        say(f"use it: platestream run photo.jpg --models {out}\n")
