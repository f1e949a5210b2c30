"""Schemathesis asks everything that the OpenAPI document allows, and much that it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth
from platestream.service.web.guard import Exposure
from platestream.store.store import open_store
from tests.service.site import MadeUpCameras, new_event, read_nothing_new

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


ENDLESS = "/api/v1/stream"
"""The stream never ends by itself; `test_api` reads it."""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[BaseSchema]:
    store = open_store(f"sqlite:///{tmp_path / 'events.db'}", tmp_path / "pictures")
    for number in range(3):
        store.add(new_event(f"AB{number}"))
    app = make_app(
        store,
        MadeUpCameras(),
        auth=Auth(),
        exposure=Exposure(hosts=None),
        reader=read_nothing_new,
    )
    yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    store.close()


def test_no_question_breaks_it(api: BaseSchema) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    tried = [operation for operation in operations if operation.path != ENDLESS]
    assert len(tried) == len(operations) - 1 > 15
    for operation in tried:

        @given(case=operation.as_strategy())
        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        ask()
