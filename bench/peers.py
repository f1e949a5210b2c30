"""What people use today for plates: what their papers and our measurements say, and what they cost.

    python bench/peers.py CLIP... rapidocr=PYTHON agentclpr=PYTHON safelicensing=PYTHON [--every 25]

Ours and each peer look at the same frames in turn, then read the same crops, those that ours
found. Each is a process of its own on one thread; a peer's has the interpreter that is named, with
what PyPI carries under that name installed: `rapidocr-onnxruntime`, `agentclpr` or `safelicensing`,
whose weights are in the package. A row says the processor's milliseconds, median of all turns, and
the median of the ratios to ours in the same turn. The tables below were measured once, on all
images of a set where that is said: exact match of the whole string in percent, with O = 0 and
I = 1 folded in brackets, and milliseconds a crop on one thread; half of brazil, china_easypr and
china_ccpd is kept aside elsewhere.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Any

READERS = {
    "frames/europe": "CCT-XS 92.6 (100), 2.1 ms; PP-OCRv6 81.5 (94.4), 12.9 ms",
    "frames/brazil": "CCT-XS 94.7 (95.6), 2.1 ms; PP-OCRv6 96.5, 12.9 ms (of 114)",
    "frames/china_easypr": "HyperLPR 91.8, 5.8 ms; AgentCLPR 89.3, 8.5 ms; CRNN 89.3, 0.96 ms; "
    "PP-OCRv4 86.3, 12.7 ms; STN-LPRNet 39.5; LPRNet 27.2 (of 291)",
    "crops/china_ccpd": "AgentCLPR 98.7; PP-OCRv4 98.2; LPRNet 89.4, 1.7 ms; HyperLPR 88.3 "
    "(of 1,000)",
    "tracks/rlpr": "CCT-XS 2.2 of single frames",
}
"""By set: readers on boxes or crops, as `plate_accuracy`."""

DETECTORS = {
    "frames/europe": "HyperLPR3-320 100 / 91.5, 8.0 ms; HyperLPR3-640 98.2 / 84.1, 33 ms; YOLOv8n "
    "100 / 93.9, 44 ms; OpenALPR 98.2 / 100, 33 to 128 ms; LPD-YuNet-640 71 / 99, 205 ms",
    "frames/brazil": "HyperLPR3-320 100 / 93.4; HyperLPR3-640 96.5 / 84.0; YOLOv8n 100 / 85.7; "
    "OpenALPR 65.8 / 100; LPD-YuNet-320 61 / 100 (of 114)",
    "frames/china_easypr": "HyperLPR3-320 97.0 / 91.4; HyperLPR3-640 99.0 / 89.1; YOLOv8n 95.6 / "
    "90.2; LPD-YuNet-640 93 / 92 (of 256)",
}
"""By set: detectors, recall / precision in percent at IoU 0.5, and milliseconds a frame."""

PIPELINES = {
    "frames/europe": "HyperLPR3-320 + CCT-XS 90.7, 10 ms; YOLOv8n + CCT-XS 92.6, 51 to 58 ms; "
    "OpenALPR 72.2",
    "frames/brazil": "HyperLPR3-320 + CCT-XS 93.0; YOLOv8n + CCT-XS 93.9; OpenALPR 40.4 (of 114)",
    "frames/china_easypr": "HyperLPR3-640 + CRNN 93.6, 34 ms; EasyPR 49.2 (of 256)",
}
"""By set: plates found and read exactly, in percent."""


Look = Callable[[Any], int]
"""Plates that are found in a picture, blue first."""
Read = Callable[[Any], str]
OURS = "platestream"


def ours() -> tuple[Look, Read]:
    from platestream.video.engine import load_engine

    engine = load_engine()
    return (
        lambda bgr: len(engine.detector.detect(bgr[:, :, ::-1])),
        lambda bgr: engine.read(bgr[:, :, ::-1]).text,
    )


def rapidocr() -> tuple[Look, Read]:
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR()

    def look(bgr: Any) -> int:
        boxes, _ = engine(bgr, use_det=True, use_cls=False, use_rec=False)
        return len(boxes or ())

    def read(bgr: Any) -> str:
        lines, _ = engine(bgr, use_det=False, use_cls=False, use_rec=True)
        return str(lines[0][0]) if lines else ""

    return look, read


def agentclpr() -> tuple[Look, Read]:
    from agentclpr import CLPSystem

    system = CLPSystem()
    recognizer = system.ocr.text_sys.text_recognizer
    return lambda bgr: len(system.det(bgr)), lambda bgr: str(recognizer([bgr])[0][0][0])


def safelicensing() -> tuple[Look, None]:
    import torch
    from safelicensing.detection import load_model

    torch.set_num_threads(1)
    model = load_model()
    return lambda bgr: len(model.predict(bgr, verbose=False, device="cpu")[0].boxes), None


PEERS: dict[str, Callable[[], tuple[Look, Read | None]]] = {
    OURS: ours,
    "rapidocr": rapidocr,
    "agentclpr": agentclpr,
    "safelicensing": safelicensing,
}


def serve(name: str) -> None:
    """In an interpreter of its own: what to do and a picture's path a line in, the cost out."""
    import cv2

    answers, sys.stdout = sys.stdout, sys.stderr  # libraries that print would spoil the answers
    single_threaded()
    look, read = PEERS[name]()
    for line in sys.stdin:
        task, path = json.loads(line)
        bgr = cv2.imread(path)
        call = look if task == "look" else read
        if call is None:
            print("null", file=answers, flush=True)
            continue
        begin_s = time.process_time()
        found = call(bgr)
        ms = 1000 * (time.process_time() - begin_s)
        print(json.dumps([ms, found]), file=answers, flush=True)


