"""The commands of the README, run as they are written."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import av
import pytest

import platestream
from platestream.cli.main import main
from platestream.video.pictures import encode_picture

ROOT = Path(__file__).parent.parent
CLIP = Path(platestream.__file__).parent / "demo" / "street.mp4"


def commands(page: str) -> list[list[str]]:
    """What stands in the page's shell blocks and is ours: without the program's name."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [each[1:] for each in words if each[:1] == ["platestream"]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the page names, and no browser that would open."""
    with av.open(str(CLIP)) as source, av.open(str(tmp_path / "gate.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for index, frame in enumerate(source.decode(video=0)):
            if index == 110:
                rgb = frame.to_ndarray(format="rgb24")
                (tmp_path / "photo.jpg").write_bytes(encode_picture(rgb, ".jpg"))
            if 100 <= index < 115:
                rgb = frame.to_ndarray(format="rgb24")
                target.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        target.mux(stream.encode(None))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def run(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["platestream", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, shlex.join(words)


def test_the_readme(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = commands("README.md")
    assert len(shown) >= 4
    for words in shown:
        if words[0] == "serve":  # goes on until it is stopped: see tests/cli/test_serve.py
            assert (desk / words[words.index("--config") + 1]).is_file()
            continue
        run(words, monkeypatch)
        assert "E617KA147" in capsys.readouterr().out, shlex.join(words)
    assert (desk / "plates" / "report.html").is_file()
    assert (desk / "plates" / "annotated" / "gate.mp4").is_file()
    assert list(desk.glob("platestream-*/annotated/photo.png"))
