"""When who passes, and the truth about their plates."""

from collections.abc import Iterable
from dataclasses import dataclass

from platestream.core.types import BoxXyxy
from platestream.lab.render.scene.bodywork import Body
from platestream.lab.render.scene.lens import FPS, Camera
from platestream.lab.render.scene.shell import (
    HATCH_REAR,
    SEDAN_FRONT,
    SUV_FRONT,
    SUV_REAR,
    VAN_REAR,
)
from platestream.lab.render.scene.vehicle import Vehicle

TRAFFIC = (
    Vehicle(HATCH_REAR, (168, 30, 34), "d", 0.50, 1.65, 8.5, 0.9),
    Vehicle(SEDAN_FRONT, (176, 182, 190), "cn_blue", 0.40, -1.65, -9.0, 2.2),
    Vehicle(SUV_REAR, (38, 66, 112), "br_mercosur", 0.82, 1.65, 8.0, 3.9),
    Vehicle(SUV_FRONT, (34, 36, 40), "ru", 0.50, -1.65, -8.5, 4.4),
    Vehicle(VAN_REAR, (222, 222, 216), "in_two_row", 0.66, 1.65, 7.0, 6.3,
            ("EXPRESS",)),
)  # fmt: skip

READABLE_PX = 14.0
"""A plate of this height or more counts as readable, one of two rows `_TWO_ROWS` times it."""

_TWO_ROWS = 1.5
_NEAREST_M = 2


@dataclass(frozen=True, slots=True)
class ScenePassage:
    """One vehicle's passage, as it really was.

    Attributes:
        text: The plate.
        boxes: Where the plate is in each frame in which it is whole and readable.
    """

    text: str
    boxes: dict[int, BoxXyxy]

    @property
    def first_frame(self) -> int:
        """The first readable frame."""
        return min(self.boxes)

    @property
    def last_frame(self) -> int:
        """The last readable frame, inclusive."""
        return max(self.boxes)


def find_passages(
    bodies: Iterable[Body], camera: Camera, frames: Iterable[int]
) -> list[ScenePassage]:
    """The passages of all plates that become readable within the frames, in order of the bodies."""
    passages = []
    for body in bodies:
        boxes = {index: _readable_box(body, camera, index) for index in frames}
        readable = {index: box for index, box in boxes.items() if box}
        if readable:
            passages.append(ScenePassage(body.plate.text, readable))
    return passages


def _readable_box(body: Body, camera: Camera, index: int) -> BoxXyxy | None:
    place = body.vehicle.position(index / FPS)
    if place[2] < _NEAREST_M:
        return None
    quad = camera.lens(index).project(body.plate_quad() + place)
    low, high = quad.min(axis=0), quad.max(axis=0)
    tall = (quad[2:, 1] - quad[1::-1, 1]).mean()
    is_inside = (low >= 0).all() and (high <= camera.size_px).all()
    needed = READABLE_PX * (_TWO_ROWS if body.plate.is_two_row else 1.0)
    if not is_inside or tall < needed * camera.scale:
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
