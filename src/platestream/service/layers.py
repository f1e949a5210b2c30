"""The layers of a configuration: a YAML file, its secrets, the environment over them.

Written by hand and not with pydantic-settings, of which only the joining of two mappings would be
left. Tried with 2.16, it takes `PLATESTREAM__CAMERAS__GATE__URL` for a second camera beside the
file's `Gate`; it passes over a misspelt section (`PLATESTREAM__SERVR__PORT`) and a key below what
is no section (`PLATESTREAM__FORMAT__X`) in silence; it wants JSON in variables, where our users
write what stands in the file; it lets a second key of a file replace the first; and it knows no
`${NAME}`, nor a file of secrets over which the environment goes.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from platestream.core.boundary import told_as
from platestream.core.errors import ConfigError

PREFIX = "PLATESTREAM__"

MAX_BYTES = 1_000_000
"""Of a file: our loader takes a second for 100 kB or so."""

MAX_VALUES = 100_000
"""That a file stands for: by aliases and merges a few lines may stand for billions."""

MAX_DIGITS = 100
"""Of a number; one of base 60, `1:1:1`, takes time by its square."""

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_layers(path: Path | None, env: Mapping[str, str]) -> dict[str, Any]:
    """Put the layers together, not yet checked.

    Raises:
        ConfigError: a file cannot be read, or a ``${NAME}`` is nowhere set.
    """
    with told_as(ConfigError, str(path or "the environment"), "correct it", quotes=False):
        return _read_layers(path, env)


def _read_layers(path: Path | None, env: Mapping[str, str]) -> dict[str, Any]:
    raw = _read_yaml(path) if path else {}
    secrets_file = env.get(f"{PREFIX}SECRETS_FILE") or raw.get("secrets_file")
    secrets = dict(env)
    if isinstance(secrets_file, str):
        beside = path.parent if path else Path()
        secrets = {**_read_secrets(beside / secrets_file), **env}
    filled: dict[str, Any] = _fill(raw, secrets, "")
    for name in sorted(env):
        if name.startswith(PREFIX):
            _overlay(filled, name, env[name])
    return filled


class _Loader(yaml.SafeLoader):
    """YAML that does not let a second key of the same name replace the first in silence.

    Nor does it take long over what a file of `MAX_BYTES` can hold.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        if len(node.value) > MAX_VALUES:
            msg = f"more than {MAX_VALUES} keys by its merges"
            raise _wrong(msg, node)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if is_number and len(node.value) > MAX_DIGITS:
            msg = f"a number of more than {MAX_DIGITS} digits"
            raise _wrong(msg, node)
        return super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # Merged ones (`<<: *others`) may be said anew.
        own = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=True) for key in own]
        seen = set()
        for key in filter(_is_hashable, keys):  # what is not is refused below
            if key in seen:
                msg = f"the key {key!r} stands there twice; remove one"
                raise _wrong(msg, node)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _wrong(problem: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _num_values(value: object, counted: dict[int, int]) -> int:
    """How many values there are once each alias stands for itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in counted:
        counted[id(value)] = 1  # until it is known: one may hold itself
        inner = value.values() if isinstance(value, dict) else value
        counted[id(value)] = 1 + sum(_num_values(each, counted) for each in inner)
    return counted[id(value)]


def _read_yaml(path: Path) -> dict[str, Any]:
    # YAML has errors of its own, and those of what it makes, such as of the 99th of a month.
    with told_as(ConfigError, str(path), "correct it", quotes=False):
        raw = _load_yaml(path)
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            msg = f"{path}: must hold keys and values such as `cameras:`; correct it"
            raise ConfigError(msg)
        if _num_values(raw, {}) > MAX_VALUES:
            msg = f"{path}: stands for more than {MAX_VALUES} values by its aliases; write fewer"
            raise ConfigError(msg)
        return raw


def _load_yaml(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            msg = f"{path}: has more than {MAX_BYTES} bytes; no configuration is so long"
            raise ConfigError(msg)
        # The loader is a SafeLoader.
        return yaml.load(data.decode(), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        msg = f"{path}: cannot be read ({why}); check the path"
        raise ConfigError(msg) from error
    except yaml.YAMLError as error:
        # Only where and what: the excerpt in its own message may hold a secret.
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f", line {mark.line + 1}" if mark else ""
        msg = f"{path}{where}: is no YAML ({problem or 'broken'}); correct it"
        raise ConfigError(msg) from None


def _read_secrets(path: Path) -> dict[str, str]:
    secrets = _read_yaml(path)
    for name, value in secrets.items():
        if not isinstance(value, str):
            msg = f"{path}: {name}: is no text; put it in quotes"
            raise ConfigError(msg)
    return secrets


def _fill(value: Any, secrets: Mapping[str, str], key: str) -> Any:
    """Put the secrets where their names stand."""
    if isinstance(value, dict):
        return {k: _fill(v, secrets, f"{key}.{k}" if key else str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(each, secrets, f"{key}.{i}") for i, each in enumerate(value)]
    if not isinstance(value, str):
        return value

    def secret(found: re.Match[str]) -> str:
        if found[1] not in secrets:
            msg = f"{key}: ${{{found[1]}}} is not set; set it in the environment or a secrets file"
            raise ConfigError(msg)
        return secrets[found[1]]

    return _PLACEHOLDER.sub(secret, value)


def _overlay(raw: dict[str, Any], name: str, text: str) -> None:
    """Put one variable's value where its name says, whatever the case of the keys there."""
    *sections, last = name.removeprefix(PREFIX).split("__")
    at = raw
    for section in sections:
        inner = at.setdefault(_key_like(section, at), {})
        if not isinstance(inner, dict):
            msg = f"{name}: {section.lower()} is no section; correct the variable's name"
            raise ConfigError(msg)
        at = inner
    at[_key_like(last, at)] = _parse(name, text)


def _key_like(wanted: str, keys: Mapping[str, Any]) -> str:
    return next((k for k in keys if str(k).lower() == wanted.lower()), wanted.lower())


def _parse(name: str, text: str) -> Any:
    """Lists and mappings as YAML writes them on one line; all else is text."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        msg = f"{name}: begins like a list or mapping but is none; close its brackets"
        raise ConfigError(msg) from None
