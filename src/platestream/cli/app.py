"""The kind of command that all verbs are: typer's, whose help names switches without a type."""

import inspect
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from platestream.core.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


class _PlainHelp:
    """A switch takes nothing, so its help says nothing of ``<bool>``."""

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if getattr(param, "is_flag", False):
                param.metavar = ""
        return params


class Command(_PlainHelp, TyperCommand):
    """A verb; no path of its options may be empty."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what a variable that is not set makes of ``--out "$OUT"``: the current folder."""
        empty = {option for option, value in pairwise(args) if value == ""}
        empty |= {option.removesuffix("=") for option in args if option.endswith("=")}
        if empty and self.callback:
            hints = get_type_hints(inspect.unwrap(self.callback))
            paths = {name for name, kind in hints.items() if Path in (kind, *get_args(kind))}
            options = [param for param in self.get_params(ctx) if param.name in paths]
            for name in (name for option in options for name in option.opts if name in empty):
                msg = f"{name}: is empty; give a path, or leave it out"
                raise ConfigError(msg)
        return super().parse_args(ctx, args)


class Group(_PlainHelp, TyperGroup):
    """A verb of verbs."""


class App(typer.Typer):
    """Verbs under one name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[F], F]:
        """Add a verb, see `typer.Typer.command`."""
        return super().command(name, cls=Command, **options)
