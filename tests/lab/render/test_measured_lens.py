"""One plate seen as the frame of another was."""

import cv2
import numpy as np
from tests.lab.render.test_retext import DONOR, filmed, sharp_plate

from platestream.core.types import Rgb
from platestream.lab.render.measured_lens import Lens
from platestream.lab.render.retext import Retexter
from platestream.models.two_rows import mostly_has_two_rows

KERNEL = np.full((5, 9), 1 / 45, np.float32)


def upright(height: int, width: int) -> Rgb:
    plate = np.full((height, width, 3), 190, np.uint8)
    cv2.putText(plate, "AB123", (width // 10, height * 3 // 4), 0, height / 40, (20, 20, 20), 4)
    return plate


def contrast(rgb: Rgb) -> float:
    return float(rgb.std())


def test_a_plate_gets_the_size_and_the_blur_of_the_other_frame() -> None:
    seen = Lens(24.0, KERNEL, 0.0).see(upright(72, 300), np.random.default_rng(0))
    assert seen.shape == (24, 100, 3)
    sharp = cv2.resize(upright(72, 300), (100, 24), interpolation=cv2.INTER_AREA)
    assert contrast(seen) < 0.8 * contrast(np.asarray(sharp, np.uint8))
    # A kernel that sums to 1 keeps the light.
    assert abs(float(seen.mean()) - float(sharp.mean())) < 3


def test_characters_of_two_rows_stay_about_as_large() -> None:
    plate = upright(120, 160)
    assert mostly_has_two_rows(plate)
    seen = Lens(24.0, KERNEL, 0.0).see(plate, np.random.default_rng(0))
    assert 36 < seen.shape[0] < 56


def test_a_plate_smaller_than_the_frame_stays_as_it_is() -> None:
    plate = upright(20, 90)
    assert Lens(24.0, KERNEL, 5.0).see(plate, np.random.default_rng(0)) is plate


def test_frames_that_are_explained_are_lenses_for_others() -> None:
    plates = {t: sharp_plate(t) for t in ("123456", DONOR, "432100")}
    shaken = [("123456", filmed(plates["123456"], shake_px=s, seed=s)) for s in (1, 5)]
    calm, rough = Retexter(plates, shaken).lenses
    assert calm.height_px == rough.height_px == 26
    assert np.isclose(calm.kernel.sum(), 1)
    assert np.isclose(rough.kernel.sum(), 1)
    views = [lens.see(plates[DONOR], np.random.default_rng(0)) for lens in (calm, rough)]
    # Shaken up and down, the one loses more than the other.
    assert contrast(views[1]) < contrast(views[0])
