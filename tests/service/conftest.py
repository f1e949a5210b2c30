"""Sites that the tests of the page share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.site import Site, locked, serving


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Open to this machine: nobody has to log in."""
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def locked_site(tmp_path: Path) -> Iterator[Site]:
    """With users and tokens."""
    with serving(tmp_path, locked()) as running:
        yield running
