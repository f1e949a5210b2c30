"""What docs/python.md shows runs as it stands, and its names have real types."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import platestream
from platestream.core.errors import ConfigError, ShapeError
from platestream.core.types import Detection, Frame, Rgb
from platestream.video.sources import open_source

PAGE = Path(__file__).parent.parent / "docs" / "python.md"
BLOCKS = dict(
    zip(
        ["photo", "video", "frames", "boxes", "detector", "reader", "supervision"],
        re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL),
        strict=True,
    )
)
DEMO = Path(platestream.__file__).parent / "demo" / "street.mp4"
PLATE_FRAME = 115


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's first five seconds as gate.mp4, and one of its frames as photo.jpg."""
    folder = tmp_path_factory.mktemp("python")
    with av.open(str(DEMO)) as source, av.open(str(folder / "gate.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for frame in source.decode(video=0):
            if frame.pts is not None and frame.time is not None and frame.time < 5:
                target.mux(stream.encode(frame.reformat(format="yuv420p")))
        target.mux(stream.encode(None))
    cv2.imwrite(str(folder / "photo.jpg"), plate_frame().rgb[:, :, ::-1])
    return folder


def plate_frame() -> Frame:
    source = open_source(DEMO)
    frames = source.frames()  # type: ignore[union-attr]
    return next(frame for frame in frames if frame.index == PLATE_FRAME)


@pytest.fixture
def shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[str, dict[str, Any]]]:
    """Run a block of the page as a reader copies it; returns what it prints, and its names."""

    def run(block: str) -> tuple[str, dict[str, Any]]:
        monkeypatch.chdir(folder)
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(BLOCKS[block], str(PAGE), "exec"), names)
        return capsys.readouterr().out, names

    return run


def test_a_photo_gives_its_plates(shown: Callable[..., Any]) -> None:
    said, names = shown("photo")
    assert "E617KA147" in said
    found = names["found"]
    assert len(found.quad) == 4
    assert found.to_dict()["plate"] == found.plate


def test_a_video_gives_events(shown: Callable[..., Any]) -> None:
    said, names = shown("video")
    assert "JRFY02" in said
    assert names["event"].to_dict()["source"] == "gate.mp4"


def test_frames_of_one_s_own_give_the_same_plates(shown: Callable[..., Any]) -> None:
    said, names = shown("frames")
    told = [line.split() for line in said.splitlines()]
    assert ["provisional", "improved"].count(told[0][0]) == 1
    plates = {plate.reading.text for plate in names["last"].ended} | {text for _, text, _ in told}
    assert {"JRFY02", "E617KA147"} <= plates


def test_boxes_of_one_s_own_are_read(shown: Callable[..., Any]) -> None:
    said, _ = shown("boxes")
    assert "214.6" in said  # a black frame: the box is followed, whatever it says
    frame = plate_frame().rgb
    detections = Detection((214.6, 564.9, 335.8, 597.7), 1.0)
    (decision,) = platestream.PlateReader().push(frame, 0.0, [detections]).decisions
    assert decision.reading.text == "E617KA147"


def test_a_detector_and_a_reader_of_one_s_own_take_their_places(
    shown: Callable[..., Any],
) -> None:
    _, names = shown("detector")
    (decision,) = names["reader"].push(np.zeros((720, 1280, 3), np.uint8), 0.0).decisions
    assert decision.crop.box_xyxy == (590.0, 340.0, 690.0, 370.0)
    _, names = shown("reader")
    assert names["engine"].read is names["read"]


def test_supervision_takes_and_gives(shown: Callable[..., Any]) -> None:
    sv = pytest.importorskip("supervision")
    shown("supervision")
    frame = plate_frame().rgb
    boxes = sv.Detections(
        xyxy=np.array([[214.6, 564.9, 335.8, 597.7]], np.float32),
        confidence=np.array([0.8], np.float32),
    )
    given = platestream.PlateReader().push(frame, 0.0, boxes).to_supervision()
    assert given.data["plate"].tolist() == ["E617KA147"]
    assert given.tracker_id.tolist() == [1]
    assert given.data["quad"].shape == (1, 4, 2)
    nothing = platestream.PlateReader().push(frame, 0.0, sv.Detections.empty())
    assert len(nothing.to_supervision()) == 0


@pytest.mark.parametrize(
    ("frame", "boxes", "what"),
    [
        (np.zeros((90, 90), np.uint8), None, "expected"),
        (np.zeros((90, 90, 3), np.float32), None, "expected"),
        (np.zeros((90, 90, 3), np.uint8), np.zeros((2, 3)), r"give \(N, 4\)"),
    ],
)
def test_what_is_no_frame_and_no_box_is_told(frame: Rgb, boxes: Any, what: str) -> None:
    with pytest.raises(ShapeError, match=what):
        platestream.PlateReader().push(frame, 0.0, boxes)


def test_time_does_not_go_back() -> None:
    reader = platestream.PlateReader()
    reader.push(np.zeros((90, 90, 3), np.uint8), 1.0)
    with pytest.raises(ConfigError, match="went back"):
        reader.push(np.zeros((90, 90, 3), np.uint8), 0.5)


def test_a_type_checker_sees_real_types(tmp_path: Path) -> None:
    script = tmp_path / "stranger.py"
    script.write_text(
        BLOCKS["photo"]
        + "reveal_type(found)\nreveal_type(platestream.run)\n"
        + "reveal_type(platestream.PlateReader().push)\n"
        + "platestream.nonsense\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(script)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path).stdout
    assert "platestream.video.photo.FoundPlate" in said
    assert "Iterator[platestream.core.plate_event.PlateEvent]" in said
    assert "platestream.video.pipeline.Step" in said
    assert 'has no attribute "nonsense"' in said
    assert said.count("error:") == 1
