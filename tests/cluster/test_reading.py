from platestream.cluster.reading import _Watch
from platestream.cluster.units import Unit
from platestream.core.types import Frame
from platestream.video.pipeline import Step
from tests.live.films import film


def test_a_film_lasts_from_its_first_frame_on_which_may_be_at_zero() -> None:
    watch = _Watch(Unit("a.mp4", "v"))
    for index, rgb in enumerate(film(10)):
        watch.see(Step(Frame(index, float(index), rgb), [], []))
    assert watch.result(0, None, "").video_s == 9.0
