"""A street with traffic, filmed: the clip of the demo, or others by seed.

Plates come near and go away, out of focus, smeared and in shade; signs, a van's lettering and the
camera's clock are there to be taken for plates.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import StoreError
from platestream.core.types import BoxXyxy, Rgb
from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.optics import add_noise, defocus, smear
from platestream.lab.render.parts import Colour
from platestream.lab.render.plate import render_plate
from platestream.lab.render.scene_parts import Body, Layer, Lens, Points, Vehicle, over, paste
from platestream.lab.render.strings import label, write

FPS = 25
NUM_FRAMES = 200
READABLE_PX = 14.0
"""A plate of this height or more counts as readable, one of two rows `_TWO_ROWS` times it."""

TRAFFIC = (
    Vehicle("hatch_rear", (168, 30, 34), "D", 0.50, 1.65, 8.5, 0.9),
    Vehicle("sedan_front", (176, 182, 190), "cn_blue", 0.40, -1.65, -9.0, 2.2),
    Vehicle("suv_rear", (38, 66, 112), "br_mercosur", 0.82, 1.65, 8.0, 3.9),
    Vehicle("suv_front", (34, 36, 40), "ru", 0.50, -1.65, -8.5, 4.4),
    Vehicle("van_rear", (222, 222, 216), "in_two_row", 0.66, 1.65, 7.0, 6.3,
            ("EXPRESS", "FRESH FLOWERS")),
)  # fmt: skip

Field: TypeAlias = NDArray[np.float32]
"""``(...)`` float32, a value a pixel or a place."""

_HAZE = np.array([206, 214, 220], np.float32)
_FACADES = ((196, 176, 148), (172, 128, 104), (206, 200, 188), (158, 148, 136), (188, 158, 116),
            (142, 120, 108), (214, 196, 160))  # fmt: skip
_AWNINGS = ((150, 44, 40), (44, 84, 70), (50, 66, 110), (186, 160, 110))
_SIGNS: tuple[tuple[str, float, float, float, float, Colour, Colour], ...] = (
    ("BAKERY 24H", -7.48, 3.3, 27.0, 5.0, (132, 30, 32), (244, 232, 206)),
    ("AUTO PARTS", 7.48, 3.3, 25.0, 5.5, (28, 60, 120), (240, 240, 236)),
    ("HOTEL 58", -6.9, 4.6, 36.0, 1.7, (236, 232, 220), (24, 30, 44)),
    ("PHARMACY", 5.1, 4.2, 33.0, 2.2, (24, 104, 64), (244, 246, 244)),
)
"""Words, x, y, z, length, colours; those close to a wall hang along it, the others across."""

_TWO_ROWS = 1.5
_MARGIN_PX = 8
_SUPERSAMPLE = 2
_WALL_X_M, _ROAD_X_M, _END_Z_M = 7.5, 3.5, 130.0
_SHADE_M = (11.5, 15.5)
_EXPOSURE_S = 1 / 500
_FOCUS_M = 10.0


@dataclass(frozen=True, slots=True)
class ScenePassage:
    """One vehicle's passage, as it really was.

    Attributes:
        text: The plate.
        boxes: Where the plate is in each frame in which it is whole and readable.
    """

    text: str
    boxes: dict[int, BoxXyxy]

    @property
    def first_frame(self) -> int:
        """The first readable frame."""
        return min(self.boxes)

    @property
    def last_frame(self) -> int:
        """The last readable frame, inclusive."""
        return max(self.boxes)


class Scene:
    """A street and its traffic; frames can be drawn in any order.

    Args:
        seed: Same seed, same pixels: plates, houses, shake, noise.
        size_px: Width and height of the frames; everything is drawn to scale.
        traffic: Who passes.
        plates: Whether the vehicles carry their plates.

    Raises:
        ConfigError: a font is not installed.
    """

    def __init__(
        self,
        seed: int,
        size_px: tuple[int, int] = (1280, 720),
        traffic: tuple[Vehicle, ...] = TRAFFIC,
        *,
        plates: bool = True,
    ) -> None:
        width, height = size_px
        self._seed, self._size_px, self._plates = seed, size_px, plates
        self._book = GlyphBook()
        self._lens = Lens(width * 1.484, (width / 2, height / 2))
        self._bodies = [Body(vehicle, self._book) for vehicle in traffic]
        layouts = {layout.name.lower(): layout for layout in LAYOUTS}
        self._texts, self._pictures, self._sizes_m = [], [], []
        for number, vehicle in enumerate(traffic):
            rng = np.random.default_rng((seed, number))
            layout = replace(layouts[vehicle.layout.lower()], frame=0.0)
            pattern = layout.patterns[rng.integers(len(layout.patterns))]
            written = write(pattern, rng, layout.letters)
            self._texts.append(label(written))
            self._pictures.append(render_plate(layout, written, rng, self._book))
            self._sizes_m.append((layout.size_mm[0] / 1000, layout.size_mm[1] / 1000))
        self._street = draw_street(self._lens, size_px, seed, self._book)

    def frame(self, index: int) -> Rgb:
        """Draw frame `index`, from 0: ``(H, W, 3)`` uint8."""
        rng = np.random.default_rng((self._seed, 77, index))
        lens, time_s = self._shaken(index), index / FPS
        picture = self._move_street(lens)
        places = [(body.vehicle.position(time_s), number, body)
                  for number, body in enumerate(self._bodies)]  # fmt: skip
        for place, number, body in sorted(places, key=lambda p: -p[0][2]):
            self._draw_vehicle(picture, lens, place, number, body)
        cloud = 1.12 - 0.12 * np.sin(0.8 * time_s + 0.4) ** 2
        picture = np.asarray(cv2.convertScaleAbs(picture, alpha=cloud), np.uint8)
        picture = add_noise(defocus(picture, 0.45 * self._scale), 1.5, rng)
        self._stamp(picture, index)
        return picture

    def passages(self) -> list[ScenePassage]:
        """The truth: every plate that becomes readable, in order of the traffic."""
        found = []
        for number, text in enumerate(self._texts):
            boxes = {}
            for index in range(NUM_FRAMES):
                box = self._readable_box(number, index)
                if box:
                    boxes[index] = box
            if boxes:
                found.append(ScenePassage(text, boxes))
        return found

    @property
    def _scale(self) -> float:
        return self._size_px[0] / 1280

    def _shaken(self, index: int) -> Lens:
        """The lens as the wind moves it, by a few pixels at most."""
        phases = np.random.default_rng((self._seed, 99)).uniform(0, 6.3, (2, 3))
        waves = np.sin(np.array([0.9, 2.3, 5.1]) * index / FPS + phases)
        shift = (waves * (0.9, 0.45, 0.15)).sum(axis=1) * self._scale
        centre = self._lens.centre
        return replace(self._lens, centre=(centre[0] + shift[0], centre[1] + shift[1]))

    def _move_street(self, lens: Lens) -> Rgb:
        margin = _MARGIN_PX - np.subtract(lens.centre, self._lens.centre)
        move = np.array([[1, 0, -margin[0]], [0, 1, -margin[1]]])
        return np.asarray(cv2.warpAffine(self._street, move, self._size_px), np.uint8)

    def _plate_quad(self, number: int, place: Points, lens: Lens) -> Points:
        return lens.project(self._bodies[number].plate_quad(self._sizes_m[number]) + place)

    def _readable_box(self, number: int, index: int) -> BoxXyxy | None:
        place = self._bodies[number].vehicle.position(index / FPS)
        if place[2] < 2:
            return None
        quad = self._plate_quad(number, place, self._shaken(index))
        low, high = quad.min(axis=0), quad.max(axis=0)
        tall = (quad[2:, 1] - quad[1::-1, 1]).mean()
        is_inside = (low >= 0).all() and (high <= self._size_px).all()
        width_m, height_m = self._sizes_m[number]
        needed = READABLE_PX * (1.0 if width_m > 2.4 * height_m else _TWO_ROWS)
        if not is_inside or tall < needed * self._scale:
            return None
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _draw_vehicle(
        self, picture: Rgb, lens: Lens, place: Points, number: int, body: Body
    ) -> None:
        """Draw one vehicle and its shadow into the picture."""
        window = self._window(lens, place, body)
        if window is None:
            return
        left, top, right, bottom = window
        part = picture[top:bottom, left:right]
        near = replace(lens, centre=(lens.centre[0] - left, lens.centre[1] - top))
        _cast_shadow(part, near.project(body.footprint() + place))
        fine = replace(
            near,
            focal_px=near.focal_px * _SUPERSAMPLE,
            centre=(near.centre[0] * _SUPERSAMPLE, near.centre[1] * _SUPERSAMPLE),
        )
        size = (right - left, bottom - top)
        layer = np.zeros((size[1] * _SUPERSAMPLE, size[0] * _SUPERSAMPLE, 4), np.uint8)
        light = _light_at(place[2])
        body.draw(layer, fine, place, light)
        if self._plates:
            lit = self._pictures[number] * (0.62 + 0.38 * light[0]) * light[1]
            paste(layer, lit.astype(np.uint8), self._plate_quad(number, place, fine))
        layer = np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_AREA), np.uint8)
        over(part, self._film(layer, lens, place, body))

    def _window(self, lens: Lens, place: Points, body: Body) -> tuple[int, int, int, int] | None:
        """The part of the frame that a vehicle and its shadow may touch."""
        floor = body.footprint() + place
        floor += [[-0.9, 0, -0.7], [0.5, 0, -0.7], [0.5, 0, 0], [-0.9, 0, 0]]
        floor[:, 2] = np.maximum(floor[:, 2], 2.0)
        corners = lens.project(np.vstack([floor, floor + np.array([0, 2.3, 0])]))
        low = np.clip(corners.min(axis=0) - 6, 0, self._size_px).astype(int)
        high = np.clip(corners.max(axis=0) + 6, 0, self._size_px).astype(int)
        if place[2] < -4 or (high - low).min() < 4:
            return None
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def _film(self, layer: Layer, lens: Lens, place: Points, body: Body) -> Layer:
        """Blur a vehicle as its distance and its motion while the shutter is open ask for."""
        distance = max(float(place[2]), 3.0)
        blur = 16 * abs(1 / distance - 1 / _FOCUS_M) * self._scale
        plate = np.array([[0, body.vehicle.plate_y_m, 0]]) + place
        plate[:, 2] = np.maximum(plate[:, 2], 3.0)
        ahead = plate + np.array([0, 0, body.vehicle.speed_m_s * _EXPOSURE_S])
        dx, dy = (lens.project(ahead) - lens.project(plate))[0]
        angle = float(np.rad2deg(np.arctan2(dy, dx)))
        return smear(defocus(layer, blur), float(np.hypot(dx, dy)), angle)

    def _stamp(self, picture: Rgb, index: int) -> None:
        """Burn date, time and the camera's name into the picture."""
        seconds = index // FPS
        stamp = f"2024-06-14  16:42:{7 + seconds:02d}"
        for words, x in ((stamp, 18), ("CAM 03  MARKET ST", 1020)):
            mask = self._book.words(FAMILIES["round"][5], words)
            tall = 17 * self._scale
            size = (max(2, round(mask.shape[1] * tall / mask.shape[0])), max(2, round(tall)))
            small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
            left, top = round(x * self._scale), round(16 * self._scale)
            part = picture[top : top + size[1], left : left + size[0]]
            cover = small[: part.shape[0], : part.shape[1], None] / np.float32(255)
            rim = cv2.GaussianBlur(cover, (0, 0), 1.5 * self._scale)[..., None]
            dimmed = part * (1 - 0.7 * rim)
            part[:] = dimmed + (246 - dimmed) * cover


