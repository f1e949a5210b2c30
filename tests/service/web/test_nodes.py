"""Where the cameras of a cluster run stands on the page and in the API."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from platestream.live.health import CameraHealth
from tests.service.site import MadeUpCameras, serving


class SpreadCameras(MadeUpCameras):
    """One camera on a node, the other on the service's own machine."""

    def health(self) -> Mapping[str, CameraHealth]:
        found = super().health()
        return {**found, "gate": replace(found["gate"], node="north", node_load=0.42)}


def test_the_page_and_the_api_say_where_a_camera_runs(tmp_path: Path) -> None:
    with serving(tmp_path, cameras=SpreadCameras()) as site, site.client() as client:
        page = client.get("/cameras").text
        assert page.count("Runs on") == 1
        assert "north" in page
        assert "42" in page.partition("Runs on")[2].partition("</div>")[0]
        cameras = {each["name"]: each for each in client.get("/api/v1/cameras").json()["cameras"]}
        assert cameras["gate"]["health"]["node"] == "north"
        assert cameras["gate"]["health"]["node_load"] == 0.42
        assert cameras["yard"]["health"]["node_load"] is None
