import html
import json
import random
import time
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.addresses import FORMS, SECRET

from platestream.core.urls import MASK, MAX_OTHERS, Redactor, mask_url, secrets_in, shown_address


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


def test_who_tries_and_changes_secrets_for_ever_fills_no_memory() -> None:
    redact = Redactor(["configured-one"])
    for number in range(3 * MAX_OTHERS):
        redact.learn([f"tried-{number:05}", "configured-one"])
        redact.learn([f"set-{number:05}"], of="gate")
    newest = [f"{word}-{3 * MAX_OTHERS - 1:05}" for word in ("tried", "set")]
    assert redact(f"configured-one {' '.join(newest)}") == f"{MASK} {MASK} {MASK}"
    assert redact("tried-00000 set-00000") == "tried-00000 set-00000"
    assert redact(f"set-{3 * MAX_OTHERS - 2:05}") == MASK, "of a moment ago: its end is still told"
    redact.learn(f"other-{number:05}" for number in range(MAX_OTHERS))
    assert redact(newest[1]) == MASK, "what is in use is never forgotten"
    assert len(redact._sought) == 2 + MAX_OTHERS
    redact.learn((), of="gate")
    assert redact(newest[1]) == MASK, "nor what was in use a moment ago"
    assert redact._of == {}


def test_many_long_secrets_and_texts_take_no_time() -> None:
    dice, redact = random.Random(1), Redactor([])
    began_s = time.process_time()
    for number in range(120):
        password = "".join(dice.choices('abcdefghij%$é"<', k=1900))
        redact.learn(secrets_in(f"rtsp://u{number}:{password}@h/x"))
    assert redact(f"tried {password}") == f"tried {MASK}"
    for text in ("a." * 100_000, "a" * 200_000, "://" * 60_000, "a://" * 50_000, "-[" * 100_000):
        redact(text)
    assert time.process_time() - began_s < 10


def test_a_redactor_learns_and_forgets_nothing() -> None:
    redact = Redactor([])
    assert redact("first-one second-one") == "first-one second-one"
    redact.learn(["first-one"], of="gate")
    redact.learn(["second-one", "abc"])
    redact.learn([])
    assert redact("first-one second-one abc") == f"{MASK} {MASK} abc"
    assert secrets_in("rtsp://cam/stream1") == set()
    assert secrets_in("sqlite:///platestream/events.db") == set()
    assert secrets_in("postgresql://postgres@db.example/platestream") == set()
    assert "hunter22" in secrets_in("postgresql://postgres:hunter22@db.example/platestream")
    assert secrets_in("/videos/gate.mp4") == set()
