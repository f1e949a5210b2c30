"""The Dockerfile says what it should, and a reader of it would find what it should not."""

from pathlib import Path

import pytest

from tests.dockerfile import lint, read_dockerfile

ROOT = Path(__file__).parents[1]

GOOD = """\
FROM debian:12 AS build
RUN true \\
    && false
FROM debian:12
COPY --from=build /a /b
USER nobody
HEALTHCHECK --interval=3s CMD ["true"]
ENTRYPOINT ["a"]
CMD ["b"]
"""


def test_our_own_has_no_problems() -> None:
    stages = read_dockerfile(ROOT / "Dockerfile")
    assert lint(stages) == []
    assert stages[-1].last("ENTRYPOINT").words() == ["platestream"]
    checks = stages[-1].last("HEALTHCHECK").rest
    python = checks[checks.index('CMD ["python"') :]
    compile(python[python.index("import") : python.rindex('"')], "HEALTHCHECK", "exec")


@pytest.mark.parametrize(
    ("was", "now", "problem"),
    [
        ("debian:12 AS", "debian:latest AS", "name a version"),
        ("USER nobody", "USER root", "as root"),
        ("USER nobody\n", "", "no USER"),
        ("--from=build", "--from=bulid", "no stage bulid"),
        ('ENTRYPOINT ["a"]', "ENTRYPOINT a", "shell"),
        ("&& false", "&& (false", "RUN: "),
        ("COPY --from=build /a /b", "COPY /a /c /b", "end it with /"),
        ("COPY --from=build /a /b", "COPY . /b/", "name what is copied"),
        ("RUN true", "RUN apt-get install x", "nobody asked for"),
        ("RUN true", "WORKDIR x\nRUN true", "whole path"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, was: str, now: str, problem: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(GOOD, "utf-8")
    assert lint(read_dockerfile(path)) == []
    assert was in GOOD
    path.write_text(GOOD.replace(was, now), "utf-8")
    (found,) = lint(read_dockerfile(path))
    assert problem in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("FROM debian\n", "IMAGE:TAG"),
        ("RUN true\n", "before FROM"),
        ("FROM debian:12\nRUNN true\n", "unknown"),
        ("FROM debian:12\nRUN true \\\n", "does not end"),
        ("FROM debian:12\nRUN true \\\n\n  && false\n", "empty line"),
    ],
)
def test_what_cannot_be_read_is_an_error(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=problem):
        read_dockerfile(path)
