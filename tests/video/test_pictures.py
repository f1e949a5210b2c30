import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import FrameDecodeError, SourceNotFound, StoreError
from platestream.video.pictures import (
    decode_upload,
    list_pictures,
    natural_key,
    picture_size,
    read_picture,
    shrink,
    write_picture,
)

RED_LEFT_BLUE_RIGHT = np.zeros((20, 40, 3), np.uint8)
RED_LEFT_BLUE_RIGHT[:, :20, 0] = 255
RED_LEFT_BLUE_RIGHT[:, 20:, 2] = 255


def written(path: Path, rgb: np.ndarray) -> Path:
    write_picture(path, rgb)
    return path


@pytest.mark.parametrize(
    "name", ["a.png", "a.JPG", "车牌 é.png", "a.bmp", "a.webp", "a.tif", "a.avif"]
)
def test_pictures_come_as_rgb(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, RED_LEFT_BLUE_RIGHT)
    rgb = read_picture(path)
    assert rgb.shape == (20, 40, 3)
    assert rgb.dtype == np.uint8
    assert rgb[10, 5].argmax() == 0
    assert rgb[10, 35].argmax() == 2
    assert picture_size(path) == (40, 20)


def test_grey_pictures_get_three_equal_channels(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((8, 9), 77, np.uint8))
    assert np.array_equal(read_picture(path), np.full((8, 9, 3), 77))


def test_a_picture_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    path = written(tmp_path / "phone.jpg", RED_LEFT_BLUE_RIGHT)
    # Orientation 6: turn by a quarter clockwise to show. Tag 0x0112, type SHORT, one value.
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" + bytes(4)
    segment = b"Exif\0\0" + tiff
    data = path.read_bytes()
    app1 = b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment
    path.write_bytes(data[:2] + app1 + data[2:])
    rgb = read_picture(path)
    assert rgb.shape == (40, 20, 3)
    assert rgb[5, 10].argmax() == 0
    assert picture_size(path) == (40, 20), "as stored"


EIGHT = [(5, 5), (5, 35), (15, 35), (15, 5), (5, 5), (5, 15), (35, 15), (35, 5)]
"""Row and column of the upper left quarter as each EXIF orientation shows it."""


@pytest.mark.parametrize(
    ("orientation", "red"),
    list(zip(range(1, 9), EIGHT, strict=True)),
)
def test_all_eight_exif_orientations_are_obeyed(
    tmp_path: Path, orientation: int, red: tuple[int, int]
) -> None:
    quarter = np.full((20, 40, 3), (0, 0, 255), np.uint8)
    quarter[:10, :20] = (255, 0, 0)
    path = written(tmp_path / "phone.jpg", quarter)
    tag = b"\x12\x01\x03\0\x01\0\0\0" + bytes([orientation, 0, 0, 0])
    segment = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + tag + bytes(4)
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + data[2:])
    rgb = read_picture(path)
    assert rgb.shape == ((20, 40, 3) if orientation < 5 else (40, 20, 3))
    height, width = rgb.shape[:2]
    reds = {(y, x) for y in (5, height - 5) for x in (5, width - 5) if rgb[y, x].argmax() == 0}
    assert reds == {red}
    assert np.array_equal(read_picture(path, as_stored=True).shape, (20, 40, 3))


def test_a_transparent_avif_shows_its_colours_and_a_cut_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    rgba = np.dstack([RED_LEFT_BLUE_RIGHT[..., ::-1], np.full((20, 40), 99, np.uint8)])
    cv2.imwrite(str(path), rgba)
    rgb = read_picture(path)
    assert (rgb.shape, rgb[10, 5].argmax(), rgb[10, 35].argmax()) == ((20, 40, 3), 0, 2)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FrameDecodeError, match=r"a\.avif: a broken picture"):
        read_picture(path)


def test_missing_empty_and_broken_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "header.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name, kind, says in [
        ("nope.png", SourceNotFound, "No such file"),
        ("empty.png", SourceNotFound, "empty"),
        ("text.jpg", FrameDecodeError, "not a picture"),
        ("header.png", FrameDecodeError, "not a picture"),
    ]:
        for read in (read_picture, picture_size):
            with pytest.raises(kind, match=says) as caught:
                read(tmp_path / name)
            assert name in str(caught.value)


def test_a_picture_of_one_pixel_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "dot.png", np.zeros((1, 1, 3), np.uint8))
    with pytest.raises(FrameDecodeError, match=r"dot\.png: 1x1 pixels is too small"):
        read_picture(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
def test_a_huge_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"huge{suffix}", np.zeros((5, 20_000, 3), np.uint8))
    with pytest.raises(FrameDecodeError, match="20000x5 pixels is too large"):
        read_picture(path)


def test_a_png_keeps_every_pixel(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (6, 7, 3), np.uint8)
    assert np.array_equal(read_picture(written(tmp_path / "a.png", rgb)), rgb)


def test_a_picture_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nope/a\.png: cannot be written"):
        write_picture(tmp_path / "nope" / "a.png", RED_LEFT_BLUE_RIGHT)


def test_pictures_are_listed_in_natural_order(tmp_path: Path) -> None:
    for name in ["f10.png", "f9.PNG", "f9b.jpg", "notes.txt", "._f1.png"]:
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [p.name for p in list_pictures(tmp_path)] == ["f9.PNG", "f9b.jpg", "f10.png"]


@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1), min_size=2))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    paths = [Path(name) for name in names]
    assert sorted(sorted(paths, key=natural_key)) == sorted(paths)


def test_uploads_are_pngs_and_jpegs_of_so_many_pixels(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg"):
        data = written(tmp_path / name, RED_LEFT_BLUE_RIGHT).read_bytes()
        assert decode_upload(data, name, 800).shape == (20, 40, 3)
        with pytest.raises(FrameDecodeError, match="40x20 is too large"):
            decode_upload(data, name, 799)
    webp = written(tmp_path / "a.webp", RED_LEFT_BLUE_RIGHT).read_bytes()
    for data in (webp, b"", b"\xff\xd8", b"GIF89a"):
        with pytest.raises(FrameDecodeError, match="neither"):
            decode_upload(data, "a", 800)


def test_a_pipe_that_calls_itself_a_picture_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(SourceNotFound, match="is no file"):
        read_picture(tmp_path / "a.jpg")
    with pytest.raises(SourceNotFound, match="cannot be read"):
        read_picture(Path("a\0.jpg"))


def test_shrinking_keeps_the_shape_and_never_grows() -> None:
    assert shrink(RED_LEFT_BLUE_RIGHT, 20).shape == (10, 20, 3)
    assert shrink(RED_LEFT_BLUE_RIGHT, 40) is RED_LEFT_BLUE_RIGHT
    assert shrink(np.zeros((1, 1000, 3), np.uint8), 10).shape == (1, 10, 3)
