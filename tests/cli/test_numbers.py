"""No number that an option takes is without an end: `inf` and 1e300 are refused, not tried."""

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pytest
import typer
from typer.models import ParameterInfo

from platestream.cli.main import app

from .conftest import Cli


def commands(of: typer.Typer, name: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in of.registered_commands:
        assert command.callback
        yield f"{name} {command.name or command.callback.__name__}".strip(), command.callback
    for group in of.registered_groups:
        assert group.typer_instance
        label = group.name or group.typer_instance.info.name
        yield from commands(group.typer_instance, f"{name} {label}".strip())


def numbers(call: Callable[..., Any]) -> Iterator[tuple[str, ParameterInfo]]:
    for name, hint in get_type_hints(call, include_extras=True).items():
        kind, *infos = get_args(hint) or (hint,)
        options = [info for info in infos if isinstance(info, ParameterInfo)]
        if options and {int, float} & set(get_args(kind) or (kind,)):
            yield name, options[0]


NUMBERS = [
    pytest.param(info, id=f"{verb} {name}")
    for verb, call in commands(app)
    if not verb.startswith("train")  # for experiments, by who wrote them
    for name, info in numbers(call)
]


def test_all_are_looked_at() -> None:
    assert len(NUMBERS) > 20


@pytest.mark.parametrize("info", NUMBERS)
def test_each_has_two_ends(info: ParameterInfo) -> None:
    assert info.min is not None
    assert info.max is not None
    assert info.min < info.max


@pytest.mark.parametrize("number", ["inf", "nan", "1e300", "-1"])
@pytest.mark.parametrize("option", ["--keep-days", "--max-gb"])
def test_what_is_beyond_is_said_to_be(cli: Cli, option: str, number: str) -> None:
    result = cli("events", "prune", option, number)
    assert (result.code, "Invalid value" in result.err) == (2, True)
