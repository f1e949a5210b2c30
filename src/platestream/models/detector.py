"""The plate detector at run time: a frame to plates, with boxes and corners."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.boxes import clip_box, iou, quad_from_numbers
from platestream.core.errors import ConfigError, ModelContractError
from platestream.core.types import Detection, Rgb
from platestream.models.cards import DETECTOR_SIZE_PX
from platestream.models.closer import HINT_SCORE, WINDOW_PX, settle, windows
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.looks import coarse_size, fine_size, merge
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture, shrink_to
from platestream.models.session import infer, open_session

MULTIPLE_PX = 32
"""The network takes heights and widths that are multiples of this."""

MIN_SCORE = 0.4
"""Where the shipped network loses few plates of the dev sets: 0.3 finds a point more and
nearly doubles the false alarms, 0.5 finds four points less."""

_PAD = 114  # the usual grey of letterboxed pictures
_MAX_OVERLAP = 0.45
_MAX_PEAKS = 200
_APART = 0.1


class OnnxDetector:
    """Finds plates in frames.

    Args:
        model: ONNX bytes or file: pictures ``(N, H, W, 3)`` uint8 RGB to peak scores
            ``(N, 1, h, w)``, boxes ``(N, 4, h, w)``, xyxy, and quads ``(N, 8, h, w)``, x and y of
            each corner in turn; all float32, in pixels of the picture.
        size_px: Longer side of the picture the network sees of frames up to Full HD; of larger
            ones up to twice as much, see `fine_size`. Smaller frames stay as they are, since
            enlarging them found no more plates and cost time.
        min_score: Detections below are dropped, 0..1.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ConfigError: `size_px` or `min_score` is out of range.
        ModelError: the weights cannot be loaded.
    """

    def __init__(
        self,
        model: bytes | Path,
        *,
        size_px: int = DETECTOR_SIZE_PX,
        min_score: float = MIN_SCORE,
        num_threads: int = 1,
        device: str = DEFAULT_DEVICE,
    ) -> None:
        if size_px < MULTIPLE_PX:
            msg = f"size_px is {size_px}; use {MULTIPLE_PX} or more"
            raise ConfigError(msg)
        if not 0 < min_score <= 1:
            msg = f"min_score is {min_score}; use a number above 0, up to 1"
            raise ConfigError(msg)
        self._session = open_session(model, num_threads, device)
        self._size_px, self._min_score = size_px, min_score

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the plates of one frame.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB.

        Returns:
            Best first; boxes lie inside the frame, corners wherever the plate's are.

        Raises:
            ShapeError: the frame is not a colour picture.
            FrameDecodeError: it is too small or too large.
            ModelContractError: the network does not run, or its outputs are not of these shapes
                or not finite.
        """
        return self._detect(rgb)[0]

    def detect_with_hints(self, rgb: Rgb) -> tuple[list[Detection], list[Detection]]:
        """The same, and hints: what lies apart from it and scored `HINT_SCORE` or more.

        They cost nothing, and most are none: see `models.opinion`.
        """
        found, seen = self._detect(rgb)
        return found, _apart([plate for plate in seen if plate.score < self._min_score], found)

    def _detect(self, rgb: Rgb) -> tuple[list[Detection], list[Detection]]:
        """The plates of a frame, and all that the fine look saw, surely or not."""
        check_picture(rgb, "frame", MIN_CROP_SIDE_PX)
        longer_side_px = max(rgb.shape[:2])
        picture, scale = shrink(rgb, fine_size(longer_side_px, self._size_px))
        seen = self._look(picture, scale, rgb.shape, min(HINT_SCORE, self._min_score))
        found = self._look_closer(rgb, scale, seen)
        coarse_px = coarse_size(max(picture.shape[:2]), self._size_px)
        if coarse_px is None:
            return found, seen
        small, further = coarsen(picture, coarse_px)
        coarse = self._look(small, scale * further, rgb.shape, self._min_score)
        return merge(found, coarse, longer_side_px), seen

    def _look_closer(self, rgb: Rgb, scale: float, seen: list[Detection]) -> list[Detection]:
        """Settle what was `seen`, surely or not, in a picture of `scale`: see `models.closer`."""
        height, width = rgb.shape[:2]
        found = [plate for plate in seen if plate.score >= self._min_score]
        for window in windows(seen, self._min_score, scale, width, height):
            part = rgb[window.top :, window.left :][: window.height, : window.width]
            picture, zoom = shrink(part, WINDOW_PX[0])
            plates = self._look(picture, zoom, part.shape, self._min_score)
            there = [plate.shifted(window.left, window.top) for plate in plates]
            found = settle(found, window, there)
        return found

    def scale(self, width_px: int, height_px: int) -> float:
        """Pixels of the picture that the fine look sees per pixel of a frame of this size."""
        longer_side_px = max(width_px, height_px)
        return min(1.0, fine_size(longer_side_px, self._size_px) / longer_side_px)

    def look(self, rgb: Rgb) -> list[Detection]:
        """Find the plates of a part of a frame, seen once, at the size it has.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB; sides of a multiple of 32 cost no padding.

        Returns:
            As `detect`, in pixels of the part.
        """
        return self._look(rgb, 1.0, rgb.shape, self._min_score)

    def _look(
        self, picture: Rgb, scale: float, shape: tuple[int, ...], min_score: float
    ) -> list[Detection]:
        """Find the plates of a frame of `shape` in a picture of `scale` pixels per pixel of it."""
        outputs = infer(self._session, pad(picture)[None], "the detector", num_outputs=3)
        _check_outputs(outputs)
        peaks, boxes, quads = (each[0] for each in outputs)
        plates = pick_plates(peaks[0], np.concatenate([boxes, quads]), min_score)
        height, width = shape[:2]
        places = plates[:, 1:] / np.float32(scale)
        return [
            Detection(box, score, quad_from_numbers(corners))
            for score, (x1, y1, x2, y2, *corners) in zip(
                plates[:, 0].tolist(), places.tolist(), strict=True
            )
            if (box := clip_box((x1, y1, x2, y2), width, height))
        ]


