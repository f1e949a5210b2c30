"""`platestream read`: plate crops in, a line of text for each out."""

from pathlib import Path
from typing import Annotated

import typer

from platestream.cli.options import ArchName, Json, ModelsDir, Threads, complain, print_json, say
from platestream.core.errors import SourceError, SourceNotFound
from platestream.models.cards import DEFAULT_ARCH


def read(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Pictures of one plate each, or folders of them."),
    ],
    arch: ArchName = DEFAULT_ARCH,
    models: ModelsDir = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Read plate crops: pictures that show one plate and little else.

    Prints one line a crop: text, score and quality, or with --json an object with those and
    the file. A picture that cannot be read is reported, and the others are read all the same.
    """
    from platestream.models.bundle import load_networks
    from platestream.video.pictures import read_picture

    networks = load_networks(arch, models, num_threads=threads)
    exit_code = 0
    for path in paths:
        try:
            files = _pictures(path)
        except SourceError as error:
            exit_code = _report(error)
            continue
        for file in files:
            try:
                rgb = read_picture(file)
            except SourceError as error:
                exit_code = _report(error)
                continue
            reading, quality = networks.read(rgb), networks.score(rgb)
            score, quality = round(reading.score, 4), round(quality, 4)
            if as_json:
                row = {"file": str(file), "text": reading.text, "score": score, "quality": quality}
                print_json(row)
            else:
                say(f"{reading.text:12} {score:.2f}  q{quality:.2f}  {file}\n")
    if exit_code:
        raise typer.Exit(exit_code)


def _pictures(path: Path) -> list[Path]:
    from platestream.video.pictures import list_pictures

    if not path.is_dir():
        return [path]
    files = list_pictures(path)
    if not files:
        msg = f"{path}: the folder holds no pictures; give one that does"
        raise SourceNotFound(msg)
    return files


def _report(error: SourceError) -> int:
    complain(f"platestream: {error}\n")
    return error.exit_code
