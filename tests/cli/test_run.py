"""`platestream run` on good sources and on every bad one we know."""

import csv
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from platestream.core.types import Detection, Rgb
from platestream.models.cards import WEIGHTS_DIR
from platestream.video.decoders import HARDWARE, why_not
from platestream.video.pictures import read_picture, write_picture

from .conftest import Cli, Result

EVENT_KEYS = [
    "plate",
    "plate_masked",
    "confidence",
    "candidates",
    "regions",
    "quality",
    "track_id",
    "continued",
    "source",
    "first_pts_s",
    "last_pts_s",
    "best_pts_s",
    "first_frame",
    "last_frame",
    "best_frame",
    "box_xyxy",
    "num_frames",
    "num_scored",
    "num_read",
    "crop",
    "quad",
    "id",
    "is_cut",
    "num_stacked",
    "stack",
]


def events_of(out_dir: Path) -> list[dict[str, Any]]:
    lines = (out_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def assert_one_line(result: Result, code: int, *words: str) -> None:
    """A bad input ends in one line that says what is wrong, and in its exit code."""
    assert result.code == code
    (line,) = result.err.strip().splitlines()
    assert line.startswith("platestream: ")
    for word in words:
        assert word in line


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory, demo_clip: Path) -> Path:
    """Frames 84 to 124 of the demo clip, as Matroska, which can be cut anywhere."""
    path = tmp_path_factory.mktemp("clip") / "short.mkv"
    with av.open(str(demo_clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"crf": "20", "g": "10"}
        for index, frame in enumerate(source.decode(video=0)):
            if 84 <= index < 124:
                fresh = av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")
                target.mux(stream.encode(fresh))
        target.mux(stream.encode(None))
    return path


def test_a_video_gives_events_crops_and_a_drawn_copy(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    result = cli("run", short_clip, "--out", tmp_path, "--annotate")
    assert result.code == 0
    events = events_of(tmp_path)
    assert "E617KA147" in [event["plate"] for event in events]
    for event in events:
        assert list(event) == EVENT_KEYS
        assert event["plate"] in result.out
        height, width = read_picture(tmp_path / event["crop"]).shape[:2]
        a, b, c, d = event["quad"]
        # The crop is the plate turned upright, grown by a tenth, to whole pixels.
        assert width == pytest.approx(1.1 * max(math.dist(a, b), math.dist(d, c)), abs=1)
        assert height == pytest.approx(1.1 * max(math.dist(a, d), math.dist(b, c)), abs=1)
        x1, y1, x2, y2 = event["box_xyxy"]
        assert (x1 + x2) / 2 == pytest.approx(sum(x for x, _ in (a, b, c, d)) / 4, abs=width / 5)
        assert (y1 + y2) / 2 == pytest.approx(sum(y for _, y in (a, b, c, d)) / 4, abs=height / 2)
        assert event["first_frame"] <= event["best_frame"] <= event["last_frame"]
        assert event["best_pts_s"] == pytest.approx(event["best_frame"] / 25, abs=0.002)
        # In some frames a plate that is known is told from memory, and nothing is cut out.
        assert 1 <= event["num_read"] <= event["num_scored"] <= event["num_frames"]
    with av.open(str(tmp_path / "annotated" / "short.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 40


def test_json_is_one_object(cli: Cli, short_clip: Path, tmp_path: Path) -> None:
    result = cli("run", short_clip, "--out", tmp_path, "--json")
    printed = json.loads(result.out)
    assert printed["events"] == events_of(tmp_path)
    assert printed["errors"] == []


def test_a_video_cut_in_half_keeps_the_events_of_its_first_half(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    data = short_clip.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) // 2])
    result = cli("run", cut, "--out", tmp_path / "out")
    assert_one_line(result, 3, "cut.mkv")
    assert events_of(tmp_path / "out") != []


def test_one_broken_source_does_not_stop_the_others(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    result = cli("run", tmp_path / "missing.mp4", short_clip, "--out", tmp_path / "out")
    assert_one_line(result, 3, "missing.mp4")
    assert events_of(tmp_path / "out") != []


def test_a_folder_of_plate_streams(cli: Cli, short_clip: Path, tmp_path: Path) -> None:
    assert cli("run", short_clip, "--out", tmp_path / "first").code == 0
    crop = tmp_path / "first" / events_of(tmp_path / "first")[0]["crop"]
    for track in ("a", "b"):
        for index in range(3):
            (tmp_path / "streams" / track).mkdir(parents=True, exist_ok=True)
            shutil.copy(crop, tmp_path / "streams" / track / f"{index}.png")
    assert cli("run", tmp_path / "streams", "--out", tmp_path / "second").code == 0
    events = events_of(tmp_path / "second")
    assert len(events) == 2
    # Equal pictures never beat the first. The reader is sure of it, so one more is read at the end
    # and that is all.
    assert [(e["num_frames"], e["num_read"], e["best_frame"]) for e in events] == [(3, 2, 0)] * 2


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory, demo_clip: Path) -> Path:
    """A frame of the demo clip with one clear plate, and one just coming into view."""
    path = tmp_path_factory.mktemp("photo") / "frame.png"
    with av.open(str(demo_clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == 112:
                write_picture(path, frame.to_ndarray(format="rgb24"))
                break
    return path


def test_a_photo_needs_no_folder(
    cli: Cli, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("run", photo)
    assert result.code == 0
    heads, *rows = result.out.splitlines()
    assert heads.split() == ["plate", "confidence", "box"]
    found = {row.split()[0]: row.split()[1:] for row in rows if "," in row}
    confidence, box = found["E617KA147"]
    assert float(confidence) > 0.9
    x1, y1, x2, y2 = map(int, box.split(","))
    assert (0 <= x1 < x2 <= 1280, 0 <= y1 < y2 <= 720) == (True, True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_out_is_said_with_its_reason(cli: Cli, photo: Path) -> None:
    result = cli("run", photo, "--min-confidence", "1")
    lines = result.out.splitlines()
    assert lines[0] == "0 plates"
    assert re.search(r"left out: 2 plates below --min-confidence 1\.00: E617KA147 0\.9", lines[1])
    printed = json.loads(cli("run", photo, "--min-confidence", "1", "--json").out)
    assert (printed["events"], printed["out"]) == ([], None)
    assert printed["left_out"][0]["plate"] == "E617KA147"
    assert printed["left_out"][0]["why"] == "below"


def test_read_finds_the_plates_of_a_whole_photo_and_says_so(cli: Cli, photo: Path) -> None:
    result = cli("read", photo)
    assert re.search(r"^E617KA147 +[01]\.\d\d .* at \d+,\d+,\d+,\d+$", result.out, re.MULTILINE)
    assert_one_line(
        Result(0, "", result.err), 0, "a whole photo", "read 2 found", "platestream run"
    )


def test_a_crop_is_read_as_it_is_and_a_folder_of_photos_as_photos(
    cli: Cli, photo: Path, tmp_path: Path
) -> None:
    cli("run", photo, "--out", tmp_path / "out")
    crop = tmp_path / "out" / "crops" / "000001.png"
    result = cli("run", crop)
    assert "1 crop of one plate; --as photos or streams overrules" in result.err
    assert result.out.splitlines()[1].split()[0] in ("E617KA147", "XYP9B78", "XVP9878")
    for day in ("23", "24"):
        (tmp_path / "days" / day).mkdir(parents=True)
        shutil.copy(photo, tmp_path / "days" / day / "frame.png")
    (tmp_path / "days" / "notes.txt").write_text("")
    result = cli("run", tmp_path / "days")
    assert result.out.count("E617KA147") == 2
    assert "2 whole photos; --as streams or crops overrules" in result.err
    assert "passed over 1 .txt" in result.err


def test_drawings_need_a_folder(cli: Cli, photo: Path) -> None:
    assert_one_line(cli("run", photo, "--annotate"), 2, "--out DIR")


def test_a_picture_is_drawn_on(cli: Cli, photo: Path, tmp_path: Path) -> None:
    result = cli("run", photo, "--out", tmp_path / "out", "--annotate")
    assert result.code == 0
    assert "E617KA147" in [event["plate"] for event in events_of(tmp_path / "out")]
    drawn, shown = read_picture(tmp_path / "out" / "annotated" / "frame.png"), read_picture(photo)
    assert drawn.shape == shown.shape
    assert (drawn != shown).any()


def test_show_opens_the_picture_that_was_drawn(
    cli: Cli, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or len(opened) == 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli("run", photo, "--show").code == 0
    (shown,) = tmp_path.glob("platestream-*/annotated/frame.png")
    assert opened == [shown.as_uri()]
    other = tmp_path / "other.png"
    shutil.copy(photo, other)
    result = cli("run", photo, other, "--show", "--out", tmp_path / "out")
    assert opened[1] == (tmp_path / "out" / "report.html").as_uri()
    assert f"nothing here can show it; open {tmp_path / 'out' / 'report.html'}" in result.err


def test_results_that_people_open(cli: Cli, photo: Path, tmp_path: Path) -> None:
    result = cli("run", photo, "--out", tmp_path / "out", "--all-columns")
    assert str(tmp_path / "out" / "report.html") in result.out
    (event, *_) = events_of(tmp_path / "out")
    with (tmp_path / "out" / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    assert list(row) == EVENT_KEYS
    assert (row["plate"], row["id"]) == (event["plate"], event["id"])
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f'data-value="{event["plate"]}"' in page
    assert page.count("<img ") == len(events_of(tmp_path / "out"))


@pytest.mark.parametrize(
    ("name", "content"), [("empty.mp4", b""), ("text.mp4", b"hello\n" * 99), ("text.png", b"hello")]
)
def test_files_that_are_no_pictures_or_videos(
    cli: Cli, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert_one_line(cli("run", tmp_path / name, "--out", tmp_path / "out"), 3, name)


def test_a_mistyped_source_costs_no_earlier_results(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    assert cli("run", short_clip, "--out", tmp_path).code == 0
    before = events_of(tmp_path)
    assert_one_line(cli("run", tmp_path / "mistyped.mp4", "--out", tmp_path), 3, "mistyped")
    assert events_of(tmp_path) == before
    assert (tmp_path / before[0]["crop"]).exists()


@pytest.mark.parametrize("place", ["annotated/own.mkv", "crops/own.mkv"])
def test_a_source_in_the_output_folder_is_refused_and_stays(
    cli: Cli, short_clip: Path, tmp_path: Path, place: str
) -> None:
    own = tmp_path / place
    own.parent.mkdir()
    shutil.copy(short_clip, own)
    (tmp_path / "events.jsonl").touch()  # as after an earlier run
    result = cli("run", own, "--out", tmp_path, "--annotate")
    assert_one_line(result, 2, "lies in the output folder", "choose another --out")
    assert own.read_bytes() == short_clip.read_bytes()


def test_a_decoder_that_is_not_here_costs_no_earlier_results(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    missing = next((name for name in HARDWARE if why_not(name)), None)
    if missing is None:
        pytest.skip("this machine has every kind of decoder")
    (tmp_path / "events.jsonl").write_text("of an earlier run\n", "utf-8")
    result = cli("run", short_clip, "--out", tmp_path, "--decoder", missing)
    assert_one_line(result, 2, f"decoder {missing}", "choose auto or cpu")
    assert (tmp_path / "events.jsonl").read_text("utf-8") == "of an earlier run\n"


@pytest.mark.parametrize("name", ["broken.mp4", "broken.png"])
def test_sources_that_cannot_be_read_cost_no_earlier_results(
    cli: Cli, short_clip: Path, tmp_path: Path, name: str
) -> None:
    broken, out = tmp_path / name, tmp_path / "out"
    out.mkdir()
    earlier = {"events.jsonl": "{}", "events.csv": "plate", "report.html": "<p>"}
    for file, text in earlier.items():
        (out / file).write_text(text, "utf-8")
    write_picture(tmp_path / "whole.png", np.zeros((300, 400, 3), np.uint8))
    whole = short_clip if name.endswith("mp4") else tmp_path / "whole.png"
    broken.write_bytes(whole.read_bytes()[:60])
    result = cli("run", broken, "--out", out, "--annotate")
    assert result.code == 3
    assert "results are in" not in result.out
    assert {path.name: path.read_text("utf-8") for path in out.iterdir()} == earlier


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--jobs", "1", "--annotate"], "--annotate: not with --jobs"),
        (["--jobs", "1", "--as", "crops"], "--as: not with --jobs"),
        (["--restart"], "--restart: only for an archive; add --jobs 1"),
        (["--camera", "gate"], "--camera: only for an archive"),
    ],
)
def test_no_option_is_left_out_in_silence(
    cli: Cli, short_clip: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    assert_one_line(cli("run", short_clip, "--out", tmp_path, *options), 2, said)


@pytest.mark.parametrize("option", [(), ("--jobs", "1", "--out", "out")])
def test_the_login_of_an_address_is_not_said(cli: Cli, option: tuple[str, ...]) -> None:
    result = cli("run", "rtsp://ada:secret@camera.local:554/stream", *option)
    assert result.code != 0
    assert "camera.local:554" in result.err
    assert "secret" not in result.out + result.err


def test_an_empty_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    result = cli("run", tmp_path / "nothing", "--out", tmp_path / "out")
    assert_one_line(result, 3, "nothing", "no pictures")


@pytest.mark.parametrize(("height", "width", "word"), [(1, 1, "small"), (4, 20_000, "large")])
def test_pictures_of_absurd_sizes(
    cli: Cli, tmp_path: Path, height: int, width: int, word: str
) -> None:
    path = tmp_path / "odd.png"
    cv2.imwrite(str(path), np.zeros((height, width, 3), np.uint8))
    assert_one_line(cli("run", path, "--out", tmp_path / "out"), 3, "odd.png", word)
    assert_one_line(cli("read", path), 3, "odd.png", word)


def test_weights_with_a_flipped_byte(cli: Cli, demo_clip: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(WEIGHTS_DIR, models)
    weights = bytearray((models / "detector.onnx").read_bytes())
    weights[len(weights) // 2] ^= 1
    (models / "detector.onnx").write_bytes(weights)
    result = cli("run", demo_clip, "--out", tmp_path / "out", "--models", models)
    assert_one_line(result, 4, "detector.onnx", "damaged")
    checked = cli("models", "verify", "--models", models)
    assert checked.code == 4
    assert "damaged" in checked.out


def test_a_full_disk(cli: Cli, short_clip: Path, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "events.jsonl").symlink_to(full)
    result = cli("run", short_clip, "--out", tmp_path)
    assert_one_line(result, 7, "events.jsonl")
    # What was read is not lost: the plates in view are printed, though nothing can be written.
    assert "E617KA147" in result.out


def test_ctrl_c_keeps_what_was_read(
    cli: Cli, short_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platestream.models.detector import OnnxDetector

    look, calls = OnnxDetector.look, iter(range(100))

    def interrupted(self: OnnxDetector, rgb: Rgb) -> list[Detection]:
        if next(calls) == 25:
            raise KeyboardInterrupt
        return look(self, rgb)

    monkeypatch.setattr(OnnxDetector, "look", interrupted)
    result = cli("run", short_clip, "--out", tmp_path)
    assert_one_line(result, 130, "stopped")
    assert "XYP9B78" in [event["plate"] for event in events_of(tmp_path)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_keeps_the_plates_in_view(
    short_clip: Path, tmp_path: Path, number: signal.Signals
) -> None:
    # The clip again and again: whenever the signal comes, a plate is in view.
    long = tmp_path / "long.mkv"
    with av.open(str(short_clip)) as source, av.open(str(long), "w") as target:
        frames = [f.to_ndarray(format="rgb24") for f in source.decode(video=0)][15:25]
        stream = target.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for rgb in frames * 100:
            target.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        target.mux(stream.encode(None))
    code = "from platestream.cli.main import main; main()"
    command = [sys.executable, "-c", code, "run", str(long), "--out", str(tmp_path / "out")]
    environment = {"PATH": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    updates = tmp_path / "out" / "updates.jsonl"
    try:
        end_s = time.monotonic() + 60
        while not (updates.exists() and updates.stat().st_size):
            assert process.poll() is None, "it ended before it was told to"
            assert time.monotonic() < end_s
            time.sleep(0.02)
        assert events_of(tmp_path / "out") == []
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "stopped; what was read until now is kept" in said
    assert "XYP9B78" in [event["plate"] for event in events_of(tmp_path / "out")]
    assert "XYP9B78" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_an_output_folder_that_is_a_file(cli: Cli, demo_clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    result = cli("run", demo_clip, "--out", tmp_path / "out")
    assert_one_line(result, 7, "is a file", "choose another")
    assert not result.out, "nothing was read"
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("empty", [["--out", ""], ["--out="], ["--models", ""]])
def test_an_empty_path_is_not_the_current_folder(
    cli: Cli, demo_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("run", demo_clip, *empty)
    assert_one_line(result, 2, "is empty; give a path")
    assert not list(tmp_path.iterdir())


def test_an_unknown_architecture(cli: Cli, demo_clip: Path, tmp_path: Path) -> None:
    result = cli("run", demo_clip, "--out", tmp_path, "--arch", "x")
    assert_one_line(result, 2, "'x'", "p, s, e")


def test_profile_says_where_the_time_went_and_leaves_the_results_alone(
    cli: Cli, short_clip: Path, tmp_path: Path
) -> None:
    plain = cli("run", short_clip, "--out", tmp_path / "plain", "--json")
    timed = cli("run", short_clip, "--out", tmp_path / "timed", "--json", "--profile")
    found = [json.loads(result.out)["events"] for result in (plain, timed)]
    assert [event["plate"] for event in found[0]] == [event["plate"] for event in found[1]]
    names = [line.split()[0] for line in timed.err.splitlines()]
    stages = ["decode", "convert", "detect", "track", "score", "read", "write", "all"]
    assert names == stages
    spent_ms = [float(line.split()[-2]) for line in timed.err.splitlines()]
    assert sum(spent_ms[:-1]) == pytest.approx(spent_ms[-1], abs=5)
