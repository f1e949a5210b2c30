from pathlib import Path

import pytest

from .road import film_road


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three films in folders of two cameras, one of them damaged in its middle."""
    folder = tmp_path_factory.mktemp("films")
    for number, name in enumerate(("north/1.mp4", "north/2.mp4", "south/day/1.mp4")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        film_road(folder / name, 9, seed=number)
    return folder
