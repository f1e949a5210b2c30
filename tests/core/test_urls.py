import html
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.addresses import FORMS, SECRET

from platestream.core.urls import MASK, MAX_TRIED, Redactor, mask_url, secrets_in, shown_address


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_address_shows_its_password(form: str) -> None:
    assert SECRET in form
    assert SECRET not in shown_address(form)
    found = Redactor(secrets_in(form))
    for text in (form, f"cannot open '{form}': no", f"{form}: broke off", json.dumps([form])):
        assert SECRET not in found(text)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/main", "rtsp://10.0.0.5:554"),
        ("RTSP://cam.local/main?channel=1", "RTSP://cam.local"),
        ("rtsp://u:p@[fe80::1]:554/x", "rtsp://[fe80::1]:554"),
        ("rtsp://u:a/b@cam/x", "rtsp://***"),
        ("rtsp://u:1/2@cam/x", "rtsp://***"),
        ("rtsp://u:p@mail.com:pass@cam/x", "rtsp://cam"),
        ("rtsp://cam/x?mail=a@b", "rtsp://***"),
        ("/videos/gate.mp4", "/videos/gate.mp4"),
        ("admin:s3cret@10.0.0.5/main", "/***"),
        ("/dev/video0", "/dev/video0"),
    ],
)
def test_scheme_host_and_port_are_shown_where_they_are_sure(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a: 'rtsp://u:p@h/1' and b: 'rtsp://v:q@i/2'", "a: 'rtsp://h' and b: 'rtsp://i'"),
        ("rtsp://cam:554: broke off (no answer)", "rtsp://cam:554: broke off (no answer)"),
        ("(see http://[::1]:80/x?y=1), then", "(see http://[::1]:80), then"),
        ("nothing to hide", "nothing to hide"),
        ("begin with rtsp://, http:// or so", "begin with rtsp://, http:// or so"),
    ],
)
def test_addresses_in_a_text_are_shown_the_same(text: str, masked: str) -> None:
    assert mask_url(text) == masked


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_no_password_shows_whatever_it_is_made_of(password: str) -> None:
    address = f"rtsp://admin:{password}@cam/main"
    shown = shown_address(address)
    assert shown in ("rtsp://cam", "rtsp://***")


@given(st.text(min_size=4, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_a_known_secret_is_found_however_it_is_quoted(secret: str, before: str, after: str) -> None:
    assume(MASK not in secret and secret not in MASK)
    redact = Redactor([secret])
    try:
        ways = (str, quote, lambda s: quote(s, safe=""), html.escape, repr, ascii, json.dumps)
        for way in ways:
            written = way(secret)
            inner = written[1:-1] if way in (repr, ascii, json.dumps) else written
            assert inner not in redact(f"{before}|{written}|{after}").replace(MASK, "|")
    except UnicodeEncodeError:
        assume(False)


def test_short_words_are_left_alone() -> None:
    assert Redactor(["abc", ""])("abc of the abc") == "abc of the abc"


def test_who_tries_secrets_for_ever_fills_no_memory() -> None:
    redact = Redactor(["configured-one"])
    for number in range(3 * MAX_TRIED):
        redact.learn([f"tried-{number:05}", "configured-one"], is_trial=True)
    newest = f"tried-{3 * MAX_TRIED - 1:05}"
    assert redact(f"configured-one {newest} tried-00000") == f"{MASK} {MASK} tried-00000"
    redact.learn([newest])
    redact.learn((f"other-{number:05}" for number in range(MAX_TRIED)), is_trial=True)
    assert redact(newest) == MASK, "what is kept is never forgotten"
    assert len(redact._sought) == 2 + MAX_TRIED


def test_a_redactor_learns_and_forgets_nothing() -> None:
    redact = Redactor([])
    assert redact("first-one second-one") == "first-one second-one"
    redact.learn(["first-one"])
    redact.learn(["second-one", "abc"])
    redact.learn([])
    assert redact("first-one second-one abc") == f"{MASK} {MASK} abc"
    assert secrets_in("rtsp://cam/stream1") == set()
    assert secrets_in("sqlite:///platestream/events.db") == set()
    assert secrets_in("/videos/gate.mp4") == set()
