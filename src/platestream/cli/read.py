"""`platestream read`: plate crops in, a line of text for each out."""

from collections.abc import Iterator
from functools import cached_property
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
from platestream.core.boxes import round_box
from platestream.core.errors import SourceError, SourceNotFound
from platestream.models.cards import DEFAULT_ARCH
from platestream.models.devices import DEFAULT_DEVICE

if TYPE_CHECKING:
    from platestream.core.types import BoxXyxy, Rgb
    from platestream.models.bundle import Networks
    from platestream.models.detector import OnnxDetector


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
    the file. In a whole photo the plates are found first, each has its box, and standard error
    says so. A picture that cannot be read is reported, and the others are read all the same.
    With --together it is one line a folder: text, score and the number of pictures in the average.
    """
    from platestream.models.bundle import load_networks
    from platestream.video.pictures import read_picture

    networks = load_networks(arch, models, num_threads=threads, device=device)
    cutter = _Cutter(models, threads, device)
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
                crops = list(cutter.crops(read_picture(file), file))
            except SourceError as error:
                exit_code = _report(error)
                continue
            for rgb, box in crops:
                reading, quality = networks.read(rgb), networks.score(rgb)
                _print(file, reading.text, reading.score, quality, box, as_json=as_json)
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


class _Cutter:
    """Tells crops from photos, and finds the plates of the latter."""

    def __init__(self, models: Path | None, threads: int, device: str) -> None:
        self._models, self._threads, self._device = models, threads, device

    @cached_property
    def _detector(self) -> "OnnxDetector":
        """Loaded when a picture is as large as a photo."""
        from platestream.models.bundle import load_detector

        return load_detector(self._models, num_threads=self._threads, device=self._device)

    def crops(self, rgb: "Rgb", file: Path) -> Iterator[tuple["Rgb", "BoxXyxy | None"]]:
        """The picture itself; of a photo its plates, with their boxes."""
        from platestream.models.preprocess import cut_plate
        from platestream.video.looks import is_photo
        from platestream.video.pipeline import is_readable

        if not is_photo(rgb, lambda picture: self._detector.detect(picture)):
            yield rgb, None
            return
        size = rgb.shape[1], rgb.shape[0]
        found = [d for d in self._detector.detect(rgb) if is_readable(d.box_xyxy, size)]
        plates = "no plate was found" if not found else f"read {len(found)} found in it"
        complain(
            f"platestream: {file}: a whole photo, not a crop of one plate; {plates} "
            "(`platestream run` is for photos)\n"
        )
        for detection in found:
            yield cut_plate(rgb, detection), detection.box_xyxy


def _print(
    file: Path, text: str, score: float, quality: float, box: "BoxXyxy | None", *, as_json: bool
) -> None:
    if as_json:
        row = {
            "file": str(file),
            "text": text,
            "score": round(score, 4),
            "quality": round(quality, 4),
        }
        print_json(row if box is None else {**row, "box_xyxy": round_box(box, 1)})
        return
    where = "" if box is None else f"  at {','.join(str(round(value)) for value in box)}"
    say(f"{text:12} {score:.2f}  q{quality:.2f}  {file}{where}\n")


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
