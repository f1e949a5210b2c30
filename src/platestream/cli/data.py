"""`platestream data`: check, count and convert labels, render plates to learn from."""

from pathlib import Path
from typing import Annotated, Any

import typer

from platestream.cli.app import App
from platestream.cli.options import Json, complain, is_given, print_json, say
from platestream.core.errors import ConfigError, DataError
from platestream.core.text import counted

app = App(help="Check, count, convert and render labelled data.")

LABELS = typer.Argument(metavar="LABELS", help="A label file, or the folder that holds it.")

RENDERED_BY = {
    "crops": {"num", "seed", "glyphs", "layout"},
    "streams": {"num", "frames", "seed", "glyphs", "layout", "stands"},
    "semi-real": {"num", "frames", "seed", "data", "split", "stands"},
    "scene": {"seed"},
}
"""What can be rendered, and the options that say how."""


@app.command()
def check(labels: Annotated[Path, LABELS], as_json: Json = False) -> None:
    """Find every problem of a label file: bad rows, broken pictures, plates in two splits."""
    from platestream.lab.data.check import check_labels

    problems = check_labels(labels)
    if as_json:
        print_json({"labels": str(labels), "problems": problems})
    else:
        say("".join(f"{problem}\n" for problem in problems))
        say(f"{labels}: {counted(len(problems), 'problem') if problems else 'no problems'}\n")
    if problems:
        raise typer.Exit(DataError.exit_code)


@app.command()
def stats(labels: Annotated[Path, LABELS], as_json: Json = False) -> None:
    """Count what a label file holds: splits, plates, lengths, characters, sizes."""
    from platestream.lab.data.stats import label_stats

    stats = label_stats(labels)
    if as_json:
        print_json(stats)
        return
    for name, value in stats.items():
        say(f"{name:16} {_in_words(value)}\n")


@app.command()
def convert(
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="As `finetune` takes them.")],
    to: Annotated[
        str,
        typer.Option("--to", help="labels-csv, yolo, coco, fast-plate-ocr, label-studio or cvat."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for labels and copies of pictures.")],
    as_json: Json = False,
) -> None:
    """Write labels in the format of another tool, with copies of their pictures.

    YOLO and COCO get a box for each plate, fast-plate-ocr crops and a table. What cannot be used
    is named and left aside.
    """
    from platestream.lab.data.convert import CONVERSIONS
    from platestream.lab.data.convert import convert as write
    from platestream.lab.data.own import read_own

    CONVERSIONS.choose(to)
    own = read_own(labels)
    num, problems = write(own.samples, out, to)
    problems += [f"left aside: {n} x {reason}" for reason, n in own.left_aside.most_common()]
    for problem in problems:
        complain(f"platestream: {problem}\n")
    if as_json:
        print_json({"plates": num, "out": str(out), "problems": problems})
    else:
        say(f"{counted(num, 'plate')} in {out}\n")


@app.command()
def render(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="Folder for pictures and labels.csv.")],
    what: Annotated[
        str, typer.Option(help="crops, streams (tracks of crops), semi-real or scene.")
    ] = "crops",
    num: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Crops, or streams of either kind.")
    ] = 100,
    frames: Annotated[
        int, typer.Option(min=1, max=10_000, help="Frames of a stream, rendered or semi-real.")
    ] = 30,
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Same seed, same bytes.")] = 0,
    glyphs: Annotated[
        Path | None, typer.Option(help="Folder of Chinese plate glyphs, for crops and streams.")
    ] = None,
    layout: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of plates in crops and streams, such as br or cn_blue; repeatable."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Labelled pictures that semi-real streams show.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="Of --data: dev, or the plates of train that readers never see.")
    ] = "dev",
    stands: Annotated[
        bool,
        typer.Option("--stands", help="Vehicles of streams come and stand for five times as long."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Render plates of many countries, their streams, or a street scene; needs the extra `lab`.

    Semi-real streams film the sharp crops under --data with our camera.
    """
    from platestream.lab.render.layouts import layouts_of
    from platestream.lab.render.output import write_crops, write_semi_real, write_streams
    from platestream.lab.render.scene import write_scene

    if split not in ("dev", "train"):
        msg = f"--split {split}: choose dev or train"
        raise ConfigError(msg)
    _refuse_idle_options(context, what)
    if what == "crops":
        labels = write_crops(out, num, seed, glyphs, layouts_of(layout or []))
    elif what == "streams":
        kinds = layouts_of(layout or [])
        labels = write_streams(out, num, frames, seed, glyphs, kinds, stands=stands)
    elif what == "semi-real" and data:
        from platestream.lab.train.crops import sharp_crops

        crops = [(crop.text, crop.rgb) for crop in sharp_crops(data, num, split)]
        labels = write_semi_real(out, crops, frames, seed, split, stands=stands)
    elif what == "scene":
        labels = write_scene(out, seed)
    else:
        msg = f"--what {what}: choose crops, streams, semi-real (with --data) or scene"
        raise ConfigError(msg)
    if as_json:
        print_json({"labels": str(labels)})
    else:
        say(f"{labels}\n")


def _refuse_idle_options(context: typer.Context, what: str) -> None:
    """An option that changes nothing was meant for something."""
    options = set().union(*RENDERED_BY.values())
    for name in sorted(options - RENDERED_BY.get(what, options)):
        if is_given(context, name):
            kinds = [kind for kind, used in RENDERED_BY.items() if name in used]
            msg = f"--{name} has no effect on {what}, only on {' and '.join(kinds)}; leave it out"
            raise ConfigError(msg)


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {count}" for key, count in value.items())
    return str(value)