def render_scene(seed: int, size_px: tuple[int, int] = (1280, 720)) -> Iterator[Rgb]:
    """Draw the frames of a scene one after the other: ``(H, W, 3)`` uint8 each.

    Raises:
        ConfigError: a font is not installed.
    """
    scene = Scene(seed, size_px)
    return (scene.frame(index) for index in range(NUM_FRAMES))


def write_scene(out_dir: Path, seed: int, size_px: tuple[int, int] = (1280, 720)) -> Path:
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
        out_dir.mkdir(parents=True, exist_ok=True)
        _encode(video, (scene.frame(index) for index in range(NUM_FRAMES)), size_px)
        with labels.open("w", encoding="utf-8", newline="") as stream:
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


def _light_at(z_m: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """Sunlight, and all light, at places on the road: ``(2, ...)`` factors."""
    shade = _smooth((z_m - _SHADE_M[0]) / 0.8) * _smooth((_SHADE_M[1] - z_m) / 0.8)
    return np.array([1 - 0.85 * shade, 1 - 0.22 * shade])


def _cast_shadow(picture: Rgb, footprint: Points) -> None:
    """Darken the ground below a vehicle, softly, and a little beside it."""
    mask = np.zeros(picture.shape[:2], np.float32)
    wide = np.ptp(footprint[:2, 0])
    reach = footprint.copy()
    reach[[0, 3], 0] -= 0.16 * wide * np.array([1, np.ptp(footprint[2:, 0]) / wide])
    for outline, weight in ((reach, 0.5), (footprint, 0.85)):
        fixed = np.round(np.clip(outline, -20_000, 20_000) * 16).astype(np.int32)
        cv2.fillConvexPoly(mask, fixed, weight, cv2.LINE_8, 4)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.035 * wide)), np.float32)
    picture[:] = picture * (1 - 0.8 * soft[..., None])


