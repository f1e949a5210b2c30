"""The configurations that docs/integrations.md shows can be loaded."""

import re
from pathlib import Path

import pytest

from platestream.live.known_plates import Watch
from platestream.service.config import load_config
from platestream.service.receivers import make_sinks
from platestream.sinks.registry import SINKS

PAGE = Path(__file__).parents[2] / "docs" / "integrations.md"
EXAMPLES = [
    example
    for example in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    if not example.startswith("automation:")  # Home Assistant's
]


SECRETS = {
    "OFFICE_SECRET": "whsec_c2VjcmV0",
    "MQTT_PASSWORD": "secret",
    "NTFY_TOPIC": "our-gate",
    "LINK_KEY": "sixteen or more.",
    "MAIL_PASSWORD": "secret",
    "TELEGRAM_TOKEN": "1:a",
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(example: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    zones = "{drive: [[0, 0], [1, 0], [1, 1]]}"
    camera = f"{{url: 'rtsp://10.0.0.7/stream', zones: {zones}}}"
    file.write_text(f"{example}\ncameras: {{gate: {camera}}}\n")
    config = load_config(file, SECRETS)
    assert list(make_sinks(config)) == list(config.sinks)
    watch = Watch(config.known_plates, max_distance=config.match_distance)
    if config.known_plates:
        assert watch.name("AB12CDE") == "Anna"
        assert watch.name("P123ABC") == "Post"
    else:
        assert config.sinks


def test_every_type_of_sink_is_shown() -> None:
    assert len(EXAMPLES) == 4
    shown = {kind for example in EXAMPLES for kind in re.findall(r"type: (\w+)", example)}
    assert shown == set(SINKS)
