"""Change files at random and read them: each must end well, or in one of our errors, and soon.

    python bench/fuzz.py --num 1000

Each file is read in a process of its own, with limits on its memory and time. Prints one line a
kind; exits with 1 if anything crashed, hung or raised a foreign error. Nothing leaves the machine.
"""

import argparse
import collections
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEMORY_BYTES = 4_000_000_000
"""Of address space, which is more than what is used."""

WITHIN_S = 30
BATCH = 50
"""Files that one process reads: starting one takes longer than reading."""

SEEDS = {
    "media": ROOT / "src/platestream/demo/street.mp4",
    "config": ROOT / "examples/everything.yaml",
    "card": next(iter(sorted((ROOT / "src/platestream/models/weights").glob("*.json")))),
}

READER = """
import sys
from pathlib import Path
from platestream.core.errors import PlatestreamError
kind = sys.argv[1]
for path in map(Path, sys.argv[2:]):
    print(path.name, flush=True)
    try:
        if kind == "media":
            from itertools import islice
            from platestream.video.videos import VideoSource
            for _ in islice(VideoSource(path).frames(), 20):
                pass
        elif kind == "config":
            from platestream.service.config import load_config
            load_config(path, {})
        elif kind == "labels":
            from platestream.lab.data.layouts import read_dataset
            read_dataset(path)
        else:
            from platestream.models.cards import load_card
            load_card(path.stem, path.parent)
    except PlatestreamError:
        pass
"""

LABELS = b"file,split,text,x,y,w,h,quad,track,frame_index\na.png,dev,AB1234,1,2,30,10,,t,0\n"


def changed(data: bytes, dice: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        at, length = dice.randrange(len(made) or 1), dice.randint(1, 16)
        piece = [dice.randbytes(length), b"", bytes(made[at : at + length]) * 2]
        made[at : at + length] = dice.choice(piece)
    return bytes(made)


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def read_batch(kind: str, paths: list[Path]) -> str:
    """What was wrong; empty if all ended as it should."""
    command = [sys.executable, "-c", READER, kind, *map(str, paths)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WITHIN_S, preexec_fn=limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().split()
        return f"hung at {said[-1] if said else 'the start'}"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return f"ended with {done.returncode} at {done.stdout.split()[-1:]}: {last}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num", type=int, default=1000, help="Files of each kind.")
    parser.add_argument("--seed", type=int, default=0, help="Of the changes.")
    args = parser.parse_args()
    faults: collections.Counter[str] = collections.Counter()
    seeds = {kind: path.read_bytes() for kind, path in SEEDS.items() if path.is_file()}
    for kind, data in {**seeds, "labels": LABELS}.items():
        dice, begin_s = random.Random(args.seed), time.monotonic()
        suffix = {"media": "mp4", "config": "yaml", "labels": "csv"}.get(kind, "json")
        for first in range(0, args.num, BATCH):
            with tempfile.TemporaryDirectory() as folder:
                num = min(BATCH, args.num - first)
                paths = [Path(folder) / f"{first + i}.{suffix}" for i in range(num)]
                for path in paths:
                    path.write_bytes(changed(data, dice))
                if fault := read_batch(kind, paths):
                    faults[kind] += 1
                    print(f"{kind}: {fault}", flush=True)
        took_s = time.monotonic() - begin_s
        print(f"{kind}: {args.num} files, {faults[kind]} faults, {took_s:.0f} s", flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
