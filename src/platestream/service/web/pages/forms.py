"""Forms: their token against CSRF, and what people leave empty or mistype."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, HTTPException, Request

from platestream.service.web.context import UsesServices
from platestream.service.web.rendering import COOKIE


def check_form(
    request: Request, services: UsesServices, form_token: Annotated[str, Form()] = ""
) -> None:
    """Refuse a form that our own page did not make for this very browser."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or not services.auth.is_form_token(cookie, form_token):
        raise HTTPException(403, "this form is stale; go back, reload the page and send it again")


def local_time(text: str) -> datetime | None:
    """What a `datetime-local` field holds, in the server's zone; None when empty.

    Raises:
        HTTPException: it is no time.
    """
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise HTTPException(422, "give times as 2026-11-23T08:00") from error


def safe_next(path: str) -> str:
    """Where to go after a login: a place on this very site, or the start page."""
    is_plain = path.startswith("/") and not any(c <= " " or c in "\\\x7f" for c in path)
    parts = urlsplit(path) if is_plain and not path.startswith("//") else None
    return path if parts and not parts.scheme and not parts.netloc else "/"
