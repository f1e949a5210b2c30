"""Users changed on the page: who is let in, who is not any more, and that somebody always is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from platestream.core.errors import ConfigError
from platestream.service import user_editor
from platestream.service.user_editor import UserEditor
from platestream.service.web.auth import Auth, User
from platestream.service.web.sessions import Sessions
from platestream.store.records import StoredUser
from platestream.store.store import EventStore, open_store
from tests.service.site import HASH, PASSWORD

OTHER = "another horse battery"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    yield opened
    opened.close()


def test_a_user_is_let_in_at_once_and_after_a_restart(store: EventStore, tmp_path: Path) -> None:
    auth = Auth()
    UserEditor(auth, store.settings).add("anna", PASSWORD, "operator")
    assert not auth.is_open, "from now on everybody logs in"
    assert auth.log_in("anna", PASSWORD, "::1")
    later = Auth()
    UserEditor(later, store.settings)
    session = later.log_in("anna", PASSWORD, "::1")
    identity = later.by_session(session or "")
    assert identity is not None
    assert (identity.name, identity.role) == ("anna", "operator")
    assert PASSWORD.encode() not in (tmp_path / "events.db").read_bytes()


def test_the_first_user_must_be_able_to_add_the_others(store: EventStore) -> None:
    editor = UserEditor(Auth(), store.settings)
    with pytest.raises(ConfigError, match="first user must be an operator"):
        editor.add("anna", PASSWORD, "viewer")
    editor.add("anna", PASSWORD, "operator")
    editor.add("bert", PASSWORD, "viewer")
    assert [user.name for user in editor.all()] == ["anna", "bert"]


def test_those_of_the_file_stay_as_the_file_has_them(store: EventStore) -> None:
    store.settings.put_user(StoredUser("otto", HASH, "operator"))
    auth = Auth([User("otto", HASH, "viewer")])
    editor = UserEditor(auth, store.settings)
    assert [(user.role, user.stands_in) for user in editor.all()] == [("viewer", "file")]
    identity = auth.by_session(auth.log_in("otto", PASSWORD, "::1") or "")
    assert identity is not None
    assert identity.role == "viewer"
    for act in (
        lambda: editor.change("otto", by="", role="operator"),
        lambda: editor.remove("otto", by=""),
    ):
        with pytest.raises(ConfigError, match="stands in the configuration file"):
            act()


def test_another_password_or_none_ends_the_sessions(store: EventStore) -> None:
    auth = Auth(sessions=Sessions(store.settings))
    editor = UserEditor(auth, store.settings)
    for name in ("anna", "bert", "carl"):
        editor.add(name, PASSWORD, "operator")
    anna, bert, carl = (
        auth.log_in(name, PASSWORD, "::1") or "" for name in ("anna", "bert", "carl")
    )
    editor.change("anna", by="bert", password=OTHER)
    editor.remove("bert", by="carl")
    assert auth.by_session(anna) is None
    assert auth.by_session(bert) is None
    assert auth.log_in("bert", PASSWORD, "::1") is None
    assert auth.log_in("anna", OTHER, "::1")
    editor.change("carl", by="anna", role="viewer")
    identity = auth.by_session(carl)
    assert identity is not None
    assert identity.role == "viewer", "a role counts at once"


def test_nobody_takes_their_own_rights(store: EventStore) -> None:
    editor = UserEditor(Auth(), store.settings)
    editor.add("anna", PASSWORD, "operator")
    with pytest.raises(ConfigError, match="their own rights"):
        editor.change("anna", by="anna", role="viewer")
    with pytest.raises(ConfigError, match="nobody removes themselves"):
        editor.remove("anna", by="anna")
    editor.change("anna", by="anna", role="operator", password=OTHER)


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [
        ("", PASSWORD, "name: give 1 to 64"),
        ("x" * 65, PASSWORD, "name: give 1 to 64"),
        ("a\nb", PASSWORD, "name: give 1 to 64"),
        ("a/b", PASSWORD, "name: give 1 to 64"),
        ("..", PASSWORD, "name: give 1 to 64"),
        ("a?b", PASSWORD, "name: give 1 to 64"),
        ("a#b", PASSWORD, "name: give 1 to 64"),
        (" anna", PASSWORD, "name: give 1 to 64"),
        ("anna ", PASSWORD, "name: give 1 to 64"),
        ("an\u200bna", PASSWORD, "name: give 1 to 64"),
        ("anna", PASSWORD, "already"),
        ("bert", "short", "10 to 1024 characters"),
    ],
)
def test_what_makes_no_sense_is_refused(
    store: EventStore, name: str, password: str, says: str
) -> None:
    editor = UserEditor(Auth(), store.settings)
    editor.add("anna", PASSWORD, "operator")
    with pytest.raises(ConfigError, match=says):
        editor.add(name, password, "viewer")
    assert [user.name for user in store.settings.users()] == ["anna"]


def test_a_damaged_user_is_let_in_no_more(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.settings.put_user(StoredUser("eve", "no hash", "operator"))
    store.settings.put_user(StoredUser("vera", HASH, "emperor"))
    monkeypatch.setattr(user_editor, "MAX_USERS", 1)
    editor = UserEditor(Auth(), store.settings)
    assert [(user.name, user.role) for user in editor.all()] == [("vera", "viewer")]
    with pytest.raises(ConfigError, match="remove one"):
        editor.add("anna", PASSWORD, "viewer")
