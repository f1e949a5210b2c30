"""Schemathesis asks everything that the OpenAPI document allows, and much that it does not."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
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

from platestream.live.trial import Trial
from platestream.service import camera_editor, user_editor
from platestream.service.camera_editor import CameraEditor
from platestream.service.config import ServiceConfig
from platestream.service.user_editor import UserEditor
from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth
from platestream.service.web.reachability import Exposure
from platestream.store.store import open_store
from tests.service.site import (
    HASH,
    LOCKED,
    OPERATOR_TOKEN,
    MadeUpCameras,
    new_event,
    read_nothing_new,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


AS_OPERATOR = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
ENDLESS = "/api/v1/stream"
"""The stream never ends by itself; `test_api` reads it."""


def try_nothing(_settings: object) -> Trial:
    return Trial(np.zeros((9, 16, 3), np.uint8), 25.0, 0.1)


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseSchema]:
    store = open_store(f"sqlite:///{tmp_path / 'events.db'}", tmp_path / "pictures")
    for number in range(3):
        store.add(new_event(f"AB{number}"))
    monkeypatch.setattr(camera_editor, "try_camera", try_nothing)
    monkeypatch.setattr(user_editor, "hash_password", lambda _password: HASH)
    config = ServiceConfig.model_validate({"cameras": {"gate": {"url": "rtsp://10.0.0.1"}}})
    auth = Auth(tokens=LOCKED[1])
    app = make_app(
        store,
        MadeUpCameras(),
        auth=auth,
        exposure=Exposure(hosts=None),
        reader=read_nothing_new,
        camera_editor=CameraEditor(config, store.settings),
        user_editor=UserEditor(auth, store.settings),
    )
    yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=AS_OPERATOR)
    store.close()


def test_no_question_breaks_it(api: BaseSchema) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    tried = [operation for operation in operations if operation.path != ENDLESS]
    assert len(tried) == len(operations) - 1 > 25
    for operation in tried:

        @given(case=operation.as_strategy())
        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers=AS_OPERATOR)

        ask()
