import inspect

import pytest

from platestream.core import errors
from platestream.core.errors import PlatestreamError

ERRORS = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__
}


def test_the_names_are_pinned() -> None:
    assert sorted(ERRORS) == [
        "ChecksumMismatch",
        "ConfigError",
        "DataError",
        "EventNotFound",
        "FrameDecodeError",
        "Interrupted",
        "ModelContractError",
        "ModelError",
        "PlatestreamError",
        "ShapeError",
        "SinkError",
        "SinkRefused",
        "SourceError",
        "SourceLost",
        "SourceNotFound",
        "StoreBusy",
        "StoreError",
        "WeightsNotFound",
    ]


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_is_one_of_ours_and_drawn(name: str) -> None:
    assert issubclass(ERRORS[name], PlatestreamError)
    assert name in (errors.__doc__ or "")


def test_the_drawing_is_the_tree() -> None:
    """Read the docstring's tree back by its indentation."""
    parents: dict[str, str] = {}
    last_of_depth: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.replace("│", " ").replace("├──", "   ").replace("└──", "   ").split()
        if not words or words[0] not in ERRORS:
            continue
        name = words[0]
        depth = line.index(name)
        last_of_depth[depth] = name
        above = [d for d in last_of_depth if d < depth]
        if above:
            parents[name] = last_of_depth[max(above)]
    real = {name: kind.__base__.__name__ for name, kind in ERRORS.items()}
    assert real.pop("PlatestreamError") == "Exception"
    assert parents == real


def test_exit_codes_tell_the_families_apart() -> None:
    families = {
        "PlatestreamError": 1,
        "ConfigError": 2,
        "SourceError": 3,
        "ModelError": 4,
        "DataError": 5,
        "ShapeError": 6,
        "StoreError": 7,
        "SinkError": 8,
        "Interrupted": 130,
    }
    for name, kind in ERRORS.items():
        family = next(base.__name__ for base in kind.__mro__ if base.__name__ in families)
        assert kind.exit_code == families[family], name
