"""The store that a configuration names."""

from pathlib import Path

from platestream.service.config import ServiceConfig
from platestream.service.store_wiring import open_configured
from tests.service.site import new_event


def test_pictures_lie_beside_the_database_wherever_it_is_named(tmp_path: Path) -> None:
    # `platestream events erase` looks for them there.
    url = f"sqlite:///{tmp_path / 'far' / 'e.db'}"
    (tmp_path / "far").mkdir()
    store = open_configured(ServiceConfig.model_validate({"store": {"url": url}}))
    store.add(new_event())
    store.close()
    assert list((tmp_path / "far" / "pictures").rglob("crop.jpg"))
