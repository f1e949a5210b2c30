"""A configuration from file, secrets and environment; and what is said of a wrong one."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from platestream.core.errors import ConfigError
from platestream.service.config import ServiceConfig, load_config
from platestream.service.explain import explain
from platestream.service.sink_config import SINK_MODELS
from platestream.service.web.api.camera_settings import CameraChanges
from platestream.sinks.registry import SINKS
from platestream.sinks.settings import annotations, checks

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
SECRETS = ("DATABASE_PASSWORD", "GATE_PASSWORD", "MQTT_PASSWORD", "OPERATOR", "PLATE_HASH_KEY")

GATE = "cameras:\n  gate:\n    url: rtsp://cam/main\n"


def load(tmp_path: Path, text: str, env: Mapping[str, str] | None = None) -> ServiceConfig:
    path = tmp_path / "platestream.yaml"
    path.write_text(text, "utf-8")
    return load_config(path, env or {})


def problem(tmp_path: Path, text: str, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, env)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_used_as_it_is(example: Path, tmp_path: Path) -> None:
    # Those that want a secrets file get one, the others take them from the environment.
    secrets = dict.fromkeys(SECRETS, "a secret of some length")
    copy = tmp_path / example.name
    copy.write_text(example.read_text("utf-8"), "utf-8")
    (tmp_path / "secrets.yaml").write_text(yaml.safe_dump(secrets), "utf-8")
    config = load_config(copy, {} if "secrets_file: s" in copy.read_text("utf-8") else secrets)
    assert config.cameras


def test_there_are_examples() -> None:
    assert "everything" in [path.stem for path in EXAMPLES]


def keys(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_the_example_of_everything_names_every_key_and_its_default() -> None:
    path = next(path for path in EXAMPLES if path.stem == "everything")
    raw: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    config = load_config(path, {})
    given = {"cameras": {}, "sinks": {}}
    assert set(raw) == keys(ServiceConfig)
    assert config.model_copy(update=given) == ServiceConfig()
    for section in ("reader", "store", "server"):
        assert set(raw[section]) == keys(type(getattr(config, section)))
    gate = config.cameras["gate"]
    assert set(raw["cameras"]["gate"]) == keys(type(gate))
    assert gate == type(gate)(url=raw["cameras"]["gate"]["url"])
    assert {sink["type"] for sink in raw["sinks"].values()} == set(SINK_MODELS)
    for name, sink in raw["sinks"].items():
        kind = SINK_MODELS[sink["type"]]
        assert set(raw["sinks"][name]) == keys(kind)
        needed = {k: raw["sinks"][name][k] for k, f in kind.model_fields.items() if f.is_required()}
        assert config.sinks[name] == kind(**needed)


def test_nothing_configured_is_a_service_without_cameras() -> None:
    assert load_config(None, {}) == ServiceConfig()
    assert ServiceConfig().server.host == "127.0.0.1"


def test_the_environment_goes_over_the_file_whatever_the_case_of_its_keys(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "cameras:\n  Gate:\n    url: rtsp://old\n    loop: true\nserver: {port: 1}\n",
        {
            "PLATESTREAM__CAMERAS__GATE__URL": "rtsp://new",
            "PLATESTREAM__CAMERAS__GATE__ZONES": "{drive: [[0, 0], [1, 0], [1, 1]]}",
            "PLATESTREAM__CAMERAS__BACK__URL": "0",
            "PLATESTREAM__SERVER__PORT": "8123",
            "PLATESTREAM__STORE__KEEP_DAYS": "7.5",
            "HOME": "/root",
        },
    )
    assert list(config.cameras) == ["Gate", "back"]
    assert config.cameras["Gate"].url.get_secret_value() == "rtsp://new"
    assert config.cameras["Gate"].loop
    assert config.cameras["Gate"].zones["drive"] == ((0, 0), (1, 0), (1, 1))
    assert config.cameras["back"].url.get_secret_value() == "0"
    assert (config.server.port, config.store.keep_days) == (8123, 7.5)


def test_secrets_come_from_a_file_beside_or_from_the_environment_over_it(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("A: from file\nB: from file\n", "utf-8")
    users = "server:\n  users:\n    a: {password: '${A}'}\n    b: {password: 'x${B}y'}\n"
    config = load(tmp_path, "secrets_file: secrets.yaml\n" + users, {"B": "from environment"})
    found = {name: user.password.get_secret_value() for name, user in config.server.users.items()}
    assert found == {"a": "from file", "b": "xfrom environmenty"}


def test_a_secret_is_taken_as_it_is(tmp_path: Path) -> None:
    # What looks like another secret's name, a list or a number in it is none.
    text = GATE + "    password: ${P}\n"
    for password in ("${Q}", "[1, 2]", "0123", "a: b", "it's", "#"):
        config = load(tmp_path, text, {"P": password})
        assert config.cameras["gate"].password.get_secret_value() == password


def test_no_secret_shows_in_what_is_printed(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "cameras: {gate: {url: 'rtsp://u:hunter2@cam', password: hunter2}}\n"
        "store: {url: 'postgresql://u:hunter2@db/x', hash_key: hunter2hunter2hunter2}\n"
        "sinks: {a: {type: webhook, url: 'http://u:hunter2@x', secret: hunter2}}\n"
        "server: {users: {a: {password: hunter2}}, tokens: {b: {token: hunter2}}}\n",
    )
    assert "hunter2" not in repr(config) + str(config) + config.model_dump_json()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cameras: {gate: {}}", "cameras.gate.url: is missing; add it"),
        (GATE + "    ulr: x", "cameras.gate.ulr: there is no such key; did you mean url?"),
        (GATE + "    qqq: x", "cameras.gate.qqq: there is no such key; correct or remove it"),
        ("camera: {}", "camera: there is no such key; did you mean cameras?"),
        (
            GATE + "    lines: {a: {point: x}}",
            "cameras.gate.lines.a.point: there is no such key; did you mean points?",
        ),
        ("replace_rules: [{patern: x}]", "replace_rules.0.patern: there is no such key; did you"),
        (
            "sinks: {a: {type: mqtt, host: h, disovery: true}}",
            "sinks.a.disovery: there is no such key; did you mean discovery?",
        ),
        (
            "sinks: {a: {type: webhook, url: 'http://a', hosts: h}}",
            "sinks.a.hosts: there is no such key; correct or remove it",
        ),
        (
            GATE + "    transport: tpc",
            "cameras.gate.transport: is none of tcp, udp; did you mean tcp?",
        ),
        (GATE + "    transport: x", "cameras.gate.transport: is none of tcp, udp; choose one"),
        ("cameras: {gate: {url: ''}}", "cameras.gate.url: is empty; give"),
        (GATE + "    password: 123", "cameras.gate.password: is no text; put it in quotes"),
        (GATE + "    region: XX", "cameras.gate.region: no region 'XX'; choose one of AR, AT"),
        ("cameras:", "cameras: is empty; write a value, or remove the key"),
        ("cameras: {gate: }", "cameras.gate: is empty; write its keys below it, such as url, user"),
        ("cameras: {gate: x}", "cameras.gate: is no group of keys; write its keys below it, such"),
        ("cameras: [gate]", "cameras: is no group of names; write each below it, as NAME: VALUE"),
        (GATE + "    loop: maybe", "cameras.gate.loop: is neither true nor false; write one"),
        (GATE + "    timeout_s: 0", "cameras.gate.timeout_s: is too small; write more than 0"),
        (GATE + "    timeout_s: soon", "cameras.gate.timeout_s: is no number; write one, such as"),
        (GATE + "    timeout_s: 700", "cameras.gate.timeout_s: is too large; write 600 or less"),
        (
            "known_plates: {Anna: AB12CDE}",
            "known_plates.Anna: is no list; put it in brackets, also",
        ),
        ("known_plates: {Anna: AB12CDE}", "a single value: Anna: [VALUE]"),
        ("known_plates: {Anna: [123456]}", "known_plates.Anna.0: is no text; put it in quotes"),
        ("known_plates: {Anna: [[AB]]}", "known_plates.Anna.0: is a list or a group; write one"),
        ("match_distance: 1.5", "match_distance: is no whole number; write one, such as 10"),
        ("reader: {models: 3}", "reader.models: is no path; put it in quotes"),
        ("cluster: {address: ''}", "cluster.address: is too short; write 1 or more characters"),
        (
            "sinks: {a: {type: webhook, url: 'http://a', direction: inwards}}",
            "sinks.a.direction: is no way over a line: in, out, or with a line's name, gate:in",
        ),
        (
            "sinks: {a: {type: webhook, url: 'http://a', links: a.example}}",
            "sinks.a.links: is no http:// or https:// address without ? and #",
        ),
        (
            GATE + "    zones: {a: [[0, 0], [1, 1]]}",
            "zones.a: has too few entries; write 3 or more",
        ),
        (GATE + "    zones: {a: '0,0,1'}", "cameras.gate.zones.a: has an odd number"),
        (
            GATE + "    zones: {a: [[0, 0], [1, 1], [0, 200]]}",
            "cameras.gate.zones.a: looks like pixels; write shares of the picture, 0 to 1",
        ),
        (
            GATE + "    zones: {a: '0,0,640,0,640,360'}",
            "cameras.gate.zones.a: looks like pixels; write shares",
        ),
        (
            GATE + "    lines: {a: {points: [[10, 20], [500, 20]], inwards: up}}",
            "cameras.gate.lines.a.points: looks like pixels; write shares",
        ),
        (GATE + "    zones: {a: [[0, 0], [1, 1], [0, -0.1]]}", "cameras.gate.zones.a.2.1: "),
        ("min_confidence: 95", "min_confidence: is more than 1; write a share of the whole"),
        (
            GATE + "    lines: {a: {points: [[0, 0], [0, 0]], inwards: up}}",
            "cameras.gate.lines.a: both ends are the same point",
        ),
        (
            GATE + "    lines: {a: {points: [[0, 0.5], [1, 0.5]], inwards: left}}",
            "cameras.gate.lines.a: nothing that moves left crosses this line",
        ),
        ("cameras: {'a b': {url: x}}", "cameras.a b: is no name; a name has 1 to 64 letters"),
        ("cameras: {'../../etc/passwd': {url: x}}", "cameras.../../etc/passwd: is no name; a name"),
        ("cameras: {/etc: {url: x}}", "cameras./etc: is no name; a name has"),
        ("cameras: {'a\\b': {url: x}}", "cameras.a\\b: is no name; a name has"),
        ("cameras: {'..': {url: x}}", "cameras...: is no name; a name has"),
        ("cameras: {Gate: {url: x}, gate: {url: y}}", "cameras: Gate and gate differ in capitals"),
        ("format: '['", "format: '[' is no regular expression"),
        ("known_plates: {Ann: ['(']}", "known_plates.Ann.0: '(' is no regular expression"),
        ("replace_rules: [{pattern: a, replacement: '\\1'}]", "replace_rules.0: the replacement"),
        ("reader: {arch: q}", "reader.arch: no architecture 'q'; choose one of p, s, e, nano"),
        (
            "reader: {policy: sparin}",
            "reader.policy: no policy 'sparin'; did you mean sparing? Choose one of paper",
        ),
        ("reader: {fusion: mena}", "reader.fusion: no fusion 'mena'; did you mean mean?"),
        ("reader: {detector: platstream}", "reader.detector: no detector 'platstream'; did you"),
        ("reader: {decoder: vappi}", "reader.decoder: no decoder 'vappi'; did you mean vaapi?"),
        ("store: {plates: hash}", "store: plates: hash needs a hash_key"),
        ("sinks: {a: {type: webhook}}", "sinks.a.url: is missing; add it"),
        ("sinks: {a: {type: webhook, url: 'file:///x'}}", "sinks.a.url: is no http:// or"),
        ("sinks: {a: {type: webook}}", "sinks.a: no type of sink 'webook'; did you mean webhook"),
        ("sinks: {a: {}}", "sinks.a: its `type` is missing; choose one of webhook, mqtt"),
        ("server: {port: 70000}", "server.port: is too large; write 65535 or less"),
        ("server: {users: {a: {password: x, role: god}}}", "server.users.a.role: "),
        ("secrets_file: none.yaml", "none.yaml: cannot be read (No such file"),
        (GATE + "    password: ${NOPE}", "cameras.gate.password: ${NOPE} is not set; set it in"),
        ("cameras: [", "is no YAML"),
        ("- a", "must hold keys and values"),
        (GATE + "  gate:\n    url: x", "the key 'gate' stands there twice; remove one"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    assert says in problem(tmp_path, text)


def test_a_list_of_wrong_entries_is_not_called_short_too(tmp_path: Path) -> None:
    message = problem(tmp_path, GATE + "    zones: {a: [[0, 0, 1], [1, 1], [0, 1]]}")
    assert message.endswith("zones.a.0: has too many entries; write no more than 2")


@pytest.mark.parametrize(
    "wrong", [None, [], {}, "", "x", -1e9, 1e300, 0.5, True, [None], [[]], {"a": None}, {"b": {}}]
)
def test_no_words_of_a_library_reach_people(wrong: object) -> None:
    """Of whatever a key may be given, at every place that the example of every key has."""
    raw = yaml.safe_load((EXAMPLES[0].parent / "everything.yaml").read_text("utf-8"))
    ServiceConfig.model_validate(raw)
    for section, key in places(raw):
        right, section[key] = section[key], wrong
        try:
            ServiceConfig.model_validate(raw)
        except ValidationError as error:
            told = explain(error, ServiceConfig, raw)
            assert not re.search("Input|should|valid |<class", told), told
        section[key] = right


def places(raw: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and group in a configuration, with each key or position of it."""
    for key, value in list(raw.items() if isinstance(raw, dict) else enumerate(raw)):
        yield raw, key
        if isinstance(value, dict | list):
            yield from places(value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    message = problem(tmp_path, "cameras: {gate: {}}\nserver: {port: x}\n")
    assert "cameras.gate.url" in message
    assert "server.port" in message


@pytest.mark.parametrize(
    "text",
    [
        "cameras: {gate: {url: 'rtsp://u:hunter2@cam', ulr: 'rtsp://u:hunter2@cam'}}",
        "cameras: {gate: {url: 'rtsp://u:hunter2@cam', password: [hunter2]}}",
        "sinks: {a: {type: webhook, url: 'ftp://u:hunter2@x'}}",
        "store: {plates: hash, hash_key: hunter2}",
        "server: {users: {a: hunter2}}",
        "server: {users: {a: {password: 'hunter2'}}",
        'server: {users: {a: {password: "hunter2}}}',
        "cameras: {gate: {url: x, password: ${A}hunter2}}",
    ],
)
def test_no_message_tells_a_secret(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in problem(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PLATESTREAM__SERVER__PORT", "x", "server.port: "),
        ("PLATESTREAM__SERVER__PROT", "1", "server.prot: there is no such key"),
        ("PLATESTREAM__FORMAT__X", "1", "PLATESTREAM__FORMAT__X: format is no section"),
        ("PLATESTREAM__KNOWN_PLATES", "{a: [", "PLATESTREAM__KNOWN_PLATES: begins like a list"),
    ],
)
def test_the_environment_s_mistakes_are_named_too(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    assert says in problem(tmp_path, "format: '[A-Z]+'", {name: value})


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read \(No such file"):
        load_config(Path("nowhere.yaml"), {})


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        ServiceConfig().match_distance = 3


MANY = "\n".join(f"  plate{number}: [A{number}]" for number in range(30_000))
LAUGHS = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGES = "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 40))
HOSTILE = {
    "large": "known_plates:\n" + MANY * 20,
    "laughs": f"a0: &a0 [x]\n{LAUGHS}",
    "merges": f"m0: &m0 {{a: 1, b: 2}}\n{MERGES}",
    "holds itself": "cameras: &a {gate: *a}",
    "deep": "cameras: " + "[" * 20_000,
    "deeper": "".join("  " * n + "a:\n" for n in range(900)),
    "base 60": f"match_distance: 1{':1' * 400_000}",
    "digits": f"server: {{port: {'9' * 300_000}}}",
    "exponents": "store: {keep_days: 1e300, max_gb: .inf}",
    "a float that is none": "store: {keep_days: 1e400}",
    "an integer no float holds": f"server: {{port: {'9' * 90}}}",
    "keys": "".join(f"k{n}: 1\n" for n in range(80_000)),
    "a tag": "cameras: !!python/object/apply:os.system [true]",
    "a key that is a list": "? [a, b]\n: 1\n",
    "no text": "cameras: \ufffe",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_in_a_file_is_our_error_and_soon(tmp_path: Path, name: str) -> None:
    began_s = time.process_time()
    assert len(problem(tmp_path, HOSTILE[name])) < 5_000_000
    assert time.process_time() - began_s < 30


def numbers(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each number of a JSON schema, and what is said of it."""
    if schema.get("type") in ("number", "integer"):
        yield at, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from numbers(inner, f"{at}.{name}")
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        yield from numbers(inner, at)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from numbers(schema[word], at)


def test_every_number_has_two_ends() -> None:
    """Where one is missing some number makes a date, a wait or a picture that cannot be."""
    models = [ServiceConfig, CameraChanges, *SINK_MODELS.values()]
    found = {
        f"{model.__name__}{at}": schema
        for model in models
        for at, schema in numbers(model.model_json_schema())
    }
    assert len(found) > 40
    checked_elsewhere = {at for at in found if at.endswith(".wrong_opens")}
    checked_elsewhere |= {
        f"{SINK_MODELS[kind].__name__}.{name}"
        for kind, settings in SINKS.items()
        for name, annotation in annotations(settings).items()
        if is_bounded(annotation)
    }
    open_ended = {
        at
        for at, schema in found.items()
        if not {"minimum", "exclusiveMinimum"} & schema.keys()
        or not {"maximum", "exclusiveMaximum"} & schema.keys()
    }
    assert open_ended - checked_elsewhere == set()


def is_bounded(annotation: Any) -> bool:
    """Whether a sink's setting is a number that its checks refuse far below and far above."""
    if not {int, float} & set(get_args(annotation)):
        return False
    return all(is_refused(value, annotation) for value in (-1e18, 1e18))


def is_refused(value: float, annotation: Any) -> bool:
    try:
        for check in checks(annotation):
            check(value)
    except ConfigError:
        return True
    return False
