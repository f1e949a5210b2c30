import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from platestream.core.errors import FrameDecodeError, SourceError, SourceLost, SourceNotFound
from platestream.core.types import Frame
from platestream.video.videos import Clock, VideoSource

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
HEIGHT, WIDTH = 48, 64


def noise(index: int) -> np.ndarray:
    """A picture that does not compress, so that half the bytes are half the frames."""
    return np.random.default_rng(index).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)


def write_video(
    path: Path,
    pictures: Sequence[np.ndarray],
    times_ms: Sequence[int] | None = None,
    faststart: bool = False,
) -> Path:
    """Encode pictures as MPEG-4, 25 a second unless `times_ms` says when each is shown."""
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = times_ms[index] if times_ms else 40 * index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def plain(colour: tuple[int, int, int], height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def cut(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def read_until_error(source: VideoSource) -> tuple[list[Frame], SourceError | None]:
    frames: list[Frame] = []
    try:
        for frame in source.frames():
            frames.append(frame)  # noqa: PERF402 - keeps what came before the error
    except SourceError as error:
        return frames, error
    return frames, None


def test_frames_come_in_order_as_rgb(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "v.mp4", [plain(RED), plain(GREEN), plain(BLUE)]))
    frames = list(source.frames())
    assert [f.index for f in frames] == [0, 1, 2]
    assert [f.pts_s for f in frames] == pytest.approx([0, 0.04, 0.08])
    assert [int(f.rgb.mean((0, 1)).argmax()) for f in frames] == [0, 1, 2]
    assert frames[0].rgb.shape == (HEIGHT, WIDTH, 3)
    assert frames[0].rgb.dtype == np.uint8
    assert (source.num_frames, source.fps, source.num_corrupt) == (3, pytest.approx(25), 0)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_times_are_those_of_the_file(tmp_path: Path, suffix: str) -> None:
    times_ms = [0, 40, 200, 240, 1000, 1040]
    video = write_video(tmp_path / f"v{suffix}", [plain(RED)] * 6, times_ms)
    times_s = [f.pts_s for f in VideoSource(video).frames()]
    assert times_s == pytest.approx([t / 1000 for t in times_ms], abs=1e-4)


def test_times_start_at_zero_when_the_file_starts_late(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mkv", [plain(RED)] * 3, [5000, 5100, 5300])
    assert [f.pts_s for f in VideoSource(video).frames()] == pytest.approx([0, 0.1, 0.3])


def test_a_source_can_be_read_twice(tmp_path: Path) -> None:
    source = VideoSource(write_video(tmp_path / "v.mp4", [plain(RED)] * 4))
    assert len(list(source.frames())) == len(list(source.frames())) == 4


def test_a_turned_video_comes_upright(tmp_path: Path) -> None:
    picture = plain(BLUE)
    picture[:, : WIDTH // 2] = RED
    video = write_video(tmp_path / "v.mp4", [picture])
    set_display_matrix(video, 0, 1, -1, 0)  # a quarter clockwise: a phone held upright
    (frame,) = VideoSource(video).frames()
    assert frame.rgb.shape == (WIDTH, HEIGHT, 3)
    # Left goes up when a picture is turned clockwise.
    assert frame.rgb[8].mean(0).argmax() == 0
    assert frame.rgb[-8].mean(0).argmax() == 2


@pytest.mark.parametrize(("suffix", "faststart"), [(".mp4", True), (".mkv", False)])
def test_a_cut_video_gives_its_frames_and_then_says_so(
    tmp_path: Path, suffix: str, faststart: bool
) -> None:
    whole = write_video(tmp_path / f"v{suffix}", [noise(i) for i in range(50)], None, faststart)
    frames, error = read_until_error(VideoSource(cut(whole, 0.5)))
    assert 20 <= len(frames) <= 26
    assert [f.index for f in frames] == list(range(len(frames)))
    assert isinstance(error, SourceLost)
    assert str(whole) in str(error)
    assert "of 2.0 s" in str(error)
    assert f"({len(frames)} of 50 frames)" in str(error)


def test_a_cut_transport_stream_gives_its_frames(tmp_path: Path) -> None:
    # A transport stream does not state its duration, so nobody can tell that it was cut.
    whole = write_video(tmp_path / "v.ts", [noise(i) for i in range(50)])
    frames, error = read_until_error(VideoSource(cut(whole, 0.5)))
    assert 20 <= len(frames) <= 26
    assert error is None


def test_a_whole_video_with_longer_sound_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "v.mkv"
    with av.open(path, "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.height, video.width = HEIGHT, WIDTH
        sound = container.add_stream("pcm_s16le", rate=8000)
        for _ in range(10):
            container.mux(video.encode(av.VideoFrame.from_ndarray(plain(RED), format="rgb24")))
        container.mux(video.encode())
        for second in range(3):
            samples = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), layout="mono")
            samples.sample_rate, samples.pts = 8000, 8000 * second
            container.mux(sound.encode(samples))
        container.mux(sound.encode())
    frames, error = read_until_error(VideoSource(path))
    assert len(frames) == 10
    assert error is None


def write_png_video(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    """Write a video whose packets are whole PNGs, so that a test can break one of them."""
    with av.open(path, "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "rgb24"
        for rgb in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_whole_video_of_one_frame_a_second_is_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"v{suffix}"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.height, stream.width = HEIGHT, WIDTH
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plain(RED), format="rgb24")))
        container.mux(stream.encode())
    frames, error = read_until_error(VideoSource(path))
    assert [f.pts_s for f in frames] == [0, 1, 2, 3]
    assert error is None


def test_corrupt_packets_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write_png_video(tmp_path / "v.mov", [plain(RED), plain(BLUE)] * 4)
    data = bytearray(path.read_bytes())
    third = [match.start() for match in re.finditer(b"\x89PNG", data)][2]
    data[third : third + 8] = b"notapng!"
    path.write_bytes(data)
    source = VideoSource(path)
    frames, error = read_until_error(source)
    assert error is None
    assert source.num_corrupt == 1
    # The others keep their times: one frame is missing between 0.04 and 0.12.
    times_s = [0, 0.04, 0.12, 0.16, 0.2, 0.24, 0.28]
    assert [f.pts_s for f in frames] == pytest.approx(times_s, abs=1e-3)
    assert [int(f.rgb[0, 0].argmax()) for f in frames] == [0, 2, 2, 0, 2, 0, 2]


def test_a_video_of_which_nothing_decodes_is_refused(tmp_path: Path) -> None:
    path = write_png_video(tmp_path / "v.mov", [plain(RED)])
    path.write_bytes(path.read_bytes().replace(b"\x89PNG", b"nope"))
    frames, error = read_until_error(VideoSource(path))
    assert frames == []
    assert isinstance(error, FrameDecodeError)


def test_times_grow_where_the_file_has_none_or_old_ones() -> None:
    clock = Clock(Fraction(1, 100), fps=10)
    times_s = [clock.pts_s(pts) for pts in (50, 60, None, 55, 100, 90)]
    assert times_s == pytest.approx([0, 0.1, 0.2, 0.3, 0.5, 0.6])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.mp4", b"", "empty"),
        ("text.mp4", b"this is no video\n" * 50, "cannot be opened as a video"),
        ("notes.txt", b"this is no video\n" * 50, "holds no video"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceNotFound, match=says) as caught:
        VideoSource(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match="No such file"):
        VideoSource(tmp_path / "nope.mp4")


def test_an_mp4_without_its_end_cannot_be_opened(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "v.mp4", [noise(i) for i in range(10)])
    with pytest.raises(SourceNotFound, match="its end is missing"):
        VideoSource(cut(whole, 0.5))


@pytest.mark.parametrize(("a", "b", "c", "d"), [
    (1, 0, 0, 1), (-1, 0, 0, 1), (1, 0, 0, -1), (-1, 0, 0, -1),
    (0, 1, 1, 0), (0, 1, -1, 0), (0, -1, 1, 0), (0, -1, -1, 0),
])  # fmt: skip
def test_all_eight_display_matrices_are_obeyed(
    tmp_path: Path, a: int, b: int, c: int, d: int
) -> None:
    picture = plain((255, 255, 255))
    picture[: HEIGHT // 2, : WIDTH // 2] = RED
    picture[HEIGHT // 2 :, : WIDTH // 2] = BLUE
    path = write_video(tmp_path / "turned.mp4", [picture] * 3)
    set_display_matrix(path, a, b, c, d)
    *_, frame = VideoSource(path).frames()
    # Where the middle of the red quarter lands, counted from the picture's middle.
    x, y = a * -WIDTH // 4 + c * -HEIGHT // 4, b * -WIDTH // 4 + d * -HEIGHT // 4
    height, width = frame.rgb.shape[:2]
    assert (height, width) == ((HEIGHT, WIDTH) if a else (WIDTH, HEIGHT))
    assert np.abs(frame.rgb[height // 2 + y, width // 2 + x].astype(int) - RED).max() < 40
    # A part, the luma and the size are of the same upright picture.
    assert frame.size == (width, height)
    assert (frame.part(8, 4, 24, 20) == frame.rgb[4:20, 8:24]).all()
    assert frame.luma.shape == (height, width)
    x, y = a * -WIDTH // 4 + c * HEIGHT // 4, b * -WIDTH // 4 + d * HEIGHT // 4
    assert np.abs(frame.rgb[height // 2 + y, width // 2 + x].astype(int) - BLUE).max() < 40


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write a matrix into an MP4's track header (ISO 14496-12), where it stands at byte 40."""
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40
    for index, value in ((0, a), (4, b), (12, c), (16, d)):
        data[start + index : start + index + 4] = (value << 16).to_bytes(4, "big", signed=True)
    path.write_bytes(bytes(data))
