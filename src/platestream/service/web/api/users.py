"""``/api/v1/users``: who may log in; takes an operator."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field

from platestream.service.user_editor import UserEditor
from platestream.service.web.api.schemas import Answer
from platestream.service.web.auth import Identity, Role
from platestream.service.web.context import Services, UsesIdentity, UsesServices

router = APIRouter(prefix="/api/v1", tags=["users"])

UserName = Annotated[str, Path(max_length=64)]
Password = Annotated[str, Field(min_length=10, max_length=1024)]


class NewUser(BaseModel):
    """Somebody to let in."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    password: Password
    role: Role = "viewer"


class UserChanges(BaseModel):
    """What becomes different of a user; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    password: Password | None = None
    role: Role | None = None


class UserAnswer(Answer):
    """A user."""

    name: str
    role: Role
    stands_in: Literal["file", "page"]


class UsersAnswer(Answer):
    """All users, by name."""

    users: list[UserAnswer]


@router.get("/users")
def list_users(services: UsesServices, identity: UsesIdentity) -> UsersAnswer:
    """Who may log in."""
    check_operator(identity)
    found = users_of(services).all()
    return UsersAnswer(users=[UserAnswer.model_validate(user) for user in found])


@router.post("/users", status_code=201)
def add_user(services: UsesServices, new: NewUser) -> UserAnswer:
    """Let somebody in; the first one must be an operator, and from then on everybody logs in."""
    added = users_of(services).add(new.name, new.password, new.role)
    return UserAnswer.model_validate(added)


@router.patch("/users/{name}")
def change_user(
    services: UsesServices, identity: UsesIdentity, name: UserName, changes: UserChanges
) -> UserAnswer:
    """Give somebody another password or role."""
    changed = users_of(services).change(
        name, by=whose(identity), password=changes.password or "", role=changes.role
    )
    return UserAnswer.model_validate(changed)


@router.delete("/users/{name}", status_code=204)
def remove_user(services: UsesServices, identity: UsesIdentity, name: UserName) -> None:
    """Let somebody in no more."""
    users_of(services).remove(name, by=whose(identity))


def users_of(services: Services) -> UserEditor:
    """What changes users.

    Raises:
        HTTPException: they cannot be changed here.
    """
    if services.user_editor is None:
        raise HTTPException(404, "users cannot be changed here; see `server.users`")
    return services.user_editor


def whose(identity: Identity) -> str:
    """The user who asks; empty for a program, which may bear the name of one."""
    return identity.name if identity.by == "session" else ""


def check_operator(identity: Identity) -> None:
    """Let operators look only.

    Raises:
        HTTPException: it is none.
    """
    if identity.role != "operator":
        raise HTTPException(403, "that takes an operator; you may look only")
