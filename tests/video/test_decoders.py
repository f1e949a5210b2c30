"""Hardware decoders: named, chosen, and on most machines not there."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from av.codec import hwaccel
from av.video.frame import VideoFrame

import platestream
from platestream.core.errors import ConfigError
from platestream.video.decoders import HARDWARE, check_decoder, hardware, planar, why_not
from platestream.video.videos import VideoSource

STREET = Path(platestream.__file__).parent / "demo" / "street.mp4"


@pytest.fixture
def asked_anew() -> Iterator[None]:
    why_not.cache_clear()
    yield
    why_not.cache_clear()


class Accelerator:
    """Stands for PyAV's; `broken` ones have no device behind them."""

    broken: tuple[str, ...] = ()

    def __init__(self, device_type: str, *, allow_software_fallback: bool = False) -> None:
        self.name, self.may_fall_back = device_type, allow_software_fallback

    def create(self, _codec: object) -> "Accelerator":
        if self.name in self.broken:
            raise av.error.OSError(5, "Input/output error")
        return self


def pretend(patch: pytest.MonkeyPatch, there: list[str], broken: tuple[str, ...] = ()) -> None:
    made = type("Made", (Accelerator,), {"broken": broken})
    patch.setattr(hwaccel, "hwdevices_available", lambda: there)
    patch.setattr(hwaccel, "HWAccel", made)


def test_the_processor_needs_no_hardware() -> None:
    assert hardware("cpu") is None


def test_a_name_that_is_none_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no decoder 'cude'; did you mean cuda"):
        check_decoder("cude")
    with pytest.raises(ConfigError, match="no decoder 'vappi'; did you mean vaapi"):
        hardware("vappi")


@pytest.mark.parametrize("name", HARDWARE)
def test_hardware_that_is_not_here_is_refused_in_one_line(name: str) -> None:
    if not why_not(name):
        pytest.skip(f"this machine has {name}")
    with pytest.raises(ConfigError, match=f"^decoder {name}: .*; check .* choose auto or cpu$"):
        hardware(name)
    with pytest.raises(ConfigError, match=f"decoder {name}"):
        VideoSource(STREET, name)


@pytest.mark.usefixtures("asked_anew")
def test_a_driver_without_a_device_is_told_from_one_that_was_not_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, ["vaapi"], broken=("vaapi",))
    assert why_not("vaapi") == "there is no such device here (Input/output error)"
    assert why_not("cuda") == "the FFmpeg that PyAV brings was built without it"
    assert hardware("auto") is None


@pytest.mark.usefixtures("asked_anew")
def test_auto_takes_the_first_that_works_and_may_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, list(HARDWARE), broken=("cuda",))
    taken = hardware("auto")
    assert isinstance(taken, Accelerator)
    assert (taken.name, taken.may_fall_back) == ("vaapi", True)


def test_auto_decodes_every_machine_s_way() -> None:
    by_cpu = [frame.pts_s for frame in VideoSource(STREET).frames()]
    by_auto = [frame.pts_s for frame in VideoSource(STREET, "auto").frames()]
    assert by_auto == by_cpu


def test_a_picture_of_hardware_keeps_its_pixels_time_and_colours() -> None:
    soft = VideoFrame.from_ndarray(
        np.random.default_rng(1).integers(0, 256, (36, 40), np.uint8), format="yuv420p"
    )
    soft.pts, soft.colorspace, soft.color_range = 7, 1, 2
    hard = soft.reformat(format="nv12")
    back = planar(hard)
    assert (back.to_ndarray() == soft.to_ndarray()).all()
    assert (back.pts, back.colorspace, back.color_range) == (7, 1, 2)
    assert planar(soft) is soft
