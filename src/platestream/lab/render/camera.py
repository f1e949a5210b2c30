"""The camera: how a plate on a table becomes a crop of a video frame, good or bad.

`Camera` is what stays the same while one vehicle passes, `Pose` what changes from frame to frame;
`shoot` takes one frame. The usual crop is readable; about one in eight is not.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render import optics
from platestream.models.preprocess import CROP_MARGIN

Quad = NDArray[np.float32]
"""``(4, 2)`` float32 pixels: top-left, top-right, bottom-right, bottom-left."""

ONE_ROW_ASPECT = 4.7


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """What stays the same during one track.

    Attributes:
        height_px: Height of a one-row plate on the sensor; others get the same area.
        zoom: Enlargement before sharpening and codec, as small pictures on the web have had.
        gain: ``(3,)`` float32 brightness and colour cast.
        gamma: Tone curve; above 1 is darker.
        haze: Grey levels added to all.
        is_grey: An infrared or black-and-white camera.
        backlight: Brightness of the car around the plate relative to the plate; low at night.
        blur: Defocus, as a share of `height_px`.
        motion: Length of the motion blur, as a share of `height_px`.
        motion_deg: Its direction.
        noise: Sensor noise in grey levels.
        sharpness: Strength of the camera's own sharpening.
        quality: Of the codec, JPEG 1..100.
        num_streaks: Of rain.
        yaw_deg: How far the vehicle is turned sideways.
        pitch_deg: How far above the plate the camera is.
        roll_deg: How far the plate is turned in the picture.
        slack: How much background the detector's boxes leave, as a share of the plate's size.
        scenery: ``(h, w, 3)`` float32, a coarse picture of what is behind the plate.
    """

    height_px: float
    zoom: float
    gain: NDArray[np.float32]
    gamma: float
    haze: float
    is_grey: bool
    backlight: float
    blur: float
    motion: float
    motion_deg: float
    noise: float
    sharpness: float
    quality: int
    num_streaks: int
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    slack: float
    scenery: NDArray[np.float32]

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "Camera":
        """Pick one: mostly fair, sometimes bad in one or two ways."""
        is_dark, is_far, is_fast, is_soft = rng.random(4) < (0.16, 0.16, 0.12, 0.14)
        level = rng.uniform(0.25, 0.65) if is_dark else rng.uniform(0.55, 1.15)
        cast = 1 + rng.normal(0, 0.1 if is_dark else 0.05, 3)
        return cls(
            height_px=float(rng.uniform(9, 14) if is_far else np.exp(rng.uniform(2.7, 3.75))),
            zoom=float(rng.uniform(1.3, 2.5)) if rng.random() < 0.2 else 1.0,
            gain=np.clip(level * cast, 0.08, 1.6).astype(np.float32),
            gamma=float(rng.uniform(0.75, 1.4)),
            haze=float(max(0.0, rng.normal(4, 18))),
            is_grey=bool(rng.random() < 0.15),
            backlight=float(rng.uniform(0.1, 0.7) if is_dark else rng.uniform(0.5, 1.1)),
            blur=float(rng.uniform(0.04, 0.1) if is_soft else rng.uniform(0, 0.04)),
            motion=float(rng.uniform(0.12, 0.42) if is_fast else rng.exponential(0.04)),
            motion_deg=(0.0, 0.0, 90.0, float(rng.uniform(0, 180)))[int(rng.integers(4))],
            noise=float(min(rng.exponential(6 if is_dark else 3), 22 * level)),
            sharpness=float(rng.uniform(0.3, 1.6)) if rng.random() < 0.3 else 0.0,
            quality=int(rng.integers(20, 60)) if rng.random() < 0.4 else int(rng.integers(60, 99)),
            num_streaks=int(rng.integers(5, 25)) if rng.random() < 0.04 else 0,
            yaw_deg=float(rng.normal(0, 18)),
            pitch_deg=float(rng.normal(8, 10)),
            roll_deg=float(rng.normal(0, 2.5) if rng.random() < 0.75 else rng.normal(0, 8)),
            slack=float(
                abs(rng.normal(0.06, 0.06)) if rng.random() < 0.85 else rng.uniform(0, 0.4)
            ),
            scenery=_scenery(rng),
        )

    def upright(self) -> "Camera":
        """The same camera behind a detector that turns plates upright, a few degrees off."""
        return replace(
            self,
            yaw_deg=self.yaw_deg * 0.3,
            pitch_deg=self.pitch_deg * 0.3,
            roll_deg=self.roll_deg * 0.3,
            slack=0.5 * CROP_MARGIN,
        )


@dataclass(frozen=True, slots=True)
class Pose:
    """What changes from frame to frame, relative to the camera's own values.

    Attributes:
        scale: Factor on the plate's size.
        blur: Factor on defocus.
        motion: Factor on motion blur.
        light: Factor on brightness.
        yaw_deg: Added.
        roll_deg: Added.
        jitter: ``(left, top, right, bottom)`` of the box, as shares of its size.
    """

    scale: float = 1.0
    blur: float = 1.0
    motion: float = 1.0
    light: float = 1.0
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    jitter: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "Pose":
        """One frame by itself."""
        left, top, right, bottom = rng.normal(0, 0.035, 4)
        return cls(jitter=(float(left), float(top) * 1.6, float(right), float(bottom) * 1.6))


def shoot(plate: Rgb, camera: Camera, rng: np.random.Generator, pose: Pose | None = None) -> Rgb:
    """Take one crop of a plate.

    Args:
        plate: ``(H, W, 3)`` uint8 RGB, the plate filling it.
        camera: Light, sensor, codec, view.
        rng: Noise, and the pose when there is none.
        pose: Where in its track the frame is.

    Returns:
        ``(h, w, 3)`` uint8 RGB, as a detector's box would cut it; some are cut tight, some loose.
    """
    pose = pose or Pose.sample(rng)
    height, width = plate.shape[:2]
    height_px = max(5.0, camera.height_px * pose.scale)
    scale = height_px * np.sqrt(ONE_ROW_ASPECT / (height * width))
    quad, size_px = _frame_quad(width * scale, height * scale, camera, pose)
    image = _place(_shrink(plate, scale), quad, _background(camera, size_px))
    if camera.num_streaks:
        image = optics.rain(image, camera.num_streaks, 0.3, rng)
    image = optics.defocus(image, camera.blur * pose.blur * height_px)
    image = optics.smear(image, camera.motion * pose.motion * height_px, camera.motion_deg)
    if camera.is_grey:
        image = optics.grey(image)
    gain = np.full(3, camera.gain.mean(), np.float32) if camera.is_grey else camera.gain
    image = optics.expose(image, gain * np.float32(pose.light), camera.gamma, camera.haze)
    image = optics.add_noise(image, camera.noise, rng)
    if camera.zoom > 1:
        image = optics.enlarge(image, camera.zoom)
    if camera.sharpness:
        image = optics.sharpen(image, camera.sharpness)
    return optics.compress(image, camera.quality)


def _scenery(rng: np.random.Generator) -> NDArray[np.float32]:
    """A coarse picture of a car's body: one colour, darker below, with an edge or a lamp in it."""
    tone = rng.uniform(10, 235)
    body = tone + rng.normal(0, 8 if rng.random() < 0.75 else 40, 3)
    scenery = np.empty((6, 10, 3), np.float32)
    scenery[:] = body
    scenery *= np.linspace(1.1, rng.uniform(0.4, 1.1), 6, dtype=np.float32)[:, None, None]
    scenery += rng.normal(0, rng.uniform(2, 22), (6, 10, 1)).astype(np.float32)
    if rng.random() < 0.5:
        scenery[int(rng.integers(4, 6)) :] = rng.uniform(5, 90)
    if rng.random() < 0.15:
        scenery[:, : int(rng.integers(1, 3))] = rng.uniform(0, 255, 3)
    return np.clip(scenery, 0, 255)


