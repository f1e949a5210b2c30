"""Docs that cannot go stale: every verb is named, every file linked is there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from platestream.cli.main import app
from platestream.core import errors

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def verbs() -> list[str]:
    names = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        children = getattr(command, "commands", None)
        names += [f"{name} {child}" for child in children] if children else [name]
    return names


@pytest.mark.parametrize("verb", verbs())
def test_the_readme_names_every_verb(verb: str) -> None:
    group, _, child = verb.partition(" ")
    row = next(
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `platestream {group}")
    )
    assert child in row


EXIT_CODES = {
    errors.PlatestreamError: "a fault of ours",
    errors.ConfigError: "a wrong option",
    errors.SourceError: "a source",
    errors.ModelError: "model weights",
    errors.DataError: "labels",
    errors.ShapeError: "a wrong shape",
    errors.StoreError: "the event store",
    errors.SinkError: "a receiver",
    errors.Interrupted: "Ctrl-C",
}


def test_the_readme_names_every_exit_code_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, table = readme.partition("| exit code | means |\n|---|---|\n")
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", table.partition("\n\n")[0], re.MULTILINE)
    means = {int(code): text for code, text in rows}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert {kind.exit_code for kind in kinds} == set(means)
    assert len(rows) == len(means) == len(EXIT_CODES)
    for kind, words in EXIT_CODES.items():
        assert words in means[kind.exit_code], kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_the_readme_example_in_python_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the first second of the demo clip, under the name that the README uses."""
    import av

    import platestream

    clip = Path(platestream.__file__).parent / "demo" / "street.mp4"
    with av.open(str(clip)) as source, av.open(str(tmp_path / "gate.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for index, frame in enumerate(source.decode(video=0)):
            if index < 25:
                rgb = frame.to_ndarray(format="rgb24")
                target.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        target.mux(stream.encode(None))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert "crops read" in capsys.readouterr().out


@pytest.mark.parametrize("verb", verbs())
def test_help_gives_a_switch_no_type_and_every_option_words(verb: str) -> None:
    command = get_command(app)
    for name in verb.split():
        command = command.commands[name]  # type: ignore[attr-defined]
    context = command.make_context(verb, [], resilient_parsing=True)
    for param in command.get_params(context):
        if getattr(param, "is_flag", False):
            assert param.display_type_rich(context) == ""
        if param.param_type_name == "option":
            assert len((param.help or "").split()) >= 2, param.name


def shown_commands() -> list[tuple[str, str]]:
    """Every `platestream` command in a code block or a table of a page, with the page's name."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            # Of `docker compose run platestream platestream serve` the last one is the command.
            shown = re.findall(r"^(?:.*\s)?platestream ([a-z][^#|;&\n]*)", block, re.MULTILINE)
            found += [(page.name, command.strip()) for command in shown]
    return found


@pytest.mark.parametrize(("page", "command"), shown_commands())
def test_every_command_that_a_page_shows_has_its_verb_and_its_options(
    page: str, command: str
) -> None:
    node = get_command(app)
    words = command.split()
    while hasattr(node, "commands") and words:
        assert words[0] in node.commands, f"{page}: {command}"
        node = node.commands[words.pop(0)]
    context = node.make_context("shown", [], resilient_parsing=True)
    known = {name for param in node.get_params(context) for name in param.opts}
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert [option for option in options if option not in known] == [], f"{page}: {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    inside = "core|stream|models|store|sinks|video|live|cluster|lab|service|cli"
    named = re.findall(rf"`((?:src/platestream/)?(?:{inside})/[\w/]+\.(?:py|toml))`", text)
    named += re.findall(r"`((?:bench|tests|recipes|examples|docs|deploy)/[\w/.-]+\.\w+)`", text)
    shown = set(re.findall(r"^`([\w/.]+)`$", text, re.MULTILINE))  # files that a reader is to write
    places = (ROOT, ROOT / "src" / "platestream")
    missing = [
        name
        for name in named
        if name not in shown and not any((place / name).exists() for place in places)
    ]
    assert missing == []
