"""What the Dockerfile does, done in a bare Debian root: no registry of images is needed for that.

The base image is stood for by Debian's own Python in a virtual environment. The wheels are laid
down before, so nothing is fetched in there; the service runs without any network but itself.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dockerfile import Stage, read_dockerfile
from tests.wheels import ROOT, build_wheel

TOOLS = ("debootstrap", "chroot", "unshare", "ip")
SUITE = "bookworm"  # of the base image, too
PYTHON = "/opt/python"
EXTRAS = "serve,postgres,parquet"

pytestmark = [
    pytest.mark.bare,
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, TOOLS)) or sys.version_info[:2] != (3, 11),
        reason=f"a bare Debian root takes root, {', '.join(TOOLS)}, and Python 3.11 as it has",
    ),
]


class BareRoot:
    """A Debian system in a folder.

    Args:
        path: Of the folder.
        stage: The stage of a Dockerfile whose environment counts.
    """

    def __init__(self, path: Path, stage: Stage) -> None:
        self.path = path
        search = f"{PYTHON}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        wheels = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/dependencies"}
        self._environment = {"PATH": search, "LC_ALL": "C.UTF-8"} | wheels | stage.environment()

    def command(self, *words: str, user: str = "", folder: str = "/") -> list[str]:
        """How a command is run in there."""
        who = [f"--userspec={user}:{user}"] if user else []
        given = [f"{name}={value}" for name, value in self._environment.items()]
        inside = ["sh", "-c", 'cd "$0" && exec "$@"', folder, *words]
        return ["chroot", *who, str(self.path), "env", "-i", f"HOME={folder}", *given, *inside]

    def run(self, *words: str, user: str = "") -> str:
        done = subprocess.run(
            self.command(*words, user=user), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def stage() -> Stage:
    return read_dockerfile(ROOT / "Dockerfile")[-1]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Iterator[BareRoot]:
    folder = tmp_path_factory.mktemp("bare")
    wheel = build_wheel(folder)
    path = folder / "root"
    path.mkdir(mode=0o755)
    # What it mounts in there is gone with it, whatever ends it: the folder will be removed.
    own = ["unshare", "--mount", "--propagation", "private"]
    make = ["debootstrap", "--variant=minbase", "--include=python3,python3-venv", SUITE, str(path)]
    made = subprocess.run([*own, *make], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no bare Debian root can be made here: {made.stdout.strip()[-200:]}")
    (path / "wheels").mkdir()
    for file in (wheel, ROOT / "requirements.lock"):
        shutil.copy(file, path / "wheels")
    fetch = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", path / "dependencies"]
    subprocess.run([*fetch, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    bare = BareRoot(path, stage)
    bare.run("python3", "-m", "venv", PYTHON)
    yield bare
    assert str(path) not in Path("/proc/mounts").read_text("utf-8")
    shutil.rmtree(path)


def test_the_steps_make_a_service_that_is_well(bare: BareRoot, stage: Stage) -> None:
    for step in stage.all("RUN"):
        assert EXTRAS in step.rest
        assert "--require-hashes" in step.rest
        bare.run("sh", "-c", step.rest)
    assert not (bare.path / "wheels").exists()
    user, home = stage.last("USER").rest, stage.last("WORKDIR").rest
    entry = stage.last("ENTRYPOINT").words()
    assert re.match(r"platestream \d", bare.run(*entry, "--version", user=user))
    config = bare.path / "etc/platestream/config.yaml"
    config.parent.mkdir()
    config.write_text("cameras: {}\n", "utf-8")
    check = stage.last("HEALTHCHECK")
    health = shlex.join(bare.command(*_words_after_cmd(check.rest), user=user, folder=home))
    service = shlex.join(bare.command(*entry, *stage.last("CMD").words(), user=user, folder=home))
    script = f"""
        ip link set lo up
        {service} & pid=$!
        for each in $(seq 120); do {health} 2>/dev/null && echo well && break; sleep 0.5; done
        kill -TERM $pid; wait $pid; echo "ended $?"
    """
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    assert re.search(r"http://127\.0\.0\.1:8000.*\nwell\nended 0", done.stdout), done
    assert (bare.path / home.strip("/") / "platestream/events.db").stat().st_uid == 10001


def _words_after_cmd(rest: str) -> list[str]:
    words = json.loads(rest[rest.index("CMD ") + 4 :])
    assert isinstance(words, list)
    return words
