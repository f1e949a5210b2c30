"""The kind of command that all verbs are: typer's, whose help names switches without a type."""

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

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
    """A verb."""


class Group(_PlainHelp, TyperGroup):
    """A verb of verbs."""


class App(typer.Typer):
    """Verbs under one name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[F], F]:
        """Add a verb, see `typer.Typer.command`."""
        return super().command(name, cls=Command, **options)
