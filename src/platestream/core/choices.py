"""Registries: what a user may choose by name, and what is said of a name that is not there.

Each floor has its own, a plain table in one module (`stream.registry`, `sinks.registry`, ...).
Flags, configuration, docs and tests read that table, so a new entry is one line in one place.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from platestream.core.errors import ConfigError

T = TypeVar("T")


class Choices(Mapping[str, T]):
    """A table of things by the names a user gives them; it cannot be changed.

    Args:
        kind: What they are, in one or two words for messages: ``policy``.
        entries: Name to thing, in the order they are shown in.
    """

    def __init__(self, kind: str, entries: Mapping[str, T]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __str__(self) -> str:
        """The names as help texts and messages show them."""
        return ", ".join(self)

    def choose(self, name: str) -> T:
        """What a user asked for.

        Raises:
            ConfigError: there is none of that name; names those there are, and the nearest.
        """
        if name not in self._entries:
            raise ConfigError(unknown(self.kind, name, self))
        return self._entries[name]


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is not there: the nearest one first, then all.

    Args:
        kind: What was asked for.
        name: As it was given.
        known: Those there are.
    """
    names = list(known)
    near = nearest(name, names)
    choose = f"did you mean {near}? Choose" if near else "choose"
    return f"no {kind} {name!r}; {choose} one of {', '.join(names)}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is most likely a slip of; None where none is like it."""
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
