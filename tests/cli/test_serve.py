import io
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from platestream.service.config import ServerConfig, load_config
from platestream.service.web.passwords import is_right
from platestream.service.web.reachability import LOCAL_HOSTS
from platestream.service.web_wiring import make_auth, make_exposure

from .conftest import Cli

RUN = [sys.executable, "-c", "from platestream.cli.main import main; main()", "serve"]


@pytest.fixture
def served(tmp_path: Path, demo_clip: Path) -> Iterator[tuple[str, "subprocess.Popen[str]", Path]]:
    """The command itself over the demo clip, with a token."""
    config = tmp_path / "config.yaml"
    config.write_text(
        f"cameras: {{street: {{url: {demo_clip}}}}}\n"
        "known_plates: {Ada: [JRFY02]}\n"
        "server: {tokens: {test: {token: '${TEST_TOKEN}', role: operator}}}\n"
    )
    command = [*RUN, "--config", config, "--port", "0", "--db", tmp_path / "events.db"]
    environment = {"TEST_TOKEN": "t" * 32, "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    environment["PYTHONFAULTHANDLER"] = "1"
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert process.stdout
    said = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found, said + process.stdout.read()
    yield found[0], process, tmp_path
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_camera_is_watched_until_the_command_is_told_to_end(
    served: tuple[str, "subprocess.Popen[str]", Path], cli: Cli, demo_clip: Path
) -> None:
    import cv2

    url, process, folder = served
    headers = {"Authorization": f"Bearer {'t' * 32}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        assert httpx.get(f"{url}/api/v1/events").status_code == 401
        deadline_s = time.monotonic() + 120
        events: list[dict[str, Any]] = []
        while len(events) < 3 and time.monotonic() < deadline_s:
            time.sleep(0.3)
            told = client.get("/api/v1/events").json()["events"]
            events = [event for event in told if event["state"] == "final"]  # never withdrawn
        names = {event["plate"]: event["known_as"] for event in events}
        assert names.get("JRFY02") == "Ada"
        assert client.get(events[0]["crop_url"]).status_code == 200
        video = cv2.VideoCapture(str(demo_clip))
        video.set(cv2.CAP_PROP_POS_FRAMES, 105)
        frame = cv2.imencode(".jpg", video.read()[1])[1].tobytes()
        plates = client.post("/api/v1/read", files={"image": frame}).json()["plates"]
        assert "E617KA147" in {plate["plate"] for plate in plates}
    process.send_signal(signal.SIGTERM)
    assert process.stdout
    try:
        assert process.wait(60) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # it says where its threads are
        pytest.fail(process.stdout.read())
    assert process.stdout.read() == "", "it ends in silence"
    listed = cli("events", "list", "--db", folder / "events.db", "--json")
    assert {event["id"] for event in events} <= set(re.findall(r'"id": "([^"]+)"', listed.out))
    assert (folder / "pictures").is_dir(), "beside the database"


def test_other_hosts_are_refused_until_somebody_has_to_log_in(cli: Cli) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        result = cli("serve", "--host", host, "--port", 0)
        assert result.code == 2
        assert result.err.count("\n") == 1
    result = cli("serve", "--host", "0.0.0.0", "--port", 0)
    assert "nobody has to log in" in result.err
    assert "--hash-password" in result.err


def test_a_port_that_is_taken_is_told(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = cli("serve", "--port", other.getsockname()[1])
    assert result.code == 2
    assert "choose another --port" in result.err


def test_a_certificate_that_is_none_is_told(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    for cert in (tmp_path / "missing.pem", config):
        config.write_text(f"server: {{port: 0, tls_cert: {cert}}}")
        result = cli("serve", "--config", config, "--db", tmp_path / "events.db")
        assert result.code == 2
        assert "no usable certificate" in result.err


def test_a_configuration_is_tried_without_being_started(
    cli: Cli, tmp_path: Path, demo_clip: Path
) -> None:
    config, database = tmp_path / "config.yaml", tmp_path / "events.db"
    config.write_text(
        f"cameras: {{street: {{url: {demo_clip}}}, gone: {{url: rtsp://me:hunter22@gone.invalid/}}}}"
    )
    result = cli("serve", "--check", "--config", config, "--db", database)
    assert result.code == 1
    lines = result.out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "ok  reader",
        "ok  server",
        "ok  cameras.street",
        "BAD cameras.gone",
    ]
    assert lines[2].endswith("shows a picture of 1280 x 720")
    assert "no address is known for this host" in lines[3]
    assert "hunter22" not in result.out + result.err
    assert not database.exists()
    config.write_text(f"cameras: {{street: {{url: {demo_clip}}}}}")
    assert cli("serve", "--check", "--config", config).code == 0
    config.write_text("")
    told = cli("serve", "--check", "--config", config).out
    assert "ok  cameras: none are configured; name some" in told


def test_a_hash_is_made_of_what_is_piped_in(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    made = cli("serve", "--hash-password")
    assert made.code == 0
    assert is_right("a long password", made.out.strip())
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert cli("serve", "--hash-password").code == 2


def test_users_come_from_the_file_with_a_hash_or_a_password(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {users: {otto: {password: '${OTTO}', role: operator}}}")
    auth = make_auth(load_config(file, {"OTTO": "a long password"}).server)
    session = auth.log_in("otto", "a long password", "::1") or ""
    identity = auth.by_session(session)
    assert identity is not None
    assert (identity.name, identity.role) == ("otto", "operator")


@pytest.mark.parametrize(
    ("keys", "hosts"),
    [
        ({}, LOCAL_HOSTS),
        ({"hosts": ["Plates.example"]}, LOCAL_HOSTS | {"plates.example"}),
        ({"host": "0.0.0.0"}, None),
        ({"host": "0.0.0.0", "hosts": ["a.example"]}, LOCAL_HOSTS | {"a.example"}),
    ],
)
def test_the_names_it_answers_to(keys: dict[str, Any], hosts: frozenset[str] | None) -> None:
    assert make_exposure(ServerConfig.model_validate(keys)).hosts == hosts


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "pydantic", "argon2", "sqlalchemy"])
def test_without_the_extra_it_says_how_to_get_it(missing: str) -> None:
    code = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
sys.argv = ["platestream", "serve", "--port", "0"]
from platestream.cli.main import main
main()
"""
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": ""}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "pip install 'platestream[serve]'" in done.stderr
    assert done.stderr.count("\n") == 1
