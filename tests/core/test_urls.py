import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.urls import mask_url


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/main", "rtsp://admin:***@10.0.0.5:554/main"),
        ("RTSP://admin:a@b/c:d@cam/x", "RTSP://admin:***@cam/x"),
        ("http://cam/snap?user=me&pwd=s3cret&w=1", "http://cam/snap?user=me&pwd=***&w=1"),
        ("http://cam/?access_token=abc", "http://cam/?access_token=***"),
        ("postgresql+psycopg://u:pw@db/events", "postgresql+psycopg://u:***@db/events"),
        (
            "a: 'rtsp://u:p@h/1' and b: 'rtsp://v:q@h/2'",
            "a: 'rtsp://u:***@h/1' and b: 'rtsp://v:***@h/2'",
        ),
        ("rtsp://cam.local:554/main", "rtsp://cam.local:554/main"),
        ("rtsp://admin@cam/main", "rtsp://admin@cam/main"),
        ("/videos/gate.mp4", "/videos/gate.mp4"),
    ],
)
def test_passwords_go_and_all_else_stays(text: str, masked: str) -> None:
    assert mask_url(text) == masked


@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\""), min_size=1
    )
)
def test_no_password_shows_whatever_it_is_made_of(password: str) -> None:
    masked = mask_url(f"cannot open 'rtsp://admin:{password}@cam/main'")
    assert masked == "cannot open 'rtsp://admin:***@cam/main'"
