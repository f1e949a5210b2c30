"""The other verbs: read, evaluate, models, data, train, export."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command

from platestream.cli.main import app
from platestream.lab.data.own import judging
from platestream.models.cards import WEIGHTS_DIR, list_models
from platestream.video.pictures import write_picture

from .conftest import Cli

READING = {"num", "plate_accuracy", "plate_accuracy_folded", "char_error_rate"}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered crops and streams with their labels."""
    from platestream.lab.render.output import write_crops, write_streams

    root = tmp_path_factory.mktemp("rendered")
    write_crops(root / "crops", 20, seed=3)
    write_streams(root / "streams", 10, 4, seed=3)
    return root


def test_version(cli: Cli) -> None:
    assert cli("--version").out == f"platestream {version('platestream')}\n"


@pytest.mark.parametrize("verb", [("read",), ("run",), ("evaluate",), ("data", "check")])
def test_a_name_that_is_too_long_is_told(cli: Cli, verb: tuple[str, ...]) -> None:
    result = cli(*verb, "x" * 5000 + ".png")
    assert (result.code, "name is too long" in result.err) == (3, True)


def test_read_prints_a_line_a_crop(cli: Cli, rendered: Path) -> None:
    result = cli("read", rendered / "crops" / "000", "--json")
    assert result.code == 0
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert len(rows) == 20
    for row in rows:
        assert list(row) == ["file", "text", "score", "quality"]
        assert 0 <= row["score"] <= 1
        assert 0 <= row["quality"] <= 1


def test_read_together_reads_a_folder_as_one_plate(
    cli: Cli, rendered: Path, tmp_path: Path
) -> None:
    folder = rendered / "crops" / "000"
    result = cli("read", "--together", folder, "--json")
    row = json.loads(result.out)
    assert row.keys() == {"folder", "text", "score", "num_pictures", "num_stacked"}
    assert row["num_pictures"] == len(list(folder.iterdir()))
    assert 1 <= row["num_stacked"] <= row["num_pictures"]
    (tmp_path / "a.png").write_bytes(b"no picture")
    broken = cli("read", "--together", tmp_path, folder)
    assert (broken.code, len(broken.out.splitlines())) == (3, 1)


