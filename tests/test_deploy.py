"""What is deployed is what there is: files named exist, figures of the dashboard are told."""

import json
import re
from pathlib import Path

import yaml
from typer.main import get_command

from platestream.cli.main import app
from platestream.service.web.prometheus import Metrics

ROOT = Path(__file__).parents[1]


def test_the_dashboard_shows_figures_that_are_told() -> None:
    source = (ROOT / "src/platestream/service/web/prometheus.py").read_text("utf-8")
    dashboard = json.loads((ROOT / "deploy/grafana.json").read_text("utf-8"))
    expressions = [t["expr"] for panel in dashboard["panels"] for t in panel["targets"]]
    names = set(re.findall(r"platestream_\w+", " ".join(expressions)))
    assert len(names) > 10
    for name in names:
        figure = re.sub(r"^platestream_(camera|sink)_|_total$", "", name)
        assert figure.removeprefix("platestream_") in source
    assert Metrics().text()


def test_the_composition_mounts_what_there_is_and_publishes_on_this_machine_only() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert set(compose["services"]) == {"platestream", "database", "broker"}
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]
    given = {"./config.yaml"}  # by the user, from examples/container.yaml
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            is_there = source in compose["volumes"] or source in given or (ROOT / source).exists()
            assert is_there, source


def test_the_image_runs_as_nobody_special_and_starts_a_verb_that_there_is() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "USER platestream" in lines
    verb = json.loads(next(line for line in lines if line.startswith("CMD")).removeprefix("CMD "))
    assert verb[0] in get_command(app).commands  # type: ignore[attr-defined]
    copied = [word for line in lines if line.startswith("COPY p") for word in line.split()[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in [*copied, "src"]} <= set(ignored)
