"""A road with made-up vehicles as a real video file; a detector and networks that know them."""

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.types import Detection, Reading, Rgb
from platestream.stream.rules import make_rule
from platestream.video.engine import Engine
from platestream.video.kinds import Kind
from platestream.video.pipeline import Pipeline
from tests.detections import slanted

FPS = 25
WIDTH, HEIGHT = 320, 192
LANES = 4
_PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)
_STEP = 15  # between the brightnesses of vehicles, more than a codec adds


def film_road(path: Path, seconds: int, seed: int = 1, key_frame_every: int = 12) -> Path:
    """Vehicles go by in four lanes; posts hide some for a while."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((seconds * FPS, HEIGHT, WIDTH), np.uint8)
    for lane in range(LANES):
        frame = int(rng.integers(0, 40))
        while frame < len(pictures):
            stays = int(rng.integers(25, 100))
            left, right = (70 + _STEP * int(grey) for grey in rng.integers(0, 12, 2))
            hidden = range(0)
            if rng.random() < 0.6:
                begin = int(rng.integers(8, stays))
                hidden = range(begin, begin + int(rng.integers(10, 70)))
            for age in range(min(stays, len(pictures) - frame)):
                if age in hidden:
                    continue
                x = int((WIDTH - 40) * age / stays)
                y = 12 + lane * (HEIGHT // LANES)
                pictures[frame + age, y : y + 16, x : x + 20] = left
                pictures[frame + age, y : y + 16, x + 20 : x + 40] = right
            frame += stays + int(rng.integers(10, 70))
    return _encode(path, pictures, key_frame_every)


def _encode(path: Path, pictures: np.ndarray, key_frame_every: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "12", "preset": "ultrafast", "g": str(key_frame_every), "bf": "2"}
        for grey in pictures:
            rgb = np.repeat(grey[:, :, None], 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))
    return path


class FindBright:
    """Every bright patch is a plate."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        bright = (rgb[:, :, 0] > 45).astype(np.uint8)
        _, _, boxes, _ = cv2.connectedComponentsWithStats(bright)
        return [
            slanted((float(x), float(y), float(x + w), float(y + h)))
            for x, y, w, h, area in boxes[1:].tolist()
            if area > 60
        ]


def score(rgb: Rgb) -> float:
    return float(rgb[4:-4, 4:-4].mean()) / 255


def read(rgb: Rgb) -> Reading:
    """The brightness of both halves, which is the vehicle's plate."""
    middle = rgb.shape[1] // 2
    halves = (np.median(half[4:-4, 4:-4]) for half in (rgb[:, :middle], rgb[:, middle:]))
    left, right = (round((float(grey) - 70) / _STEP) for grey in halves)
    return Reading(f"{'ABCDEFGHIJKLMN'[left] * 3}{right:03}", _PROBS, 0.97)


def photos(_: Sequence[Path]) -> Kind:
    """All pictures are photos."""
    return Kind.PHOTOS


def make_pipeline() -> Pipeline:
    rule = make_rule("worthwhile", "string-vote")
    return Pipeline(Engine(FindBright(), score, read, rule=rule))
