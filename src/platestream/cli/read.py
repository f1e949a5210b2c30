"""`platestream read`: plate crops in, a line of text for each out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platestream.cli.options import (
    ArchName,
    DeviceName,
    Json,
    ModelsDir,
    Threads,
    complain,
    print_json,
    say,
)
from platestream.core.errors import SourceError, SourceNotFound
from platestream.models.cards import DEFAULT_ARCH
from platestream.models.devices import DEFAULT_DEVICE

if TYPE_CHECKING:
    from platestream.models.bundle import Networks


def read(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Pictures of one plate each, or folders of them."),
    ],
    arch: ArchName = DEFAULT_ARCH,
    models: ModelsDir = None,
    threads: Threads = 1,
    together: Annotated[
        bool,
        typer.Option(
            "--together",
            help="Read each folder as one plate: the average of its pictures, which are laid on "
            "top of each other.",
        ),
    ] = False,
    device: DeviceName = DEFAULT_DEVICE,
    as_json: Json = False,
) -> None:
    """Read plate crops: pictures that show one plate and little else.

    Prints one line a crop: text, score and quality, or with --json an object with those and
    the file. A picture that cannot be read is reported, and the others are read all the same.
    With --together it is one line a folder: text, score and the number of pictures in the average.
    """
    from platestream.models.bundle import load_networks
    from platestream.video.pictures import read_picture

    networks = load_networks(arch, models, num_threads=threads, device=device)
    exit_code = 0
    for path in paths:
        try:
            files = _pictures(path)
        except SourceError as error:
            exit_code = _report(error)
            continue
        if together:
            exit_code = _read_together(path, files, networks, as_json=as_json) or exit_code
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


def _read_together(path: Path, files: list[Path], networks: "Networks", *, as_json: bool) -> int:
    from platestream.models.together import read_together
    from platestream.video.pictures import read_picture

    exit_code, crops = 0, []
    for file in files:
        try:
            crops.append(read_picture(file))
        except SourceError as error:
            exit_code = _report(error)
    if not crops:
        return exit_code
    reading, stacked = read_together(crops, networks)
    score, num = round(reading.score, 4), stacked.num_frames
    if as_json:
        row = {"folder": str(path), "text": reading.text, "score": score}
        print_json({**row, "num_pictures": len(crops), "num_stacked": num})
    else:
        say(f"{reading.text:12} {score:.2f}  {num} of {len(crops)}  {path}\n")
    return exit_code


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
