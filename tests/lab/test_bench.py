"""The comparison of rules, on rendered streams with the shipped weights, and its pictures."""

from pathlib import Path

import pytest

from platestream.core.errors import DataError, SourceError
from platestream.lab.bench import BenchRow, bench
from platestream.lab.figures import draw_strip, plot_qualities, plot_rules
from platestream.lab.render.output import write_streams
from platestream.lab.replay import replay_track
from platestream.models.bundle import load_detector, load_networks
from platestream.stream.registry import FUSIONS, POLICIES
from platestream.stream.rules import make_rule
from platestream.video.pictures import read_picture


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streams(tmp_path_factory.mktemp("streams"), 4, 6, seed=3)


def run(path: Path) -> list[BenchRow]:
    rows, tracks = bench([path], None, load_networks(), load_detector(), lambda: None)
    assert len(tracks) == 4
    return rows


def test_labelled_streams_give_accuracy(labels: Path) -> None:
    rows = {(row.policy, row.fusion): row for row in run(labels)}
    assert len(rows) == len(POLICIES) * len(FUSIONS)
    assert rows["every", "product"].reads_per_track == 6
    assert rows["every", "product"].agreement == 1
    assert rows["first", "best"].reads_per_track == 1
    assert rows["paper", "best"].p_value == 1
    for row in rows.values():
        assert row.accuracy is not None
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.accuracy <= row.high
        assert row.ms_per_frame > 0


def test_folders_without_labels_give_agreement(labels: Path, tmp_path: Path) -> None:
    for folder in labels.parent.glob("0*"):
        (tmp_path / folder.name).symlink_to(folder)
    rows = run(tmp_path)
    assert {row.accuracy for row in rows} == {None}
    assert all(0 <= row.agreement <= 1 for row in rows)


def test_one_broken_source_ends_no_comparison_of_the_others(
    labels: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for folder in sorted(labels.parent.glob("0*"))[:2]:
        (tmp_path / folder.name).symlink_to(folder)
    broken = tmp_path.parent / "broken.mp4"
    broken.write_bytes(b"no video")
    networks, detector = load_networks(), load_detector()
    paths = [broken, tmp_path, tmp_path / "missing"]
    _, tracks = bench(paths, None, networks, detector, lambda: None)
    assert len(tracks) == 2
    assert "broken.mp4" in caplog.text
    assert "missing" in caplog.text
    with pytest.raises(SourceError):
        bench([broken], None, networks, detector, lambda: None)


def test_nothing_to_compare_says_so(tmp_path: Path) -> None:
    short = write_streams(tmp_path, 2, 2, seed=3)
    with pytest.raises(DataError, match="no plate stream of that split"):
        bench([short], "test", load_networks(), load_detector(), lambda: None)


def test_figures_are_pictures_that_show_something(labels: Path, tmp_path: Path) -> None:
    rows, tracks = bench([labels], None, load_networks(), load_detector(), lambda: None)
    plot_rules(rows, tmp_path / "rules.png")
    plot_qualities({"streams": tracks[0].qualities}, tmp_path / "quality.png")
    crops = [read_picture(path) for path in sorted((labels.parent / "00000").glob("*.png"))]
    decisions, plate = replay_track(tracks[0], make_rule("paper"))
    draw_strip(crops, decisions, plate.reading.text, tmp_path / "strip.png")
    for name in ("rules", "quality", "strip"):
        assert read_picture(tmp_path / f"{name}.png").std() > 10
    # The first crop is always read, so its edge is green.
    red, green, blue = read_picture(tmp_path / "strip.png")[25, 2].tolist()
    assert green > red + 50
    assert green > blue + 50
