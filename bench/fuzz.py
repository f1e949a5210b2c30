"""Change files at random and read them: each must end well, or in one of our errors, and soon.

    python bench/fuzz.py                  # 10,000 files and more; an hour on two slow cores
    python bench/fuzz.py --num 50 --kind weights

Files are read in processes of their own, with a watch on each file's time and on the memory of
all. Prints a line a kind; exits with 1 if anything crashed, hung, took too much or raised a
foreign error. Nothing leaves the machine.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
from tests.live.films import film, write_video  # noqa: E402

WEIGHTS = ROOT / "src/platestream/models/weights"

ADDRESS_SPACE_BYTES = 4_000_000_000
"""Guards the machine; libraries reserve more than they use, so what counts is `MOST_MB`."""

MOST_MB = 2000
WITHIN_S = 30
BATCH = 100
"""Files that one process reads: starting one takes longer than reading."""

READER = """
import faulthandler, sys, time
from itertools import islice
from pathlib import Path
from platestream.core.errors import PlatestreamError

def media(path):
    from platestream.video.videos import VideoSource
    for _ in islice(VideoSource(path).frames(), 20):
        pass

def pictures(path):
    from platestream.video.pictures import read_picture
    read_picture(path)

def config(path):
    from platestream.service.config import load_config
    load_config(path, {})

def labels(path):
    from platestream.lab.data.layouts import read_dataset
    read_dataset(path)

def annotations(path):
    from platestream.lab.data.own import read_own
    read_own(path)

def cards(path):
    from platestream.models.cards import load_card
    load_card(path.stem, path.parent)

def weights(path):
    import numpy as np
    from platestream.models import detector, quality, reader, upright
    made = {"detector": detector.OnnxDetector, "quality-nano": quality.OnnxQuality,
            "corners": upright.CornerFinder, "reader-nano": reader.OnnxReader}
    network = made[path.stem.split("_")[0]](path)
    rgb = np.random.default_rng(0).integers(0, 255, (64, 128, 3), np.uint8)
    (getattr(network, "detect", None) or network)(rgb)

read = globals()[sys.argv[1]]
for path in map(Path, sys.argv[3:]):
    print("at", path.name, flush=True)
    faulthandler.dump_traceback_later(float(sys.argv[2]), exit=True)
    begin_s = time.monotonic()
    try:
        read(path)
        end = "read"
    except PlatestreamError:
        end = "refused"
    except Exception as error:
        end = f"foreign {type(error).__name__}: {str(error)[:100]!r}"
    print("took", time.monotonic() - begin_s, end, flush=True)
