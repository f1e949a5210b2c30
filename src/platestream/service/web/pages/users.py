"""Who may log in, edited by operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from platestream.core.errors import ConfigError
from platestream.service.web.api.users import UserName, check_operator, users_of, whose
from platestream.service.web.auth import Role
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.service.web.pages.forms import check_form
from platestream.service.web.rendering import render_page

router = APIRouter()

PasswordField = Annotated[str, Form(max_length=1024)]


@router.get("/users")
def show(request: Request, services: UsesServices, identity: UsesIdentity) -> Response:
    """All users."""
    check_operator(identity)
    return _page(request, services)


@router.post("/users", dependencies=[Depends(check_form)])
def add(
    request: Request,
    services: UsesServices,
    name: Annotated[str, Form(max_length=128)] = "",
    password: PasswordField = "",
    role: Annotated[Role, Form()] = "viewer",
) -> Response:
    """Let somebody in."""
    try:
        users_of(services).add(name.strip(), password, role)
    except ConfigError as error:
        return _page(request, services, str(error), name, role)
    return RedirectResponse("/users", 303)


@router.post("/users/{name}", dependencies=[Depends(check_form)])
def change(
    request: Request,
    services: UsesServices,
    identity: UsesIdentity,
    name: UserName,
    password: PasswordField = "",
    role: Annotated[Role | None, Form()] = None,
) -> Response:
    """Give somebody another password or role."""
    try:
        users_of(services).change(name, by=whose(identity), password=password, role=role)
    except ConfigError as error:
        return _page(request, services, str(error))
    return RedirectResponse("/users", 303)


@router.post("/users/{name}/remove", dependencies=[Depends(check_form)])
def remove(
    request: Request, services: UsesServices, identity: UsesIdentity, name: UserName
) -> Response:
    """Let somebody in no more."""
    try:
        users_of(services).remove(name, by=whose(identity))
    except ConfigError as error:
        return _page(request, services, str(error))
    return RedirectResponse("/users", 303)


def _page(
    request: Request,
    services: Services,
    problem: str = "",
    typed_name: str = "",
    typed_role: Role = "viewer",
) -> Response:
    is_open = services.auth.is_open
    context = {
        "users": users_of(services).all(),
        "is_open": is_open,
        "problem": problem,
        "typed_name": typed_name,
        "typed_role": "operator" if is_open else typed_role,
    }
    return render_page(request, "users.html", context, status=422 if problem else 200)
