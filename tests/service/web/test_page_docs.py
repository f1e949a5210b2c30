"""What docs/page.md says is so, and what is configured there and beside it."""

import json
import re
from pathlib import Path

import pytest

from platestream.core.cells import cell
from platestream.service.config import load_config
from platestream.service.web.error_answers import CODES
from platestream.service.web.reachability import check_exposure
from platestream.service.web_wiring import make_auth
from platestream.store.export import event_record
from platestream.store.records import Query
from tests.service.site import Site, new_event

DOCS = Path(__file__).parents[3] / "docs"
PAGE, *OTHERS = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("page.md", "events.md", "cameras.md")
)
CONFIGS = re.findall(r"```yaml\n(.*?)```", "\n".join((PAGE, *OTHERS)), re.DOTALL)


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_its_configurations_are_taken(tmp_path: Path, number: int) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text(CONFIGS[number], encoding="utf-8")
    secrets = {"DESK_PASSWORD": "a long password", "BARRIER_TOKEN": "b" * 32}
    secrets |= {"PLATESTREAM__STORE__HASH_KEY": "c" * 64, "GATE_PASSWORD": "secret"}
    server = load_config(file, secrets).server
    check_exposure(make_auth(server), server.host, frozenset(server.hosts))


def test_both_forms_of_candidates_are_as_they_are_shown(site: Site) -> None:
    pairs, objects = re.findall(r'^"candidates": (.*)$', OTHERS[0], re.MULTILINE)
    event = new_event("E617KA147")
    site.store.add(event)
    with site.client() as client:
        assert client.get(f"/api/v1/events/{event.id}").json()["candidates"] == json.loads(objects)
    (stored,) = site.store.find(Query()).events
    exported = event_record(stored)["candidates"]
    assert json.loads(json.dumps(exported)) == json.loads(pairs)
    assert f"`{cell(exported)}`" in OTHERS[0]
    assert json.dumps(json.loads(objects)[0]) in PAGE


def test_it_names_every_path_and_every_code(site: Site) -> None:
    paths = site.app.openapi()["paths"]
    for path in paths:
        named = re.sub(r"/\{.*", "", path)
        assert named in PAGE or path.startswith("/api/v1/live"), path
    for code in CODES.values():
        assert f"`{code}`" in PAGE