def _frame_quad(
    width: float, height: float, camera: Camera, pose: Pose
) -> tuple[Quad, tuple[int, int]]:
    """Turn the plate in space, project it, and cut a box around it.

    Returns:
        The plate's corners in the crop, and the crop's width and height in pixels.
    """
    yaw, pitch, roll = np.deg2rad(
        (camera.yaw_deg + pose.yaw_deg, camera.pitch_deg, camera.roll_deg + pose.roll_deg)
    )
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    x, y = corners[:, 0] * np.cos(yaw), corners[:, 1] * np.cos(pitch)
    # A plate is seen from some six plate widths away: the far side is a little smaller.
    away = corners[:, 0] * np.sin(yaw) + corners[:, 1] * np.sin(pitch)
    nearness = 1 / (1 + away / (6 * width))
    x, y = x * nearness, y * nearness + corners[:, 0] * np.sin(yaw) * np.sin(pitch) * 0.6
    turned = np.stack([x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)], 1)
    low, high = turned.min(axis=0), turned.max(axis=0)
    extent = high - low
    # Slack is rather above and below; a tight box may touch characters, not cut them off.
    slack = camera.slack * np.array([0.5, 1.0, 0.5, 1.0])
    left, top, right, bottom = np.maximum(slack + pose.jitter, (-0.03, -0.06, -0.03, -0.06))
    low = low - (left, top) * extent
    high = high + (right, bottom) * extent
    size = np.maximum(np.round(high - low), (12, 6)).astype(int)
    return (turned - low).astype(np.float32), (int(size[0]), int(size[1]))


def _shrink(plate: Rgb, scale: float) -> Rgb:
    """Average a plate down to about its final size, so that warping it drops no pixels."""
    if scale > 0.8:
        return plate
    size = (max(4, round(plate.shape[1] * scale)), max(3, round(plate.shape[0] * scale)))
    return np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_AREA), np.uint8)


def _background(camera: Camera, size_px: tuple[int, int]) -> Rgb:
    lit = (camera.scenery * np.float32(camera.backlight)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(lit, size_px, interpolation=cv2.INTER_LINEAR), np.uint8)


def _place(plate: Rgb, quad: Quad, background: Rgb) -> Rgb:
    height, width = plate.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    move = cv2.getPerspectiveTransform(corners, quad - np.float32(0.5))
    size = (background.shape[1], background.shape[0])
    cv2.warpPerspective(
        plate,
        move,
        size,
        dst=background,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return background
