"""Whatever goes wrong, told in one shape: ``{"error": {"code", "message", "details"}}``.

Programs get it as JSON, people as a page; both get the status and the security headers.
"""

import http
import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from platestream.core.errors import (
    ConfigError,
    DataError,
    EventNotFound,
    FrameDecodeError,
    PlatestreamError,
    SourceNotFound,
    StoreBusy,
    StoreError,
)
from platestream.service.explain import fault
from platestream.service.web.headers import SECURITY_HEADERS
from platestream.service.web.rendering import render_page

logger = logging.getLogger(__name__)

STATUSES: dict[type[PlatestreamError], int] = {
    PlatestreamError: 500,
    ConfigError: 422,
    SourceNotFound: 404,
    FrameDecodeError: 422,
    DataError: 422,
    StoreError: 503,
    EventNotFound: 404,
}
"""HTTP status by error; the nearest base of an error counts."""


CODES = {
    400: "bad_request",
    401: "not_logged_in",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    413: "too_large",
    421: "wrong_host",
    422: "invalid",
    429: "too_many",
    500: "internal",
    503: "unavailable",
}
"""The codes by status."""


class ErrorDetail(BaseModel):
    """One field of a request that is wrong."""

    field: str
    message: str


class ErrorBody(BaseModel):
    """What went wrong: a code for programs, a message for people."""

    code: str
    message: str
    details: list[ErrorDetail] = []


class ErrorAnswer(BaseModel):
    """The one shape of every failure."""

    error: ErrorBody


def add_failures(app: FastAPI) -> None:
    """Answer every error of an app in the one shape."""
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(PlatestreamError, _on_ours)
    app.add_exception_handler(Exception, _on_unexpected)


def answer(
    scope: Scope,
    status: int,
    message: str,
    *,
    details: Sequence[ErrorDetail] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that tells of a failure, as JSON or, for people, as a page."""
    headers = {**SECURITY_HEADERS, **(headers or {})}
    message = scope["app"].state.services.redact(message)
    phrase = http.HTTPStatus(status).phrase
    if wants_page(scope):
        return render_page(
            Request(scope),
            "failure.html",
            {"status": status, "phrase": phrase, "message": message, "details": details},
            status=status,
            headers=headers,
        )
    code = CODES.get(status, "failed")
    body = ErrorAnswer(error=ErrorBody(code=code, message=message, details=list(details)))
    return JSONResponse(body.model_dump(), status, headers)


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser asks: for anything but the API and what machines poll."""
    path = str(scope["path"])
    return not path.startswith(("/api/", "/metrics", "/healthz", "/readyz", "/static/"))


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = error.detail
    if message == http.HTTPStatus(error.status_code).phrase:  # from the framework
        message = _PLAIN.get(error.status_code, message)
    return answer(request.scope, error.status_code, message, headers=error.headers)


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if wants_page(request.scope) and all(one["loc"][-1] == "event_id" for one in error.errors()):
        # A link that was cut off or mistyped: for people that is a page that is not there.
        return answer(request.scope, 404, _NO_EVENT)
    details = [
        ErrorDetail(field=".".join(map(str, one["loc"][1:])), message=fault(one))
        for one in error.errors()
    ]
    names = ", ".join(dict.fromkeys(one.field for one in details if one.field)) or "the request"
    return answer(request.scope, 422, f"{names}: not as it should be", details=details)


async def _on_ours(request: Request, error: Exception) -> Response:
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    if isinstance(error, StoreBusy):
        return answer(request.scope, status, str(error), headers={"Retry-After": "2"})
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.scope["path"], error)
        # Its message may name files and hosts, which are nobody's business.
        busy = "the store does not answer; try again soon" if status == 503 else _PLAIN[500]
        return answer(request.scope, status, busy)
    return answer(request.scope, status, str(error))


async def _on_unexpected(request: Request, error: Exception) -> Response:
    return answer(request.scope, 500, _PLAIN[500])


_NO_EVENT = "no event has this address; look for its plate under Search"

_PLAIN = {
    404: "there is nothing here; check the address",
    405: "this address does not take that method",
    500: "something broke on our side; the server's log says what",
}
