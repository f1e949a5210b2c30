import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

import platestream
from platestream.core.errors import StoreError
from platestream.lab.data.labels_csv import read_passages
from platestream.lab.render.scene import Scene, film, render_scene, vehicle, write_scene
from platestream.lab.render.scene.film import NUM_FRAMES
from platestream.lab.render.scene.lens import FPS, Lens
from platestream.lab.render.scene.traffic import READABLE_PX, TRAFFIC

DEMO = Path(platestream.__file__).parent / "demo"
SMALL = (320, 180)
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
    frames = render_scene(3, SMALL)
    first, second = next(frames), next(frames)
    assert first.shape == (180, 320, 3)
    assert first.dtype == np.uint8
    assert not np.array_equal(first, second)
    assert np.array_equal(scene.frame(1), second)
    assert np.array_equal(scene.frame(0), first)
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
    for traffic, passage in zip(TRAFFIC, scene.passages(), strict=True):
        heights = [box[3] - box[1] for _, box in sorted(passage.boxes.items())]
        assert min(heights) >= READABLE_PX * SCALE - 0.5
        assert (heights[-1] > 1.5 * heights[0]) == (traffic.speed_m_s < 0)


@pytest.mark.parametrize("passing", [TRAFFIC[1], TRAFFIC[4]], ids=["front", "rear, two rows"])
def test_a_plate_fills_its_true_box_and_no_more(
    passing: vehicle.Vehicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    magenta = np.full((110, 260, 3), (255, 0, 255), np.uint8)
    monkeypatch.setattr(vehicle, "render_plate", lambda *_: magenta)
    scene = Scene(3, (480, 270), (passing,))
    (passage,) = scene.passages()
    for index in np.linspace(passage.first_frame, passage.last_frame, 3).astype(int):
        red, green, blue = scene.frame(index).astype(int).transpose(2, 0, 1)
        on_plate = np.minimum(red, blue) - green > 40
        left, top, right, bottom = passage.boxes[index]
        assert on_plate[round(top) : round(bottom), round(left) : round(right)].mean() > 0.9
        # The blur of lens and motion may carry it a little beyond.
        rows, columns = np.nonzero(on_plate)
        assert (rows.min(), rows.max() + 1) == pytest.approx((top, bottom), abs=2)
        assert (columns.min(), columns.max() + 1) == pytest.approx((left, right), abs=2)


def test_the_demo_is_labelled_with_the_truth() -> None:
    truth = json.loads((DEMO / "street.json").read_text(encoding="utf-8"))
    passages = Scene(truth["seed"]).passages()
    assert truth["plates"] == [
        {"text": each.text, "first_frame": each.first_frame, "last_frame": each.last_frame}
        for each in passages
    ]
    assert truth["fps"] == FPS
    assert (DEMO / truth["file"]).is_file()


def test_a_written_scene_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "NUM_FRAMES", 20)
    labels = write_scene(tmp_path / "new", 3, SMALL)
    scene = Scene(3, SMALL)
    (passage,) = read_passages(labels)
    (true,) = scene.passages()
    assert passage.file == tmp_path / "new" / "scene.mp4"
    assert passage.text == true.text
    assert (passage.first_frame, passage.last_frame) == (true.first_frame, 19)
    with av.open(str(passage.file)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 20
    assert np.abs(frames[18].astype(int) - scene.frame(18)).mean() < 8


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder"):
        write_scene(blocked, 1, SMALL)
    (tmp_path / "scene.mp4").mkdir()
    with pytest.raises(StoreError, match="choose another folder"):
        write_scene(tmp_path, 1, SMALL)
