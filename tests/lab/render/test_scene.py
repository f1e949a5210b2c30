from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from platestream.core.errors import StoreError
from platestream.lab.data.labels_csv import read_passages
from platestream.lab.render import scene as scene_module
from platestream.lab.render.scene import (
    NUM_FRAMES,
    READABLE_PX,
    TRAFFIC,
    Scene,
    render_scene,
    write_scene,
)
from platestream.lab.render.scene_parts import Lens, Vehicle

SMALL = (480, 270)
SCALE = SMALL[0] / 1280


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(3, SMALL)


def test_the_lens_projects_as_worked_out_by_hand() -> None:
    level = Lens(1000, (640, 360), height_m=2, pitch_deg=0)
    # 10 m away a metre is 100 px; the road is 2 m below the axis.
    assert level.project(np.array([1.0, 0, 10])) == pytest.approx([740, 560])
    # Looking down by 45 degrees, the axis meets the road as far away as the lens is high.
    tilted = replace(level, pitch_deg=45)
    assert tilted.project(np.array([0.0, 0, 2])) == pytest.approx([640, 360])


def test_same_seed_same_frames_in_any_order(scene: Scene) -> None:
    again = Scene(3, SMALL)
    assert np.array_equal(again.frame(50), scene.frame(50))
    first = next(render_scene(3, SMALL))
    assert first.shape == (270, 480, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again.frame(0))
    other = Scene(4, SMALL)
    assert not np.array_equal(other.frame(0), first)
    assert [p.text for p in other.passages()] != [p.text for p in scene.passages()]


def test_every_vehicle_has_a_readable_passage_and_some_overlap(scene: Scene) -> None:
    passages = scene.passages()
    assert len(passages) == len(TRAFFIC)
    frames = [set(each.boxes) for each in passages]
    for each, seen in zip(passages, frames, strict=True):
        assert 15 < len(seen) < NUM_FRAMES / 2
        assert seen == set(range(each.first_frame, each.last_frame + 1))
    assert any(a & b for i, a in enumerate(frames) for b in frames[i + 1 :])


def test_boxes_grow_as_a_vehicle_comes_and_shrink_as_it_goes(scene: Scene) -> None:
    for vehicle, passage in zip(TRAFFIC, scene.passages(), strict=True):
        heights = [box[3] - box[1] for _, box in sorted(passage.boxes.items())]
        assert min(heights) >= READABLE_PX * SCALE - 0.5
        assert (heights[-1] > 1.5 * heights[0]) == (vehicle.speed_m_s < 0)


@pytest.mark.parametrize("vehicle", [TRAFFIC[1], TRAFFIC[4]], ids=["front", "rear, two rows"])
def test_a_plate_changes_the_pixels_of_its_true_box_and_no_others(vehicle: Vehicle) -> None:
    scene = Scene(3, SMALL, (vehicle,))
    bare = Scene(3, SMALL, (vehicle,), plates=False)
    (passage,) = scene.passages()
    for index in np.linspace(passage.first_frame, passage.last_frame, 3).astype(int):
        changed = np.abs(scene.frame(index).astype(int) - bare.frame(index)).max(axis=2) > 24
        left, top, right, bottom = passage.boxes[index]
        assert changed[round(top) : round(bottom), round(left) : round(right)].mean() > 0.35
        # The blur of lens and motion may carry it a little beyond.
        rows, columns = np.nonzero(changed)
        assert (rows.min(), rows.max() + 1) == pytest.approx((top, bottom), abs=3.5)
        assert (columns.min(), columns.max() + 1) == pytest.approx((left, right), abs=3.5)


def test_a_written_scene_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene_module, "NUM_FRAMES", 24)
    labels = write_scene(tmp_path / "new", 3, (320, 180))
    scene = Scene(3, (320, 180))
    (passage,) = read_passages(labels)
    (true,) = scene.passages()
    assert passage.file == tmp_path / "new" / "scene.mp4"
    assert passage.text == true.text
    assert (passage.first_frame, passage.last_frame) == (true.first_frame, 23)
    with av.open(str(passage.file)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 24
    assert np.abs(frames[20].astype(int) - scene.frame(20)).mean() < 8


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder"):
        write_scene(blocked, 1, (320, 180))
    (tmp_path / "scene.mp4").mkdir()
    with pytest.raises(StoreError, match="choose another folder"):
        write_scene(tmp_path, 1, (320, 180))
