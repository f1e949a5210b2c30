"""Numbers of a camera, worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading
from platestream.live.health import CameraHealth, PlateStatistics, Rate, sharpness

READING = Reading("AB1", np.zeros((NUM_STEPS, NUM_CLASSES), np.float32), 0.9)
NEW = CameraHealth("live", datetime(2026, 1, 1, tzinfo=UTC))


def plate(width_px: float, num_frames: int = 10, num_read: int = 2) -> Plate:
    crop = PlateCrop(1, 0, 0.0, (0.0, 0.0, width_px, 20.0), np.zeros((20, 40, 3), np.uint8))
    return Plate(1, READING, 0.9, 0.8, crop, 0, 1, 0, 9, num_frames, num_read)


def decision(quality: float) -> PlateDecision:
    return PlateDecision(plate(10).best_crop, quality, READING, 0.9, READING, quality)


def test_a_rate_is_intervals_over_time() -> None:
    rate = Rate(num=4)
    assert rate.per_s(0) == 0
    for second in (0, 0.1, 0.2, 0.4, 0.8, 1.0):  # the last four span 0.8 s
        rate.tick(second)
    assert rate.per_s(1.0) == pytest.approx(3 / 0.8)
    assert rate.per_s(5.9) == pytest.approx(3 / 0.8)
    assert rate.per_s(6.1) == 0


def test_a_rate_begins_anew_after_a_silence() -> None:
    rate = Rate(silence_s=5)
    for second in (0, 1, 2, 60, 60.5):
        rate.tick(second)
    assert rate.per_s(61) == pytest.approx(2)


@pytest.mark.parametrize(
    ("dropped", "done", "is_so"), [(0, 0, False), (1, 9, False), (1.2, 9, True), (0.5, 0, True)]
)
def test_a_camera_is_too_busy_from_a_tenth_of_its_frames_on(
    dropped: float, done: float, is_so: bool
) -> None:
    assert replace(NEW, fps_dropped=dropped, fps_done=done).is_too_busy == is_so


def test_before_the_first_plate_nothing_is_said_of_plates() -> None:
    assert PlateStatistics().add_to(NEW) == NEW


def test_widths_are_the_median_and_reads_saved_a_share_of_all_crops() -> None:
    plates = PlateStatistics()
    for width_px in (30, 100, 50):
        plates.end(plate(width_px))
    plates.see([decision(0.9), decision(0.4)])
    plates.see([decision(0.5)])
    plates.counts["gate:in"] += 2
    health = plates.add_to(NEW)
    assert health.plate_width_px == 50
    assert health.reads_saved_share == pytest.approx(0.8)
    assert health.readable_share == pytest.approx(2 / 3)
    assert health.counts == {"gate:in": 2}
    assert health.sharpness == 0


def test_false_finds_say_nothing_of_how_wide_plates_are() -> None:
    plates = PlateStatistics()
    for _ in range(5):
        plates.end(replace(plate(22), confidence=0.01))
    assert plates.add_to(NEW).plate_width_px == 22, "perhaps they are too far away to be read"
    plates.end(plate(110))
    assert plates.add_to(NEW).plate_width_px == 110


def test_blur_takes_sharpness() -> None:
    sharp = np.zeros((32, 64, 3), np.uint8)
    sharp[:, ::4] = 255
    blurred = sharp.astype(float)
    blurred[:, 1:-1] = (blurred[:, :-2] + blurred[:, 1:-1] + blurred[:, 2:]) / 3
    assert sharpness(sharp) > 4 * sharpness(blurred.astype(np.uint8)) > 0
