"""Users whom people add, change and remove on the page, beside those of the configuration file."""

import re
import threading
from dataclasses import dataclass, replace
from typing import Literal

from platestream.core.errors import ConfigError
from platestream.core.text import plain_line
from platestream.service.web.auth import Auth, Role, User
from platestream.service.web.passwords import hash_password, is_password_hash
from platestream.store.page_settings import Settings
from platestream.store.records import StoredUser

MAX_NAME_CHARS = 64
# A name stands in addresses, where a slash or a dot alone would lead elsewhere.
_IS_NAME = re.compile(rf"(?!\.)(?! )[\w.@+ -]{{1,{MAX_NAME_CHARS}}}(?<! )")
MAX_USERS = 200


@dataclass(frozen=True, slots=True)
class EditedUser:
    """A user, without anything to log in by.

    Attributes:
        name: What they type.
        role: What they may do.
        stands_in: The configuration ``file``, where alone it can be changed, or the ``page``.
    """

    name: str
    role: Role
    stands_in: Literal["file", "page"]


class UserEditor:
    """Changes users while the page runs, and remembers them in the store, hashed.

    Nobody takes their own rights, so that somebody is always left who has them.

    Args:
        auth: Lets them in; has those of the configuration.
        settings: Remembers.
    """

    def __init__(self, auth: Auth, settings: Settings) -> None:
        self._auth, self._settings = auth, settings
        self._changing = threading.Lock()
        self._users = {
            user.name: user for user in settings.users() if is_password_hash(user.password_hash)
        }
        self._tell()

    def all(self) -> list[EditedUser]:
        """Every user, by name."""
        configured = self._auth.configured
        found = [EditedUser(user.name, user.role, "file") for user in configured]
        names = {user.name for user in configured}
        found += [
            EditedUser(user.name, _role(user.role), "page")
            for user in self._users.values()
            if user.name not in names
        ]
        return sorted(found, key=lambda user: user.name.lower())

    def add(self, name: str, password: str, role: Role) -> EditedUser:
        """Add a user.

        Raises:
            ConfigError: the name is taken or no name, or the password is too short or too long; or
                it is the first one, and no operator.
        """
        with self._changing:
            if not _IS_NAME.fullmatch(name) or plain_line(name) != name:
                msg = (
                    f"name: give 1 to {MAX_NAME_CHARS} letters, digits, blanks between them and "
                    "any of _ . @ + -, not a dot first"
                )
                raise ConfigError(msg)
            if any(user.name == name for user in self.all()):
                msg = f"name: there is a user {name} already; choose another name"
                raise ConfigError(msg)
            if len(self._users) >= MAX_USERS:
                msg = f"there are {MAX_USERS} users already; remove one"
                raise ConfigError(msg)
            if self._auth.is_open and role != "operator":
                msg = "role: the first user must be an operator, who can add the others"
                raise ConfigError(msg)
            return self._keep(StoredUser(name, hash_password(password), role))

    def change(
        self, name: str, *, by: str, password: str = "", role: Role | None = None
    ) -> EditedUser:
        """Give a user another password, which ends their sessions, or another role.

        Args:
            name: Whom.
            by: Who does it.
            password: The new one; as before when empty.
            role: The new one; as before when omitted.

        Raises:
            ConfigError: they cannot be changed here, or the password is too short or too long.
        """
        with self._changing:
            user = self._of_page(name)
            if name == by and role not in (None, user.role):
                msg = "role: nobody takes their own rights; let another operator do it"
                raise ConfigError(msg)
            if password:
                user = replace(user, password_hash=hash_password(password))
            return self._keep(replace(user, role=role or user.role))

    def remove(self, name: str, *, by: str) -> None:
        """Remove a user, which ends their sessions.

        Raises:
            ConfigError: they cannot be removed here, or by themselves.
        """
        with self._changing:
            self._of_page(name)
            if name == by:
                msg = "nobody removes themselves; let another operator do it"
                raise ConfigError(msg)
            self._settings.drop_user(name)
            del self._users[name]
            self._tell()

    def _of_page(self, name: str) -> StoredUser:
        if any(user.name == name for user in self._auth.configured):
            msg = f"{name} stands in the configuration file; change it there"
            raise ConfigError(msg)
        if name not in self._users:
            msg = f"there is no user {name!r}; add one"
            raise ConfigError(msg)
        return self._users[name]

    def _keep(self, user: StoredUser) -> EditedUser:
        self._settings.put_user(user)
        self._users[user.name] = user
        self._tell()
        return EditedUser(user.name, _role(user.role), "page")

    def _tell(self) -> None:
        self._auth.let_in(
            User(user.name, user.password_hash, _role(user.role)) for user in self._users.values()
        )


def _role(text: str) -> Role:
    """A role of the store; what is none may look only."""
    return "operator" if text == "operator" else "viewer"
