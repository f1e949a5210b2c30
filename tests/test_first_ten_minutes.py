"""The commands of the README and of docs/your-own-plates.md, run as they are written."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch

import platestream
from platestream.cli.main import main
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.fonts import GlyphBook
from platestream.video.pictures import encode_picture, write_picture
from tests.no_country import KZQ

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
    """A folder with the files that the pages name, and no browser that would open."""
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


def test_your_own_plates(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With plates of no country, and fewer steps and views than the program takes by itself."""
    rng, book, rows = np.random.default_rng(5), GlyphBook(), ["file,text"]
    (desk / "crops").mkdir()
    for index in range(40):
        text, _, rgb = draw_plate(rng, book, [KZQ])
        write_picture(desk / "crops" / f"{index}.png", rgb)
        rows.append(f"crops/{index}.png,{text}")
    (desk / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    for name, number in (("NUM_STEPS", 200), ("NUM_TEMPLATES", 1200), ("VIEWS", 20)):
        monkeypatch.setattr(f"platestream.lab.finetune.{name}", number)
    torch.set_num_threads(1)  # two would wait for each other beside other tests
    monkeypatch.setattr("torch.set_num_threads", lambda _: None)
    shown = commands("docs/your-own-plates.md")
    assert [words[0] for words in shown] == [
        "read", "data", "data", "finetune", "run", "evaluate", "evaluate", "models",
    ]  # fmt: skip
    said = {}
    for words in shown:
        run(words, monkeypatch)
        said[shlex.join(words)] = capsys.readouterr().out
    assert "no problem" in said["data check labels.csv"]
    assert "40 plates" in said["data convert labels.csv --to yolo --out for-yolo"]
    taught = said["finetune labels.csv --out my-models"]
    assert re.search(r"your held-out plates, read rightly: 0 of (\d+) before, \d+ now", taught)
    before, now = (
        json.loads(said[f"evaluate labels.csv{mine}"]) for mine in ("", " --models my-models")
    )
    assert f"held out {before['num']}" in taught, "both judge by the same plates"
    assert before["plate_accuracy"] == 0
    assert now["plate_accuracy"] >= 0.5
    # The reader that was taught leaves out what its owner leaves out; the shipped one does not.
    texts = [row.partition(",")[2] for row in rows[1:]]
    read = said["run crops --models my-models"].split()
    assert sum(text in read for text in texts) >= 20
    assert sum(text in said["read crops"].split() for text in texts) <= 4