def _smooth(x: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """Go from 0 to 1 smoothly while `x` does."""
    share = np.clip(x, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float64)


def draw_street(lens: Lens, size_px: tuple[int, int], seed: int, book: GlyphBook) -> Rgb:
    """Draw the empty street, with a margin of `_MARGIN_PX` around the frame for the camera's shake.

    Args:
        lens: As the frame sees it.
        size_px: Of the frame.
        seed: Same seed, same houses.
        book: Draws the signs.

    Returns:
        ``(H + 2 margins, W + 2 margins, 3)`` uint8.
    """
    rng = np.random.default_rng((seed, 11))
    size = (size_px[0] + 2 * _MARGIN_PX, size_px[1] + 2 * _MARGIN_PX)
    wide = replace(
        lens,
        focal_px=lens.focal_px * _SUPERSAMPLE,
        centre=(
            (lens.centre[0] + _MARGIN_PX) * _SUPERSAMPLE,
            (lens.centre[1] + _MARGIN_PX) * _SUPERSAMPLE,
        ),
    )
    columns, rows = (np.arange(side * _SUPERSAMPLE, dtype=np.float32) + 0.5 for side in size)
    down = np.deg2rad(lens.pitch_deg)
    ahead = (columns - wide.centre[0])[None] / wide.focal_px
    rise = (wide.centre[1] - rows)[:, None] / wide.focal_px
    ray_y, ray_z = rise * np.cos(down) - np.sin(down), rise * np.sin(down) + np.cos(down)

    canvas = _paint_sky(ray_y, ahead, rng)
    to_wall = _WALL_X_M / np.maximum(np.abs(ahead), 1e-4)
    to_ground = np.where(ray_y < 0, lens.height_m / np.maximum(-ray_y, 1e-5), np.inf)
    for side in (-1, 1):
        here = (np.sign(ahead) == side) & (to_wall < to_ground)
        at = np.nonzero(here & (to_wall * ray_z < _END_Z_M))
        reach = to_wall[0, at[1]]
        y, z = lens.height_m + reach * ray_y[at[0], 0], reach * ray_z[at[0], 0]
        colours, cover = _paint_houses(z, y, side, rng)
        canvas[at] += (colours - canvas[at]) * cover[:, None]
    at = np.nonzero((to_ground < to_wall) & (to_ground * ray_z < 4 * _END_Z_M))
    reach = to_ground[at[0], 0]
    canvas[at] = _paint_ground(reach * ahead[0, at[1]], reach * ray_z[at[0], 0], rng)

    street = np.clip(canvas, 0, 255).astype(np.uint8)
    _plant_trees(street, wide, rng)
    street = _soften(street, wide)
    _hang_signs(street, wide, book)
    return np.asarray(cv2.resize(street, size, interpolation=cv2.INTER_AREA), np.uint8)


def _paint_sky(ray_y: Field, ahead: Field, rng: np.random.Generator) -> Field:
    """Blue above, pale at the horizon, with clouds and a far tree line: ``(H, W, 3)``."""
    height = np.clip(ray_y / 0.2, 0, 1)[..., None]
    low, high = np.array([218, 224, 230], np.float32), np.array([134, 172, 214], np.float32)
    sky = low + (high - low) * height + np.zeros((1, ahead.shape[1], 1), np.float32)
    x, y = np.broadcast_arrays(ahead * 900, 900 * 3 * ray_y)
    clouds = _smooth((_sample(_noise(rng, (64, 32, 16, 8)), x + 200, y) - 0.1) * 0.7)[..., None]
    sky += (np.float32(242) - sky) * clouds.astype(np.float32) * 0.8
    hills = 0.012 + 0.012 * _sample(_noise(rng, (32, 8, 4)), x, np.zeros_like(x))
    far = np.broadcast_to(ray_y < hills, x.shape)
    sky[far] = (150, 164, 160)
    return np.asarray(sky, np.float32)


def _paint_houses(z: Field, y: Field, side: int, rng: np.random.Generator) -> tuple[Field, Field]:
    """Facades along one side of the street.

    Args:
        z: ``(K,)`` metres along the street.
        y: ``(K,)`` metres above the ground.
        side: -1 for the left one, 1 for the right one.
        rng: Makes widths, heights and colours up.

    Returns:
        Colours ``(K, 3)``, and ``(K,)`` 1 where there is a house, 0 where the sky is seen.
    """
    edges = np.cumsum(rng.uniform(7, 12, 24))
    number = np.searchsorted(edges, z)
    tones = np.array(_FACADES, np.float32)[rng.permutation(24 * len(_FACADES)) % len(_FACADES)]
    tops, bays = rng.uniform(8.5, 15, 25)[number], rng.uniform(1.9, 2.7, 25)[number]
    storey = rng.uniform(2.9, 3.4, 25)[number]
    along = (z - np.concatenate([[0], edges])[number]) / bays
    up = (y - 3.9) / storey
    colours = (
        tones[number] * (1.04 + 0.06 * _sample(_noise(rng, (16, 4, 1)), z * 25, y * 25))[:, None]
    )
    window = (np.abs(along % 1 - 0.5) < 0.24) & (np.abs(up % 1 - 0.48) < 0.29) & (up > 0)
    frame = (np.abs(along % 1 - 0.5) < 0.29) & (np.abs(up % 1 - 0.47) < 0.34) & (up > 0)
    colours[frame] = colours[frame] * 0.55 + 100
    lit = rng.uniform(0.5, 1.5, 4096).astype(np.float32)
    pane = lit[(number * 131 + along.astype(int) * 17 + up.astype(int) * 7) % 4096]
    colours[window] = (np.array([58, 68, 80], np.float32) * pane[:, None])[window]
    shop = (y < 2.9) & (y > 0.5) & (np.abs(along % 2 - 1) < 0.85)
    colours[(y < 3.3)] *= 0.82
    colours[shop] = (np.array([52, 58, 62], np.float32) * (0.7 + 0.5 * pane[:, None]))[shop]
    awning = (y > 2.95) & (y < 3.6) & (number % 3 != 1)
    stripes = np.array(_AWNINGS, np.float32)[number % len(_AWNINGS)]
    colours[awning] = stripes[awning] * np.where(along[awning] * 3 % 1 < 0.5, 1.0, 0.86)[:, None]
    colours[np.abs(y - tops + 0.25) < 0.25] *= 1.12
    colours *= 1.04 if side < 0 else 0.7
    haze = (1 - np.exp(-z / 190))[:, None]
    return colours + (_HAZE - colours) * haze, (y < tops).astype(np.float32)


def _paint_ground(x: Field, z: Field, rng: np.random.Generator) -> Field:
    """Asphalt, lines, kerbs and pavements at ``(K,)`` places: colours ``(K, 3)``."""
    grain = _noise(rng, (1, 2)), _noise(rng, (32, 64, 128))
    fine, coarse = _sample(grain[0], x * 180, z * 60), _sample(grain[1], x * 20, z * 4)
    fade = np.clip(9 / z, 0.05, 1)
    tone = 100 + 8 * fine * fade + 3.5 * coarse
    tracks = sum(np.exp(-(((np.abs(x) - centre) / 0.28) ** 2)) for centre in (0.95, 2.4))
    tone -= 6 * tracks
    for x0, z0, half_x, half_z in ((-1.2, 17, 0.7, 2.2), (2.3, 30, 0.8, 3), (1.1, 11.5, 0.35, 0.9)):
        tone -= 11 * ((np.abs(x - x0) < half_x) & (np.abs(z - z0) < half_z))
    colours = np.stack([tone, tone, tone * 1.015], axis=1).astype(np.float32)
    worn = np.clip(0.86 + 0.16 * coarse + 0.12 * fine * fade, 0, 1)
    dash = (np.abs(x) < 0.065) & (z % 5.0 < 2.6)
    edge = np.abs(np.abs(x) - _ROAD_X_M + 0.25) < 0.05
    colours[dash | edge] += ((208 - colours) * worn[:, None] * 0.9)[dash | edge]
    beside = np.abs(x) - _ROAD_X_M
    slabs = 150 + 6 * fine * fade + 5 * coarse
    joint = ((z % 0.9 < 0.035) | ((beside % 0.9) < 0.025)) & (z < 40)
    slabs = np.where(joint, slabs - 26 * fade, slabs)
    pavement = beside > 0
    colours[pavement] = (slabs[:, None] * np.array([1.0, 0.985, 0.95], np.float32))[pavement]
    colours[(beside > 0) & (beside < 0.16)] = (172, 170, 166)
    colours[(beside > -0.09) & (beside < 0)] *= 0.72
    cover = np.hypot(x + 0.55, z - 13.4)
    colours[cover < 0.33] *= 0.72
    shade = 1 - _light_at(z - 0.25 * x)[0]
    shade = np.maximum(shade, 0.75 * _smooth((x - 4.4) / 0.5) * (z > 13))
    colours *= 1.08 - 0.42 * shade[:, None].astype(np.float32)
    haze = (1 - np.exp(-z / 260))[:, None]
    return np.asarray(colours + (_HAZE - colours) * haze, np.float32)


def _plant_trees(street: Rgb, lens: Lens, rng: np.random.Generator) -> None:
    """Trees and lamp posts along the kerbs, far ones first."""
    for z in (88.0, 66.0, 50.0, 37.0):
        for x in (-5.0, 5.2):
            _plant(street, lens, x, z + 3 * np.sign(x), rng)
    for x, z in ((4.3, 31.0), (-4.3, 25.5)):
        pole = lens.project(np.array([[x, 0, z], [x, 8, z]]))
        thick = max(2, round(0.13 * lens.focal_px / z))
        ends = [tuple(np.round(point).astype(int).tolist()) for point in pole]
        cv2.line(street, ends[0], ends[1], (84, 90, 94), thick, cv2.LINE_AA)


def _plant(street: Rgb, lens: Lens, x: float, z: float, rng: np.random.Generator) -> None:
    scale = lens.focal_px / z
    foot, fork = (np.round(lens.project(np.array([x, y, z]))).astype(int).tolist()
                  for y in (0.0, 2.6))  # fmt: skip
    cv2.line(
        street, tuple(foot), tuple(fork), (74, 64, 54), max(2, round(0.24 * scale)), cv2.LINE_AA
    )
    blobs = rng.normal(0, 1, (420, 3)) * (0.72, 0.8, 0.5)
    blobs = blobs[np.linalg.norm(blobs, axis=1) < 1.75]
    for dx, dy, dz in blobs[np.argsort(blobs[:, 1] - blobs[:, 2])]:
        centre = np.round(lens.project(np.array([x + dx, 4.1 + dy, z]))).astype(int).tolist()
        sunny = np.clip(0.62 + 0.26 * dy + 0.14 * dx - 0.2 * dz + rng.normal(0, 0.1), 0.28, 1.25)
        haze = 1 - np.exp(-z / 190)
        colour = np.array([92, 122, 58]) * sunny * (1 - haze) + _HAZE * haze
        radius = max(1, round(rng.uniform(0.1, 0.24) * scale))
        cv2.circle(street, tuple(centre), radius, colour.tolist(), -1, cv2.LINE_AA)


def _soften(street: Rgb, lens: Lens) -> Rgb:
    """Put what is far, above some 25 m of road, out of focus."""
    near, far = lens.project(np.array([[0, 0, 14.0], [0, 0, 40.0]]))[:, 1]
    rows = np.arange(street.shape[0], dtype=np.float32)
    share = _smooth((near - rows) / (near - far))[:, None, None].astype(np.float32)
    blurred = cv2.GaussianBlur(street, (0, 0), 2.1 * lens.focal_px / 3800)
    return np.asarray(street + (blurred - street.astype(np.float32)) * share, np.uint8)


def _hang_signs(street: Rgb, lens: Lens, book: GlyphBook) -> None:
    """Signs with lettering that are no plates: some along the walls, one across the pavement."""
    for words, x, y, z, length, paper, ink in _SIGNS:
        board = _board(words, abs(length), paper, ink, book)
        along = (0, length) if x < 0 else (length, 0)
        across = abs(x) < _WALL_X_M - 0.5
        ends = np.array([[x + share * across, 0, z + share * (not across)] for share in along])
        if across:
            ends = np.array([[x, 0, z], [x + length, 0, z]])
        top, bottom = y + 0.36, y - 0.36
        quad = np.array([[*ends[0]], [*ends[1]], [*ends[1]], [*ends[0]]])
        quad[:, 1] = (top, top, bottom, bottom)
        layer = np.zeros((*street.shape[:2], 4), np.uint8)
        paste(layer, board, lens.project(quad))
        over(
            street,
            np.asarray(cv2.GaussianBlur(layer, (0, 0), 1.4 * lens.focal_px / 3800), np.uint8),
        )


def _board(words: str, length_m: float, paper: Colour, ink: Colour, book: GlyphBook) -> Rgb:
    """A sign 0.72 m high: ``(72, W, 3)``."""
    board = np.empty((72, round(100 * length_m), 3), np.float32)
    board[:] = np.array(paper) * np.linspace(1.05, 0.9, 72)[:, None, None]
    mask = book.words(FAMILIES["bold"][0], words)
    wide = min(board.shape[1] - 16, round(mask.shape[1] * 42 / mask.shape[0]))
    small = cv2.resize(mask, (wide, 42), interpolation=cv2.INTER_AREA)[..., None] / 255
    left = (board.shape[1] - wide) // 2
    part = board[15:57, left : left + wide]
    part += (np.array(ink) - part) * small
    return np.clip(board, 0, 255).astype(np.uint8)


def _noise(rng: np.random.Generator, grains_px: tuple[int, ...]) -> Field:
    """A tile ``(512, 512)`` of noise with grains of several sizes, mean 0, deviation about 1."""
    tile = np.zeros((512, 512), np.float32)
    for grain in grains_px:
        coarse = rng.standard_normal((512 // grain, 512 // grain), np.float32)
        tile = tile + np.asarray(cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_CUBIC))
    return np.asarray((tile - tile.mean()) / tile.std(), np.float32)


def _sample(tile: Field, x: Field, y: Field) -> Field:
    """Look a repeated tile up at ``(...)`` places, in its pixels."""
    return np.asarray(tile[y.astype(int) % 512, x.astype(int) % 512], np.float32)
