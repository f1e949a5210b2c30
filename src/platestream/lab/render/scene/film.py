"""The film: frames with everything in them, and files of them."""

import csv
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import av
import cv2
import numpy as np

from platestream.core.errors import StoreError
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Rgb
from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.optics import add_noise, defocus
from platestream.lab.render.scene.bodywork import Body
from platestream.lab.render.scene.exposure import expose
from platestream.lab.render.scene.lens import FPS, Camera
from platestream.lab.render.scene.street import draw_street, view_street
from platestream.lab.render.scene.traffic import TRAFFIC, ScenePassage, find_passages
from platestream.lab.render.scene.vehicle import NumberPlate, Vehicle

NUM_FRAMES = 200
SIZE_PX = (1280, 720)


class Scene:
    """A street and its traffic; frames can be drawn in any order.

    Args:
        seed: Same seed, same pixels: plates, houses, shake, noise.
        size_px: Width and height of the frames; everything is drawn to scale.
        traffic: Who passes.

    Raises:
        ConfigError: a font is not installed.
    """

    def __init__(
        self,
        seed: int,
        size_px: tuple[int, int] = SIZE_PX,
        traffic: tuple[Vehicle, ...] = TRAFFIC,
    ) -> None:
        self._seed, self._camera, self._book = seed, Camera(seed, size_px), GlyphBook()
        self._bodies = []
        for number, vehicle in enumerate(traffic):
            rng = np.random.default_rng((seed, number))
            plate = NumberPlate.issue(vehicle.layout, rng, self._book)
            self._bodies.append(Body(vehicle, plate, self._book))

    def frame(self, index: int) -> Rgb:
        """Draw frame `index`, from 0: ``(H, W, 3)`` uint8."""
        rng = np.random.default_rng((self._seed, 77, index))
        camera, lens, time_s = self._camera, self._camera.lens(index), index / FPS
        picture = view_street(self._street, camera, lens)
        places = [(body.vehicle.position(time_s), body) for body in self._bodies]
        for place, body in sorted(places, key=lambda each: -each[0][2]):
            expose(picture, body, place, lens, camera.scale)
        cloud = 1.12 - 0.12 * np.sin(0.8 * time_s + 0.4) ** 2
        picture = np.asarray(cv2.convertScaleAbs(picture, alpha=cloud), np.uint8)
        picture = add_noise(defocus(picture, 0.45 * camera.scale), 1.5, rng)
        _stamp(picture, f"2024-06-14  16:42:{7 + index // FPS:02d}", 18, self._book)
        _stamp(picture, "CAM 03  MARKET ST", 1020, self._book)
        return picture

    def frames(self) -> Iterator[Rgb]:
        """Draw all frames one after the other: ``(H, W, 3)`` uint8 each."""
        return (self.frame(index) for index in range(NUM_FRAMES))

    def passages(self) -> list[ScenePassage]:
        """The truth: every plate that becomes readable, in order of the traffic."""
        return find_passages(self._bodies, self._camera, range(NUM_FRAMES))

    @cached_property
    def _street(self) -> Rgb:
        return draw_street(self._camera, self._seed)


def render_scene(seed: int, size_px: tuple[int, int] = SIZE_PX) -> Iterator[Rgb]:
    """Draw the frames of a scene one after the other: ``(H, W, 3)`` uint8 each.

    Raises:
        ConfigError: a font is not installed.
    """
    return Scene(seed, size_px).frames()


def write_scene(out_dir: Path, seed: int, size_px: tuple[int, int] = SIZE_PX) -> Path:
    """Film a scene: ``scene.mp4`` and the `labels.csv` of its passages.

    Args:
        out_dir: Made where it is missing; files of the same names are replaced.
        seed: Same seed, same pixels.
        size_px: Width and height, both even.

    Returns:
        The `labels.csv`.

    Raises:
        ConfigError: a font is not installed.
        StoreError: a file cannot be written.
    """
    scene, labels, video = Scene(seed, size_px), out_dir / "labels.csv", out_dir / "scene.mp4"
    try:
        make_private_folder(out_dir)
        _encode(video, scene.frames(), size_px)
        with open_private(labels, encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("file", "split", "text", "first_frame", "last_frame"))
            for each in scene.passages():
                writer.writerow((video.name, "dev", each.text, each.first_frame, each.last_frame))
    except OSError as error:
        msg = f"{video}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return labels


def _encode(path: Path, frames: Iterator[Rgb], size_px: tuple[int, int]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        # One thread: with more, the bytes differ from machine to machine.
        stream.options = {"crf": "26", "preset": "slow", "threads": "1"}
        # Opens the file now rather than after the first frames, should it not be writable.
        container.start_encoding()
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def _stamp(picture: Rgb, words: str, x_px: int, book: GlyphBook) -> None:
    """Burn a line into the top of a picture, `x_px` from the left were it 1280 wide."""
    scale = picture.shape[1] / 1280
    mask = book.words(FAMILIES["round"][5], words)
    tall = 17 * scale
    size = (max(2, round(mask.shape[1] * tall / mask.shape[0])), max(2, round(tall)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    left, top = round(x_px * scale), round(16 * scale)
    part = picture[top : top + size[1], left : left + size[0]]
    cover = small[: part.shape[0], : part.shape[1], None] / np.float32(255)
    rim = cv2.GaussianBlur(cover, (0, 0), 1.5 * scale)[..., None]
    dimmed = part * (1 - 0.7 * rim)
    part[:] = dimmed + (246 - dimmed) * cover
