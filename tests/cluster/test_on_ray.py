"""The same work on Ray; one small cluster on this machine for all of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from platestream.cluster.on_ray import OnRay
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit
from platestream.core.errors import ConfigError, WeightsNotFound
from tests.ray_nodes import forget_ray

from .readers import broken_reader, echo_reader, road_reader
from .test_archive_run import Here, drive, events, without_crops

if os.environ.get("CI") != "true":
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'platestream[cluster]')")

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def on_ray() -> Iterator[OnRay]:
    with pytest.MonkeyPatch.context() as patch:
        # By default its workers yield to all others, which on a busy machine is for minutes.
        patch.setenv("RAY_worker_niceness", "0")
        executor = OnRay("local", 2, echo_reader)
        yield executor
        executor.close()
        forget_ray()


def test_units_are_read_and_one_that_kills_its_workers_fails(on_ray: OnRay) -> None:
    units = [Unit("kill", ""), Unit("kill-once", ""), *(Unit(f"u{n}", "") for n in range(8))]
    outcomes = {o.unit.source: o.result for o in on_ray.run(units, ReadSettings())}
    assert outcomes.keys() == {unit.source for unit in units}
    failed = outcomes.pop("kill")
    assert "3 workers died over it" in failed.error
    assert not failed.is_final
    assert all(result.error == source for source, result in outcomes.items())


def test_what_no_worker_can_do_ends_the_run(on_ray: OnRay) -> None:
    on_ray._make_reader = broken_reader
    with pytest.raises(WeightsNotFound, match="install it again"):
        list(on_ray.run([Unit("a", "")], ReadSettings()))


def test_ray_gives_the_same_events(on_ray: OnRay, films: Path, tmp_path: Path) -> None:
    on_ray._make_reader = road_reader
    drive(films / "north", tmp_path / "ray", on_ray)
    drive(films / "north", tmp_path / "here", Here(), segment_s=0)
    assert without_crops(events(tmp_path / "ray")) == without_crops(events(tmp_path / "here"))


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ConfigError, match="cannot be reached"):
        OnRay("nonsense://127.0.0.1:1")


def test_a_machine_too_busy_for_ray_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    def init(**_: object) -> None:
        msg = "The current node timed out during startup. This could happen because"
        raise Exception(msg)  # noqa: TRY002 - as Ray does

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(ConfigError, match=r"^--ray local: .* timed out .* try again$"):
        OnRay("local")