def test_read_goes_on_past_a_broken_picture(cli: Cli, rendered: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    good = next((rendered / "crops").rglob("*.png"))
    result = cli("read", tmp_path / "a.png", good)
    assert result.code == 3
    assert "a.png" in result.err
    assert good.name in result.out


def test_evaluate_crops(cli: Cli, rendered: Path) -> None:
    result = cli("evaluate", rendered / "crops" / "labels.csv", "--split", "all")
    metrics = json.loads(result.out)
    assert set(metrics) >= READING
    assert (metrics["kind"], metrics["num"]) == ("crops", 20)


def test_evaluate_takes_the_table_that_finetune_takes(cli: Cli, rendered: Path) -> None:
    """Of a table without splits it judges by the quarter that `finetune` holds out."""
    rows = (rendered / "crops" / "labels.csv").read_text().splitlines()[1:]
    texts = [row.split(",")[2] for row in rows]
    table = rendered / "crops" / "mine.csv"
    files = [row.split(",")[0] for row in rows]
    pairs = zip([*files, "x.png"], [*texts, "A1"], strict=True)
    table.write_text("\n".join(["file,text", *(f"{file},{text}" for file, text in pairs)]))
    result = cli("evaluate", table)
    assert json.loads(result.out)["num"] == sum(t in judging(texts) for t in texts) > 0
    assert "left aside: 1 x picture is missing" in result.err


@pytest.mark.parametrize("arch", ["p", "s", "e", "nano"])
def test_evaluate_tracks_with_each_architecture(cli: Cli, rendered: Path, arch: str) -> None:
    labels = rendered / "streams" / "labels.csv"
    metrics = json.loads(cli("evaluate", labels, "--split", "all", "--arch", arch).out)
    wanted = {"frame_accuracy", "track_accuracy", "reads_per_track", "ms_per_frame"}
    assert READING | wanted <= set(metrics)
    assert (metrics["kind"], metrics["num"], metrics["tracks"]) == ("tracks", 40, 10)
    assert 1 <= metrics["reads_per_track"] <= 4


def test_evaluate_ranking_and_a_sheet_of_failures(cli: Cli, rendered: Path, tmp_path: Path) -> None:
    labels, sheet = rendered / "streams" / "labels.csv", tmp_path / "sheet.png"
    result = cli("evaluate", labels, "--split", "all", "--ranking", "--failures", sheet)
    metrics = json.loads(result.out)
    assert {"quality", "reader", "sharpness", "height"} <= set(metrics)
    assert set(metrics["quality"]) == {"pairs", "best_frame", "lost", "discard_error"}
    assert "read wrongly" in result.err
    result = cli("evaluate", labels, "--failures", tmp_path / "missing" / "sheet.png")
    assert (result.code, result.out) == (2, "")
    crops = rendered / "crops" / "labels.csv"
    assert "belongs to a track" in cli("evaluate", crops, "--ranking").err
    for labels in (crops, rendered / "streams" / "labels.csv"):
        result = cli("evaluate", labels, "--split", "all", "--detector-size", 320)
        assert (result.code, result.out) == (2, "")
        assert "--detector-size has no effect on pictures of plates alone" in result.err


def test_a_sheet_of_failures_shows_pictures_only(cli: Cli, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("file,split,text,first_frame,last_frame\nv.mp4,dev,AB12,3,70\n")
    (tmp_path / "v.mp4").touch()
    result = cli("evaluate", labels, "--failures", tmp_path / "sheet.png")
    assert result.code == 2
    assert "these are videos" in result.err


def test_bench_compares_and_draws(cli: Cli, rendered: Path, tmp_path: Path) -> None:
    labels, out = rendered / "streams" / "labels.csv", tmp_path / "bench"
    result = cli("bench", labels, "--split", "all", "--out", out, "--json")
    measured = json.loads(result.out)
    assert measured["tracks"] == 10
    rows = json.loads((out / "rules.json").read_text(encoding="utf-8"))
    assert rows == measured["rules"]
    assert {"rules.png", "quality.png"} <= {path.name for path in out.iterdir()}
    table = cli("bench", labels, "--split", "all").out.splitlines()
    frames = measured["frames"]
    assert len(table) == 1 + len(rows) + 1 + len(frames)
    assert {row["num_frames"] for row in frames} == {1, 2, 4, 8, 16, 31}
    assert {row["way"] for row in frames} == {"best", "vote", "product", "stack", "both"}
    of_all = {row["way"]: row["accuracy"] for row in frames if row["num_frames"] == 31}
    every = {row["fusion"]: row["accuracy"] for row in rows if row["policy"] == "every"}
    assert of_all["product"] == every["product"]
    assert of_all["vote"] == every["string-vote-equal"]
    assert of_all["best"] == every["best"]
    (tmp_path / "file").touch()
    assert cli("bench", labels, "--out", tmp_path / "file").code == 7
    assert cli("bench", labels, "--split", "test").code == 5


def test_confidence_is_fitted_and_judged(cli: Cli, rendered: Path, tmp_path: Path) -> None:
    streams = rendered / "streams"
    result = cli("train", "confidence", streams, "--out", tmp_path, "--judge", streams)
    figures = json.loads(result.out)
    assert figures["fitted on"]["plates"] == 10
    assert figures["streams"]["plates"] == 1
    assert (tmp_path / "confidence.toml").read_text(encoding="utf-8").startswith("# Fitted by")
    assert cli("train", "confidence", streams, "--out", streams / "labels.csv").code == 7
    header, first = (streams / "labels.csv").read_text(encoding="utf-8").splitlines()[:2]
    one = streams / "one.csv"
    one.write_text(f"{header}\n{first}\n", encoding="utf-8")
    fewer = cli("train", "confidence", streams, "--out", tmp_path, "--without", one)
    one.unlink()
    assert json.loads(fewer.out)["fitted on"]["plates"] == 9


def test_semi_real_streams_need_pictures(cli: Cli, tmp_path: Path) -> None:
    result = cli("data", "render", "--what", "semi-real", "--out", tmp_path)
    assert result.code == 2
    assert "--data" in result.err
    assert cli("data", "render", "--layout", "zz", "--out", tmp_path).code == 2


@pytest.mark.parametrize(
    ("what", "option", "only_for"),
    [
        ("crops", ("--frames", "9"), "streams and semi-real"),
        ("scene", ("--num", "3"), "crops and streams and semi-real"),
        ("semi-real", ("--layout", "br"), "crops and streams"),
        ("crops", ("--stands",), "streams and semi-real"),
    ],
)
def test_render_refuses_options_without_effect(
    cli: Cli, tmp_path: Path, what: str, option: tuple[str, ...], only_for: str
) -> None:
    out = tmp_path / "out"
    result = cli("data", "render", "--what", what, "--out", out, *option)
    assert result.code == 2
    assert f"{option[0]} has no effect on {what}, only on {only_for}" in result.err
    assert not out.exists()


def test_evaluate_without_rows_says_so(cli: Cli, tmp_path: Path) -> None:
    import numpy as np

    write_picture(tmp_path / "a.png", np.zeros((20, 60, 3), np.uint8))
    (tmp_path / "labels.csv").write_text("file,split,text\na.png,train,AB12\n")
    result = cli("evaluate", tmp_path / "labels.csv")
    assert result.code == 5
    assert "nothing of split 'dev'" in result.err


def test_models_list_show_and_verify(cli: Cli) -> None:
    listed = json.loads(cli("models", "list", "--json").out)
    assert [row["name"] for row in listed] == list_models()
    assert cli("models", "verify").code == 0
    card = json.loads(cli("models", "show", "detector", "--json").out)
    assert card["kind"] == "detector"
    assert card["trained_on"]
    assert "sha256" in cli("models", "show", "detector").out


def test_a_folder_without_models_says_so(cli: Cli, tmp_path: Path) -> None:
    for verb in ("list", "verify"):
        result = cli("models", verb, "--models", tmp_path)
        assert result.code == 4
        assert "no model cards" in result.err


def test_an_unknown_model_names_those_there_are(cli: Cli) -> None:
    result = cli("models", "show", "reader-z")
    assert result.code == 4
    assert "quality-e" in result.err


def test_data_render_check_and_stats(cli: Cli, tmp_path: Path) -> None:
    assert cli("data", "render", "--out", tmp_path, "--num", "10").code == 0
    assert cli("data", "check", tmp_path).code == 0
    counted = json.loads(cli("data", "stats", tmp_path, "--json").out)
    assert counted["rows"] == {"train": 9, "dev": 1}
    labels = tmp_path / "labels.csv"
    labels.write_text(labels.read_text(encoding="utf-8").replace("dev", "judge"), encoding="utf-8")
    result = cli("data", "check", labels)
    assert result.code == 5
    assert "judge" in result.out


def test_train_and_export(cli: Cli, tmp_path: Path) -> None:
    run = tmp_path / "p"
    options = ("--width", "0.0625", "--templates", "4", "--steps", "2", "--batch", "2")
    trained = cli("train", "reader", "--run", run, "--arch", "p", *options)
    assert json.loads(trained.out) == {"run": str(run)}
    assert cli("export", run, "--out", tmp_path / "models").code == 0
    assert list_models(tmp_path / "models") == ["quality-p", "reader-p"]


def test_exporting_nothing_says_so(cli: Cli, tmp_path: Path) -> None:
    result = cli("export", tmp_path, "--out", tmp_path / "models")
    assert result.code == 4
    assert "config.json" in result.err


def test_all_weights_are_under_15_mb() -> None:
    assert 0 < sum(path.stat().st_size for path in WEIGHTS_DIR.glob("*.onnx")) < 15_000_000


@pytest.mark.parametrize(
    "verb",
    [
        "run",
        "read",
        "evaluate",
        "train all",
        "train reader",
        "train detector",
        "train confidence",
        "train regions",
        "bench",
        "export",
        "data check",
        "data stats",
        "data render",
        "models list",
        "models show",
        "models verify",
    ],
)
def test_every_verb_explains_itself_and_takes_json_unless_it_prints_nothing_else(
    cli: Cli, verb: str
) -> None:
    result = cli(*verb.split(), "--help")
    assert result.code == 0
    assert ("--json" in result.out) != (verb.split()[0] in ("evaluate", "train"))


CHOICES = ["arch", "policy", "fusion", "reads-per-s", "min-confidence", "detector", "detector-size"]


@pytest.mark.parametrize("choice", [*CHOICES, "models"])
def test_run_and_serve_take_the_same_choices(choice: str) -> None:
    def explained(verb: str) -> str:
        command = get_command(app).commands[verb]  # type: ignore[attr-defined]
        (found,) = [each for each in command.params if f"--{choice}" in each.opts]
        return str(found.help)

    assert explained("run") == explained("serve")


@pytest.mark.parametrize("verb", ["run", "serve"])
@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--arch", "nao"), "no architecture 'nao'; did you mean nano?"),
        (("--policy", "sparin"), "no policy 'sparin'; did you mean sparing?"),
        (("--fusion", "produkt"), "no fusion 'produkt'; did you mean product?"),
        (("--detector", "platstream"), "no detector 'platstream'; did you mean platestream?"),
    ],
)
def test_an_unknown_choice_names_the_nearest(
    cli: Cli, tmp_path: Path, verb: str, option: tuple[str, str], says: str
) -> None:
    given = ("nowhere.mp4", "--out", tmp_path) if verb == "run" else ()
    result = cli(verb, *given, *option)
    assert result.code == 2
    assert says in result.err