def _apart(hints: list[Detection], found: list[Detection]) -> list[Detection]:
    """The hints that lie apart from all that was found."""
    if not hints or not found:
        return hints
    overlaps = iou([h.box_xyxy for h in hints], [f.box_xyxy for f in found]).max(axis=1)
    return [h for h, o in zip(hints, overlaps.tolist(), strict=True) if o <= _APART]


def letterbox(rgb: Rgb, size_px: int) -> tuple[Rgb, float]:
    """Shrink a frame to fit, see `shrink`, and pad it to the right and below, see `pad`."""
    picture, scale = shrink(rgb, size_px)
    return pad(picture), scale


def shrink(rgb: Rgb, size_px: int) -> tuple[Rgb, float]:
    """Shrink a picture to fit.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        size_px: Longest side allowed; a smaller picture is never enlarged.

    Returns:
        The picture, and its pixels per pixel of the one given, at most 1.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, size_px / max(height, width))
    return shrink_to(rgb, scale), scale


def coarsen(rgb: Rgb, size_px: int) -> tuple[Rgb, float]:
    """Shrink as `shrink` does, to half the size or less, in a sixth of the time.

    Averaging pixels two by two is fast, over any other area it is slow; what is left to do
    is little enough to be done by interpolation.
    """
    scale = 1.0
    while max(rgb.shape[:2]) >= 2 * size_px:
        height, width = max(1, rgb.shape[0] // 2), max(1, rgb.shape[1] // 2)
        even = rgb[: 2 * height, : 2 * width]
        rgb = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        scale /= 2
    fit = size_px / max(rgb.shape[:2])
    size = (max(1, round(rgb.shape[1] * fit)), max(1, round(rgb.shape[0] * fit)))
    rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return rgb, scale * fit


def pad(rgb: Rgb) -> Rgb:
    """Pad a picture with grey to the right and below, to sides that are multiples of 32."""
    height, width = rgb.shape[:2]
    picture = np.full((_round_up(height), _round_up(width), 3), _PAD, np.uint8)
    picture[:height, :width] = rgb
    return picture


def pick_plates(
    scores: NDArray[np.float32], places: NDArray[np.float32], min_score: float
) -> NDArray[np.float32]:
    """Take the peaks of one picture, best first, and drop those that overlap a better one.

    Args:
        scores: ``(h, w)`` float32, zero but at peaks.
        places: ``(C, h, w)`` float32, of which the first four are the box, xyxy.
        min_score: Least score of a peak, above 0.

    Returns:
        ``(K, 1 + C)``: score and place. A wide plate may have a peak at either end, so peaks
        alone do not settle that a plate is found once.
    """
    rows, columns = np.nonzero(scores >= min_score)
    order = np.argsort(-scores[rows, columns], kind="stable")[:_MAX_PEAKS]
    rows, columns = rows[order], columns[order]
    plates = np.column_stack([scores[rows, columns], places[:, rows, columns].T])
    if len(plates) <= 1:
        return plates
    overlaps = iou(plates[:, 1:5], plates[:, 1:5])
    keep: list[int] = []
    for index in range(len(plates)):
        if overlaps[index, keep].max(initial=0) <= _MAX_OVERLAP:
            keep.append(index)
    return plates[keep]


def _round_up(side_px: int) -> int:
    return -(-side_px // MULTIPLE_PX) * MULTIPLE_PX


def _check_outputs(outputs: list[NDArray[np.float32]]) -> None:
    shapes = [np.shape(each) for each in outputs]
    is_right = (
        all(len(shape) == 4 for shape in shapes)
        and [shape[1] for shape in shapes] == [1, 4, 8]
        and len({shape[2:] for shape in shapes}) == 1
    )
    if not is_right or not all(np.isfinite(each).all() for each in outputs):
        msg = (
            f"the detector gave {shapes}, not finite (1, 1, h, w), (1, 4, h, w), (1, 8, h, w); "
            "check the weights"
        )
        raise ModelContractError(msg)
