"""Files that strangers change: whatever a library makes of them, it ends in one of our errors.

Each kind is one short round here, with a fixed seed; `bench/fuzz.py` goes on for thousands.
"""

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platestream.core.errors import ConfigError, PlatestreamError
from platestream.lab.data.layouts import read_dataset
from platestream.models.cards import load_card
from platestream.service.config import load_config
from platestream.video.videos import VideoSource
from tests.live.films import film, write_video

NUM = 40

ODD_YAML = [
    "cameras: !!python/object:os.system {}",
    "cameras: !!timestamp x",
    "store: {keep_days: 2026-13-99}",
    "? [a, b]\n: c",
    "? {a: b}\n: c",
    "a: &a [*a]",
    "server: {port: 0x_}",
    "server: {port: !!int ''}",
    "server: {port: !!float '_'}",
    "server: {port: 1:99:99.x}",
    "cameras: !!binary x",
    "<<: 3",
    "=: 3",
    "[" * 3000,
    "{a: " * 3000,
]


def changed(data: bytes, seed: int) -> bytes:
    """Some bytes overwritten, cut out, doubled or put elsewhere."""
    dice, made = random.Random(seed), bytearray(data)
    for _ in range(dice.randint(1, 8)):
        at, length = dice.randrange(len(made)), dice.randint(1, 12)
        match dice.randrange(4):
            case 0:
                made[at : at + length] = dice.randbytes(length)
            case 1:
                del made[at : at + length]
                made = made or bytearray(b" ")
            case 2:
                made[at:at] = made[at : at + length]
            case _:
                made[at:at] = dice.choice([b"!!", b"[[[", b"{", b"\xff", b"\0", b"- ", b": "])
    return bytes(made)


@contextmanager
def only_ours(place: str) -> Iterator[None]:
    """Let one of our errors pass that says where; no other."""
    problem = place
    try:
        yield
    except PlatestreamError as error:
        problem = str(error)
    assert place in problem


@pytest.mark.parametrize("text", ODD_YAML)
def test_odd_yaml_is_a_configuration_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load_config(path, {})


def test_changed_configurations(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = "cameras: {gate: {url: 'rtsp://a/b', lines: {in: {points: [[0, 1], [1, 0]]}}}}\n"
    text += "known_plates: {Ada: [AB1234]}\nserver: {port: 8000, hosts: [a.example]}\n"
    for seed in range(4 * NUM):
        path.write_bytes(changed(text.encode(), seed))
        with only_ours(""):
            load_config(path, {})


def test_changed_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = "file,split,text,x,y,w,h,quad,track,frame_index\na.png,dev,AB1234,1,2,30,10,,t,0\n"
    for seed in range(4 * NUM):
        path.write_bytes(changed(rows.encode(), seed))
        with only_ours(str(path)):
            read_dataset(path)


def test_changed_cards(tmp_path: Path) -> None:
    card = {"name": "a", "kind": "reader", "trained_on": ["b"], "metrics": {"c": 1.0}}
    path = tmp_path / "a.json"
    for seed in range(2 * NUM):
        path.write_bytes(changed(json.dumps(card).encode(), seed))
        with pytest.raises(PlatestreamError, match=r"a\.json"):
            load_card("a", tmp_path)
    path.write_text("[" * 100_000)
    with pytest.raises(PlatestreamError, match="RecursionError"):
        load_card("a", tmp_path)


def test_names_that_no_disk_holds(tmp_path: Path) -> None:
    for name in ("a" * 500, "b\0c", "d\udcff"):
        for read in (read_dataset, VideoSource):
            with pytest.raises(PlatestreamError):
                read(tmp_path / name)


def test_changed_videos(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", film(12)).read_bytes()
    path = tmp_path / "changed.mp4"
    for seed in range(NUM):
        path.write_bytes(changed(whole, seed))
        with only_ours(str(path)):
            for frame in VideoSource(path).frames():
                assert frame.rgb.ndim == 3


def test_a_stream_that_appears_in_mid_file_ends_nothing(tmp_path: Path, hostile: Path) -> None:
    path = tmp_path / "mixed.ts"
    shutil.copy(hostile / "ts_mixed_f2_572.ts", path)
    num = sum(1 for _ in VideoSource(path).frames())
    assert num >= 45


@pytest.fixture
def hostile() -> Path:
    folder = Path(__file__).parents[2] / "shared" / "data" / "cases" / "hostile"
    if not folder.is_dir():
        pytest.skip("the hostile files are not here")
    return folder
