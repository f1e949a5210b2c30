import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from platestream.core.errors import ConfigError
from platestream.sinks.signing import TOLERANCE_S, key_of, sign, verify

# Published at docs.svix.com, "Verifying webhooks manually".
SECRET = "whsec_plJ3nmyCDGBKInavdOK15jsl"
BODY = b'{"event_type":"ping","data":{"success":true}}'
AT = 1731705121
HEADERS = {
    "Webhook-Id": "msg_loFOjxBNrRLzqYUf",
    "Webhook-Timestamp": str(AT),
    "Webhook-Signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
}


def test_the_published_example() -> None:
    assert sign(key_of(SECRET), HEADERS["Webhook-Id"], AT, BODY) == HEADERS["Webhook-Signature"]
    assert verify(SECRET, HEADERS, BODY, AT)


@given(st.binary(min_size=1), st.text(), st.integers(0, 2**33))
def test_the_reference_library_signs_the_same(key: bytes, body: str, at: int) -> None:
    theirs = Webhook(key).sign("id", datetime.fromtimestamp(at, UTC), body)
    assert sign(key, "id", at, body.encode("utf-8", "replace")) == theirs


@pytest.mark.parametrize(
    "changed",
    [
        {"Webhook-Id": "msg_other"},
        {"Webhook-Timestamp": str(AT + 1)},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Timestamp": "-1"},
        {"Webhook-Signature": "v1,AAAA"},
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,é"},
    ],
)
def test_what_was_changed_is_not_ours(changed: dict[str, str]) -> None:
    assert not verify(SECRET, HEADERS | changed, BODY, AT)


def test_every_header_is_needed() -> None:
    for name in HEADERS:
        assert not verify(SECRET, {k: v for k, v in HEADERS.items() if k != name}, BODY, AT)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_changed_body_is_not_ours(place: int, change: int) -> None:
    body = bytearray(BODY)
    body[place] ^= change
    assert not verify(SECRET, HEADERS, bytes(body), AT)


def test_old_and_future_messages_are_not_taken() -> None:
    assert verify(SECRET, HEADERS, BODY, AT + TOLERANCE_S)
    assert not verify(SECRET, HEADERS, BODY, AT + TOLERANCE_S + 1)
    assert not verify(SECRET, HEADERS, BODY, AT - TOLERANCE_S - 1)


def test_one_of_several_signatures_is_enough() -> None:
    both = HEADERS | {"Webhook-Signature": f"v1,AAAA {HEADERS['Webhook-Signature']}"}
    assert verify(SECRET, both, BODY, AT)


def test_secrets_are_text_or_base64() -> None:
    assert key_of("correct horse") == b"correct horse"
    assert key_of("whsec_" + base64.b64encode(b"\x00\xff").decode()) == b"\x00\xff"
    with pytest.raises(ConfigError, match="base64"):
        key_of("whsec_!")


def test_the_receiver_of_the_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "integrations.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    headers = {name.lower(): value for name, value in HEADERS.items()}
    monkeypatch.setattr("time.time", lambda: AT + 299)
    assert names["is_genuine"](SECRET, headers, BODY)
    assert not names["is_genuine"](SECRET, headers, BODY + b" ")
    monkeypatch.setattr("time.time", lambda: AT + 301)
    assert not names["is_genuine"](SECRET, headers, BODY)
