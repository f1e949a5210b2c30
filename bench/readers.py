"""Our reader and a peer's, in turn, crop by crop, on one thread each.

    python bench/readers.py LABELS.csv rapidocr=VENV/bin/python agentclpr=VENV/bin/python

Each peer runs in an interpreter of its own (with `rapidocr-onnxruntime` or `agentclpr`, `numpy<2`
and OpenCV 4), and takes its turn on every crop, so that a busy moment hits all. What a peer writes
between characters (a dot, a blank) is left out before texts are compared.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

PEERS = ("rapidocr", "agentclpr")


def serve(peer: str) -> None:
    """In the peer's interpreter: a picture's path a line in, its text and milliseconds out."""
    import cv2

    # Libraries that print would spoil the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    read = _rapidocr() if peer == "rapidocr" else _agentclpr()
    for line in sys.stdin:
        bgr = cv2.imread(line.strip())
        start_s = time.perf_counter()
        text = read(bgr)
        ms = 1000 * (time.perf_counter() - start_s)
        print(json.dumps([text, ms]), file=answers, flush=True)


def _rapidocr() -> Callable[..., str]:
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(bgr: object) -> str:
        lines, _ = engine(bgr, use_det=False, use_cls=False, use_rec=True)
        return lines[0][0] if lines else ""

    return read


def _agentclpr() -> Callable[..., str]:
    from agentclpr import CLPSystem

    recognizer = CLPSystem().ocr.text_sys.text_recognizer

    def read(bgr: object) -> str:
        lines, _ = recognizer([bgr])
        return lines[0][0]

    return read


def compare(labels: Path, interpreters: dict[str, str]) -> dict[str, dict[str, float]]:
    """Share read exactly, and the median milliseconds of a crop, of each reader."""
    import tempfile

    from platestream.core.alphabet import normalize
    from platestream.lab.data.cutting import cut_sample, with_plates
    from platestream.lab.data.labels_csv import read_labels
    from platestream.models.bundle import load_networks
    from platestream.video.pictures import write_picture

    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [str(Path(__file__).resolve()), "--serve"]
    workers = {
        peer: subprocess.Popen(
            [python, *command, peer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        for peer, python in interpreters.items()
    }
    own = load_networks().read
    hits: dict[str, list[bool]] = {name: [] for name in ("platestream", *workers)}
    times: dict[str, list[float]] = {name: [] for name in hits}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "crop.png"
        for sample in with_plates(read_labels(labels, "dev")):
            rgb = cut_sample(sample)
            write_picture(file, rgb)
            start_s = time.perf_counter()
            text = own(rgb).text
            answers = {"platestream": (text, 1000 * (time.perf_counter() - start_s))}
            for peer, worker in workers.items():
                print(file, file=worker.stdin, flush=True)
                answers[peer] = json.loads(worker.stdout.readline())
            for name, (text, ms) in answers.items():
                plain = "".join(c for c in text if c.isalnum())
                hits[name].append(normalize(plain) == sample.text)
                times[name].append(ms)
    return {
        name: {"plate_accuracy": sum(hits[name]) / len(hits[name]), "ms": median(times[name])}
        for name in hits
    }


def main() -> None:
    if sys.argv[1] == "--serve":
        serve(sys.argv[2])
        return
    interpreters = dict(argument.split("=", 1) for argument in sys.argv[2:])
    unknown = interpreters.keys() - set(PEERS)
    if unknown:
        sys.exit(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    print(json.dumps(compare(Path(sys.argv[1]), interpreters), indent=1))


if __name__ == "__main__":
    main()
