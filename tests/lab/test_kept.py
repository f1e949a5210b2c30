"""Weights of an earlier commit are had again, whatever stands in their place today."""

import subprocess
from pathlib import Path

import pytest

from platestream.core.errors import ConfigError
from platestream.lab.kept import is_kept, kept_file

SOURCE = "src/weights/reader.onnx"


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, str]:
    """One that replaced its weights, and the commit before."""
    root = tmp_path / "repository"
    (root / SOURCE).parent.mkdir(parents=True)

    def git(*words: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", "-C", str(root), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    for content in (b"\x00before\r\n", b"after"):
        (root / SOURCE).write_bytes(content)
        git("add", SOURCE)
        git("commit", "--quiet", "--message", "weights")
    return root, git("rev-parse", "--short=12", "HEAD~1")


def test_the_file_of_the_commit_is_written_byte_for_byte(
    repository: tuple[Path, str], tmp_path: Path
) -> None:
    root, commit = repository
    name = f"{commit}:{SOURCE}"
    assert is_kept(name)
    # The recipe lies in a folder of its own, and the path counts from the root.
    found = kept_file(name, root / "src", tmp_path / "kept")
    assert found == tmp_path / "kept" / commit / SOURCE
    assert found.read_bytes() == b"\x00before\r\n"
    assert kept_file(name, tmp_path, tmp_path / "kept") == found, "it is there"


@pytest.mark.parametrize("name", ["0123456789ab:" + SOURCE, "{}:src/none.onnx"])
def test_what_no_commit_holds_says_what_to_do(
    repository: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    root, commit = repository
    with pytest.raises(ConfigError, match="its whole history"):
        kept_file(name.format(commit), root, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_two_files_of_one_name_are_two(tmp_path: Path, repository: tuple[Path, str]) -> None:
    root, commit = repository
    other = tmp_path / "kept" / commit / "other" / "reader.onnx"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"other")
    found = kept_file(f"{commit}:{SOURCE}", root, tmp_path / "kept")
    assert found.read_bytes() != other.read_bytes()


def test_without_git_it_is_told_where_to_put_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        ConfigError, match=r"git: No such file.* or put that file at .*reader\.onnx"
    ):
        kept_file(f"0123456789ab:{SOURCE}", tmp_path, tmp_path / "kept")


def test_other_names_are_no_commit_s() -> None:
    others = ["sixth", "../a.onnx", "C:/a.onnx", "1d0930f:a.onnx", "1d0930ff2064:../../a.onnx"]
    assert not any(map(is_kept, others))
