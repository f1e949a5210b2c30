"""Opening: URLs, migrations, and every way in which a database is not there."""

import json
import socket
import sqlite3
import time
from pathlib import Path
from threading import Thread
from traceback import format_exception

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from platestream.core.errors import ConfigError, StoreBusy, StoreError
from platestream.store import database as database_module
from platestream.store.database import Database, parse_url, pictures_beside
from platestream.store.store import open_store
from platestream.store.tables import METADATA

from .events import new_event


def test_models_and_migrations_agree(url: str) -> None:
    database = Database(url)
    with database.reading() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_the_comparison_would_see_a_difference(url: str) -> None:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE watch ADD COLUMN colour TEXT"))
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert [change[0] for change in compare_metadata(context, METADATA)] == ["remove_column"]
    database.close()


def test_an_event_from_before_corners_is_read_and_says_so(url: str, tmp_path: Path) -> None:
    store = open_store(url, tmp_path / "pictures")
    event_id = store.add(new_event())
    store.close()
    database = Database(url)
    with database.writing() as connection:
        details = connection.scalar(text("SELECT CAST(details AS TEXT) FROM events"))
        old = {name: value for name, value in json.loads(details).items() if name != "quad"}
        connection.execute(
            text("UPDATE events SET details = CAST(:old AS JSON)")
            if not database.is_sqlite
            else text("UPDATE events SET details = :old"),
            {"old": json.dumps(old)},
        )
        # What came after it goes.
        connection.execute(text("DROP INDEX events_going_on"))
        for column in ("state", "since"):
            connection.execute(text(f"ALTER TABLE events DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    database.close()
    store = open_store(url, tmp_path / "pictures")
    assert store.get(event_id).event.quad is None
    store.close()
    database = Database(url)
    with database.reading() as connection:
        details = connection.scalar(text("SELECT CAST(details AS TEXT) FROM events"))
    assert json.loads(details) == {**old, "quad": None}
    database.close()


def test_opening_at_once_migrates_once(url: str) -> None:
    databases: list[Database] = []
    threads = [Thread(target=lambda: databases.append(Database(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(databases) == 4
    for database in databases:
        database.close()


def test_a_newer_database_says_so(url: str) -> None:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match="newer platestream"):
        Database(url)


def test_sqlite_is_set_up_to_be_safe(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "events.db"))
    with database.reading() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    database.close()
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 4_000}
    assert found == wanted


def test_a_log_that_cannot_be_emptied_is_one_of_our_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        """A driver's own connection."""

        def cursor(self) -> "Broken":
            return self

        def execute(self, _statement: str) -> None:
            msg = "disk I/O error"
            raise sqlite3.OperationalError(msg)

        def close(self) -> None:
            pass

    database = Database(str(tmp_path / "events.db"))
    monkeypatch.setattr(database._engine, "raw_connection", Broken)
    with pytest.raises(StoreError, match="disk I/O error"):
        database.scrub()
    database.close()


def test_what_fails_in_the_middle_is_undone(url: str) -> None:
    database = Database(url)
    add = text("INSERT INTO watch (list_name, plate, label) VALUES ('staff', 'AB1', '')")

    def add_and_fail() -> None:
        with database.writing() as connection:
            connection.execute(add)
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(StoreError, match="nowhere"):
        add_and_fail()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM watch")).scalar_one() == 0
    database.close()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("events.db", "sqlite:///events.db"),
        ("/var/lib/events.db", "sqlite:////var/lib/events.db"),
        ("sqlite:///a/events.db", "sqlite:///a/events.db"),
        ("postgresql://u:secret@db/x", "postgresql+psycopg://u:***@db/x"),
        ("postgresql+psycopg://u@db/x", "postgresql+psycopg://u@db/x"),
    ],
)
def test_urls_and_paths_are_understood(url: str, name: str) -> None:
    assert parse_url(url).render_as_string() == name


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://u:secret@db/x", "sqlite://", "sqlite:///:memory:", "://", "post gres://x", ""),
        *("postgresql://[::1", "postgresql://[::1]:x/", "postgresql://u:p@db:secret/x"),
    ],
)
def test_other_urls_are_refused_without_their_secrets(url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///events\.db") as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_of_our_errors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^postgresql:///x: ") as caught:
        Database(f"postgresql://u:secret@/x?host={tmp_path}")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_says_nothing_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(database_module._POSTGRESQL, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreError, match="timeout"):
            Database(f"postgresql://u@127.0.0.1:{port}/x")


def test_a_server_that_was_restarted_is_found_again(postgres_url: str) -> None:
    database = Database(postgres_url)
    count = text("SELECT count(*) FROM watch")
    with database.reading() as connection:
        me = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(postgres_url)
    with other.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": me})
    other.close()
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 0
    database.close()


def test_what_a_failed_statement_was_given_is_in_no_message(url: str) -> None:
    database = Database(url)
    plate = "QQ7777"
    wrong = text("INSERT INTO nowhere (plate) VALUES (:plate)")
    with pytest.raises(StoreError) as caught, database.writing() as connection:
        connection.execute(wrong, {"plate": plate})
    assert "nowhere" in str(caught.value.__cause__)
    assert plate not in "".join(format_exception(caught.value))
    database.close()


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_text("not a database at all" * 100)
    with pytest.raises(StoreError, match=r"events\.db: file is not a database"):
        Database(str(path))


def test_a_file_that_is_not_there_is_made_only_if_wanted(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "events.db"
    with pytest.raises(StoreError, match="no such event store"):
        Database(str(path), create=False)
    assert not path.parent.exists()
    Database(str(path)).close()
    Database(str(path), create=False).close()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="choose another folder"):
        Database(str(tmp_path / "file" / "events.db"))


def test_somebody_elses_sqlite_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE events (x)")
    other.close()
    with pytest.raises(StoreError, match="already exists"):
        Database(str(path))


def test_pictures_lie_beside_a_file() -> None:
    beside = Path("/data/pictures")
    assert pictures_beside("/data/e.db") == pictures_beside("sqlite:////data/e.db") == beside
    assert pictures_beside("postgresql://u@host/x") is None


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_no_question_takes_the_database_for_longer_than_allowed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "ANSWER_WITHIN_S", 0.3)
    options = {"options": "-c timezone=UTC -c statement_timeout=300"}
    monkeypatch.setitem(database_module.__dict__, "_POSTGRESQL", options)
    database = Database(url)
    began_s = time.monotonic()
    with pytest.raises(StoreBusy, match="took too long"), database.reading() as connection:
        connection.execute(text(ENDLESS))
    assert time.monotonic() - began_s < 5
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1, "the next one is answered"
    database.close()
