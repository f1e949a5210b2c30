"""Workers that are processes: units are read whoever dies, and no process is left."""

import multiprocessing

import pytest

from platestream.cluster.processes import Processes
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit
from platestream.core.errors import ConfigError, WeightsNotFound

from .readers import broken_reader, echo_reader


def test_every_unit_is_read_once_by_several_processes() -> None:
    units = [Unit(f"u{number}", "") for number in range(40)]
    outcomes = list(Processes(2, echo_reader).run(units, ReadSettings()))
    assert sorted(o.unit.source for o in outcomes) == sorted(unit.source for unit in units)
    assert all(o.result.error == o.unit.source for o in outcomes)
    assert len({o.result.num_frames for o in outcomes}) == 2
    assert not multiprocessing.active_children()


def test_a_unit_whose_worker_was_killed_is_given_to_another() -> None:
    units = [Unit("a", ""), Unit("kill-once", ""), Unit("b", "")]
    outcomes = list(Processes(2, echo_reader).run(units, ReadSettings()))
    assert sorted(o.result.error for o in outcomes) == ["a", "b", "kill-once"]


def test_a_unit_that_kills_every_worker_fails_and_stops_no_other() -> None:
    units = [Unit("kill", ""), Unit("a", ""), Unit("b", "")]
    outcomes = {
        o.unit.source: o.result for o in Processes(1, echo_reader).run(units, ReadSettings())
    }
    assert outcomes.keys() == {"kill", "a", "b"}
    assert not outcomes["kill"].is_final
    assert "3 workers died over it (SIGKILL)" in outcomes["kill"].error


def test_what_no_worker_can_do_ends_the_run() -> None:
    with pytest.raises(WeightsNotFound, match="install it again"):
        list(Processes(2, broken_reader).run([Unit("a", "")], ReadSettings()))
    assert not multiprocessing.active_children()


def test_closing_the_iterator_leaves_no_process() -> None:
    outcomes = Processes(2, echo_reader).run([Unit(f"{n}", "") for n in range(100)], ReadSettings())
    next(iter(outcomes))
    outcomes.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


def test_no_workers_is_an_error() -> None:
    with pytest.raises(ConfigError, match="1 or more"):
        Processes(0)