faulthandler.cancel_dump_traceback_later()
high = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print("mb", int(high) / 1000, flush=True)
"""

LABELS = b"file,split,text,x,y,w,h,quad,track,frame_index\na.png,dev,AB1234,1,2,30,10,,t,0\n"
VIDEO_LABELS = b"file,split,text,first_frame,last_frame\na.mp4,dev,AB1234,1,20\n"
ANNOTATIONS = {
    "coco.json": b"""{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"image_id": 1,
        "bbox": [1, 2, 30, 10], "attributes": {"plate": "AB1234"}}]}""",
    "studio.json": b"""[{"data": {"image": "/data/local-files/?d=a.png"},
        "annotations": [{"result": [
        {"id": "b", "original_width": 128, "original_height": 64,
         "value": {"x": 1, "y": 2, "width": 30, "height": 10}},
        {"id": "b", "value": {"text": ["AB1234"]}}]}]}]""",
    "cvat.xml": b"""<annotations><image name="a.png"><box xtl="1" ytl="2" xbr="31" ybr="12">
        <attribute name="plate">AB1234</attribute></box></image></annotations>""",
}
PICTURES = (".jpg", ".png", ".gif", ".webp", ".bmp", ".tiff", ".jp2", ".avif")


@dataclass
class Tally:
    """What became of one kind of file.

    Attributes:
        faults: What was wrong, with the file's number.
    """

    num: int = 0
    num_read: int = 0
    slowest_s: float = 0.0
    most_mb: float = 0.0
    faults: list[str] = field(default_factory=list)

    def hear(self, said: str) -> str:
        """Take what a reader printed; the file that it did not get to the end of, if any."""
        at = ""
        for line in said.splitlines():
            word, _, rest = line.partition(" ")
            if word == "at":
                at, self.num = rest, self.num + 1
            elif word == "took":
                took_s, _, end = rest.partition(" ")
                self.slowest_s = max(self.slowest_s, float(took_s))
                self.num_read += end == "read"
                if end.startswith("foreign"):
                    self.faults.append(f"{at}: {end}")
                at = ""
            elif word == "mb":
                self.most_mb = max(self.most_mb, float(rest))
        return at


def seeds(kind: str, folder: Path) -> list[tuple[str, bytes]]:
    """Whole files to change: a name with its suffix, and the bytes."""
    if kind == "config":
        return [
            ("c.yaml", path.read_bytes()) for path in sorted((ROOT / "examples").glob("*.yaml"))
        ]
    if kind == "labels":
        return [("l.csv", LABELS), ("v.csv", VIDEO_LABELS)]
    if kind == "annotations":
        return list(ANNOTATIONS.items())
    if kind == "cards":
        return [(path.name, path.read_bytes()) for path in sorted(WEIGHTS.glob("*.json"))]
    if kind == "weights":
        names = ("detector", "quality-nano", "corners", "reader-nano")
        return [(f"{name}.onnx", (WEIGHTS / f"{name}.onnx").read_bytes()) for name in names]
    if kind == "media":
        made = [
            write_video(folder / f"whole{suffix}", film(12)) for suffix in (".mp4", ".mkv", ".ts")
        ]
        street = ROOT / "src/platestream/demo/street.mp4"
        return [(path.name, path.read_bytes()) for path in (*made, street)]
    rgb = next(film(1))
    encoded = [
        (f"p{suffix}", cv2.imencode(suffix, np.ascontiguousarray(rgb))) for suffix in PICTURES
    ]
    return [(name, data.tobytes()) for name, (_, data) in encoded]


def changed(data: bytes, dice: random.Random) -> bytes:
    """Some bytes overwritten, and in every other file some cut out, doubled or put in."""
    made, is_same_length = bytearray(data), dice.random() < 0.5
    # Headers decide most, and are little of the file; few changes get far in.
    reach = len(made) if dice.random() < 0.5 else min(len(made), 600)
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        at, length = dice.randrange(reach), dice.randint(1, 16)
        was = bytes(made[at : at + length])
        piece = dice.choice([dice.randbytes(len(was)), b"\xff" * len(was), b"\0" * len(was)])
        if not is_same_length:
            piece = dice.choice([piece, b"", was * 2, b"[" * 40, b"\xff\xff\xff\x7f"])
        made[at : at + length] = piece
    return bytes(made)


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_all(kind: str, paths: list[Path], tally: Tally) -> None:
    """Read files; after one that ends the process, the others in another one."""
    while paths:
        command = [sys.executable, "-c", READER, kind, str(WITHIN_S), *map(str, paths)]
        done = subprocess.run(
            command, capture_output=True, text=True, preexec_fn=limit, check=False
        )
        at = tally.hear(done.stdout)
        if not at:
            if done.returncode:
                tally.faults.append(f"ended with {done.returncode}: {done.stderr[-300:]}")
            return
        is_hang = "Timeout" in done.stderr
        what = f"hung for {WITHIN_S} s" if is_hang else f"ended with {done.returncode}"
        tally.faults.append(f"{at}: {what}: {done.stderr[-300:]}")
        paths = paths[[path.name for path in paths].index(at) + 1 :]


def batches(kind: str, num: int, seed: int, folder: Path) -> Iterator[list[Path]]:
    """Changed files, batch by batch; each batch's are gone with the next."""
    dice, whole = random.Random(f"{seed} {kind}"), seeds(kind, folder)
    for first in range(0, num, BATCH):
        with tempfile.TemporaryDirectory() as place:
            paths: list[Path] = []
            for name in ("a.png", "a.mp4") if kind in ("labels", "annotations") else ():
                (Path(place) / name).touch()  # what the labels name must be there
            for number in range(first, min(first + BATCH, num)):
                name, data = whole[number % len(whole)]
                stem, _, suffix = name.rpartition(".")
                paths.append(Path(place) / f"{stem}_{number}.{suffix}")
                paths[-1].write_bytes(changed(data, dice))
            yield paths


def attack(kind: str, num: int, seed: int, tell: Callable[[str], None] = print) -> Tally:
    """Read `num` changed files of a kind."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for paths in batches(kind, num, seed, Path(folder)):
            before = len(tally.faults)
            read_all(kind, paths, tally)
            for fault in tally.faults[before:]:
                tell(f"{kind}: {fault}")
    if tally.most_mb > MOST_MB:
        tally.faults.append(f"{tally.most_mb:.0f} MB")
    return tally


KINDS = {"media": 2500, "pictures": 2500, "config": 2000, "labels": 1000, "cards": 1000}
KINDS |= {"weights": 1200, "annotations": 1500}
"""And how many of each the long form reads."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num", type=int, help="Files of each kind; by default those of KINDS.")
    parser.add_argument("--seed", type=int, default=0, help="Of the changes.")
    parser.add_argument("--kind", action="append", choices=KINDS, help="These kinds only.")
    args = parser.parse_args()
    num_faults = 0
    print("kind       files  read  faults  slowest s  most MB", flush=True)
    for kind in args.kind or KINDS:
        tally = attack(kind, args.num or KINDS[kind], args.seed)
        num_faults += len(tally.faults)
        counts = f"{kind:9} {tally.num:6} {tally.num_read:5} {len(tally.faults):7}"
        print(f"{counts} {tally.slowest_s:10.2f} {tally.most_mb:8.0f}", flush=True)
    return int(bool(num_faults))


if __name__ == "__main__":
    sys.exit(main())