def single_threaded() -> None:
    """Let ONNX Runtime have one thread, whoever opens a network and how."""
    try:
        import onnxruntime
    except ModuleNotFoundError:
        return
    plain = onnxruntime.InferenceSession

    class Single(plain):  # type: ignore[misc, valid-type]
        def __init__(self, model: Any, sess_options: Any = None, **more: Any) -> None:
            options = sess_options or onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            super().__init__(model, options, **more)

    onnxruntime.InferenceSession = Single


class Worker:
    """A peer, or ours, at the other end of a pipe."""

    def __init__(self, name: str, python: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, str(Path(__file__).resolve()), "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )

    def ask(self, task: str, picture: Path) -> tuple[float, Any] | None:
        """Milliseconds and what was found; None of a peer that cannot do this."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([task, str(picture)]), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended; see above")
        return json.loads(line)


def compare(clips: list[Path], workers: list[Worker], every: int) -> list[dict[str, object]]:
    """A row for each part of each of them."""
    import cv2
    import numpy as np

    from platestream.models.preprocess import cut_from
    from platestream.video.engine import load_engine
    from platestream.video.pipeline import is_readable
    from platestream.video.videos import VideoSource

    detector = load_engine().detector
    costs: dict[tuple[str, str], list[float]] = defaultdict(list)
    ratios: dict[tuple[str, str], list[float]] = defaultdict(list)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)

    def turn(task: str, picture: Path) -> None:
        answers = {worker.name: worker.ask(task, picture) for worker in workers}
        for name, answer in answers.items():
            if answer is not None:
                costs[task, name].append(answer[0])
                ratios[task, name].append(answer[0] / answers[OURS][0])
                found[task, name].append(answer[1] if task == "look" else bool(answer[1]))

    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.bmp"
        for clip in clips:
            for frame in VideoSource(clip).frames():
                if frame.index % every:
                    continue
                cv2.imwrite(str(picture), frame.rgb[:, :, ::-1])
                turn("look", picture)
                for plate in detector.detect(frame.rgb):
                    if is_readable(plate.box_xyxy):
                        crop = np.ascontiguousarray(cut_from(frame, plate)[:, :, ::-1])
                        cv2.imwrite(str(picture), crop)
                        turn("read", picture)
    return [
        {
            "part": {"look": "detector, a frame", "read": "reader, a crop"}[task],
            "who": name,
            "turns": len(costs[task, name]),
            "ms": round(median(costs[task, name]), 2),
            "ratio": round(median(ratios[task, name]), 2),
            "found": round(mean(found[task, name]), 2),
        }
        for task, name in costs
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="+", help="clips, and NAME=PYTHON for each peer")
    parser.add_argument("--every", type=int, default=25, help="look at each so many-th frame")
    given = parser.parse_intermixed_args()
    peers = dict(each.split("=", 1) for each in given.what if "=" in each)
    if unknown := peers.keys() - PEERS.keys():
        sys.exit(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    workers = [Worker(name, python) for name, python in {OURS: sys.executable, **peers}.items()]
    rows = compare([Path(each) for each in given.what if "=" not in each], workers, given.every)
    print("| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0]), sep="\n")
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2])
    else:
        main()
