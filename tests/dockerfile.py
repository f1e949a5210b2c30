"""A strict reader of Dockerfiles: what it does not know is an error, so tests may rely on it."""

import json
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

INSTRUCTIONS = {
    *("FROM", "WORKDIR", "COPY", "RUN", "LABEL", "ENV", "USER"),
    *("VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continued lines joined.

    Attributes:
        name: Such as ``RUN``.
        rest: What follows.
        line: Where it begins, from 1.
    """

    name: str
    rest: str
    line: int

    def words(self) -> list[str]:
        """The list in its JSON form; else what a shell makes of it."""
        if self.rest.startswith("["):
            words = json.loads(self.rest)
            if not (words and all(isinstance(word, str) for word in words)):
                raise ValueError(self.at("a list of strings is wanted"))
            return words
        return shlex.split(self.rest)

    def at(self, problem: str) -> str:
        return f"line {self.line}: {self.name}: {problem}"


@dataclass(frozen=True)
class Stage:
    """What one ``FROM`` begins.

    Attributes:
        image: What it is built on.
        name: After ``AS``; empty without.
        instructions: All but the ``FROM``.
    """

    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [each for each in self.instructions if each.name == name]

    def last(self, name: str) -> Instruction:
        return self.all(name)[-1]

    def environment(self) -> dict[str, str]:
        words = [word for each in self.all("ENV") for word in each.words()]
        return dict(word.split("=", 1) for word in words)


def read_dockerfile(path: Path) -> list[Stage]:
    """Its stages.

    Raises:
        ValueError: an instruction is unknown, misplaced, or of a form that none has.
    """
    stages: list[Stage] = []
    for each in _instructions(path.read_text("utf-8").splitlines()):
        if each.name not in INSTRUCTIONS:
            raise ValueError(each.at("unknown instruction"))
        if each.name == "FROM":
            found = re.fullmatch(r"([a-z0-9./_-]+:[\w.-]+)(?: AS ([a-z][a-z0-9_-]*))?", each.rest)
            if not found:
                raise ValueError(each.at("IMAGE:TAG, or IMAGE:TAG AS NAME, is wanted"))
            stages.append(Stage(found[1], found[2] or ""))
        elif not stages:
            raise ValueError(each.at("comes before FROM"))
        else:
            stages[-1].instructions.append(each)
    return stages


def _instructions(lines: list[str]) -> list[Instruction]:
    found: list[Instruction] = []
    begun, parts = 0, list[str]()
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("#") or not stripped:
            if parts and not stripped:
                msg = f"line {number}: an empty line in an instruction that goes on"
                raise ValueError(msg)
            continue
        begun = begun if parts else number
        parts.append(stripped.removesuffix("\\").strip())
        if not stripped.endswith("\\"):
            name, _, rest = " ".join(parts).partition(" ")
            found.append(Instruction(name, rest.strip(), begun))
            parts = []
    if parts:
        msg = f"line {begun}: the last instruction does not end"
        raise ValueError(msg)
    return found


def lint(stages: list[Stage]) -> list[str]:
    """What a careful reader would say of them."""
    problems = []
    names: list[str] = []
    for stage in stages:
        if stage.image.endswith(":latest"):
            problems.append(f"{stage.image}: name a version")
        for each in stage.instructions:
            problems += [each.at(problem) for problem in _problems(each, names)]
        names.append(stage.name)
    last = stages[-1]
    problems += [f"the image has no {name}" for name in ("USER", "HEALTHCHECK", "ENTRYPOINT", "CMD")
                 if not last.all(name)]  # fmt: skip
    if last.all("USER") and last.last("USER").rest in ("root", "0"):
        problems.append("it runs as root")
    return problems


def _problems(each: Instruction, stages: list[str]) -> list[str]:
    if each.name == "RUN":
        return _of_run(each)
    if each.name == "COPY":
        return _of_copy(each, stages)
    if each.name in ("ENTRYPOINT", "CMD") and not each.rest.startswith("["):
        return ["a shell would stand between it and its signals; write a list"]
    if each.name == "WORKDIR" and not each.rest.startswith("/"):
        return ["give a whole path"]
    return []


def _of_run(each: Instruction) -> list[str]:
    shell = ["sh", "-n", "-c", each.rest]
    checked = subprocess.run(shell, capture_output=True, text=True, check=False)
    if checked.returncode:
        return [checked.stderr.strip()]
    found = ["sudo in an image"] if "sudo" in shlex.split(each.rest) else []
    if "apt-get install" in each.rest and "--no-install-recommends" not in each.rest:
        found.append("apt-get brings what nobody asked for")
    return found


def _of_copy(each: Instruction, stages: list[str]) -> list[str]:
    found = []
    origin = re.match(r"--from=(\S+) ", each.rest)
    if origin and origin[1] not in stages:
        found.append(f"no stage {origin[1]} before it")
    sources = [word for word in each.words()[:-1] if not word.startswith("--")]
    if not sources or (len(sources) > 1 and not each.rest.endswith("/")):
        found.append("several files go into a folder: end it with /")
    if "." in sources:
        found.append("name what is copied")
    return found
