"""Log in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from platestream.service.web.auth import TooManyTries
from platestream.service.web.context import UsesServices
from platestream.service.web.pages.forms import check_form, safe_next
from platestream.service.web.rendering import COOKIE, give_cookie, render_page

router = APIRouter()


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:  # noqa: A002 - of the address
    """The form; who is logged in already goes on."""
    if request.state.identity:
        return RedirectResponse(safe_next(next), 303)
    return _form(request, safe_next(next))


@router.post("/login", dependencies=[Depends(check_form)])
def log_in(
    request: Request,
    services: UsesServices,
    name: Annotated[str, Form(max_length=128)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002
) -> Response:
    """Check the password; a new session's cookie takes the place of whatever cookie came."""
    address = request.client.host if request.client else ""
    try:
        session = services.auth.log_in(name, password, address)
    except TooManyTries as error:
        message = f"Too many tries. Wait {error.wait_s / 60:.0f} minutes, then try again."
        wait = {"Retry-After": str(round(error.wait_s) + 1)}
        return _form(request, safe_next(next), message, 429, wait)
    if session is None:
        services.metrics.failed_logins.inc()
        return _form(request, safe_next(next), "Name or password is wrong.", 401)
    services.auth.log_out(request.cookies.get(COOKIE, ""))
    response = RedirectResponse(safe_next(next), 303)
    give_cookie(request, response, session)
    return response


@router.post("/logout", dependencies=[Depends(check_form)])
def log_out(request: Request, services: UsesServices) -> Response:
    """End the session."""
    services.auth.log_out(request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def _form(
    request: Request,
    next_path: str,
    message: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    context = {"next_path": next_path, "message": message}
    return render_page(request, "login.html", context, status=status, headers=headers)
