"""What is fixed to the bodywork: wheels, mirrors, lamps, grilles, handles, lettering."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from platestream.lab.render.parts import Colour
from platestream.lab.render.scene.brush import Brush, dim
from platestream.lab.render.scene.lens import Points
from platestream.lab.render.scene.shell import Shell
from platestream.lab.render.scene.vehicle import Vehicle

_BLACK: Colour = (14, 14, 15)
_SEAT: Colour = (25, 33, 41)
_LETTERING: tuple[Colour, Colour] = ((28, 84, 150), (70, 74, 80))


class _Face:
    """Draws on the near face of a shell; x and y in metres."""

    def __init__(self, shell: Shell, brush: Brush) -> None:
        self._shell, self._brush = shell, brush

    def box(
        self, x: float, y: float, half_x: float, half_y: float, colour: Colour, round_: float = 0.35
    ) -> None:
        self._brush.fill(self._shell.rectangle(x, y, half_x, half_y, round_), colour)

    def oval(self, x: float, y: float, half_x: float, half_y: float, colour: Colour) -> None:
        self.box(x, y, half_x, half_y, colour, 1)

    def line(self, outline: list[tuple[float, float]], colour: Colour, width_m: float) -> None:
        self._brush.line(self._shell.on_face(outline), colour, width_m)


def draw_behind(vehicle: Vehicle, brush: Brush) -> None:
    """Draw what the bodywork will cover in part: tyres, the dark below, mirrors."""
    _draw_underside(vehicle.shell, brush)
    _draw_mirrors(vehicle, brush)


def draw_on_top(vehicle: Vehicle, brush: Brush, lettering: Sequence[NDArray[np.uint8]]) -> None:
    """Draw what lies on the bodywork, up to the recess of the plate.

    Args:
        vehicle: Whose.
        brush: Draws relative to where it stands.
        lettering: Masks ``(h, w)`` uint8 of the lines on a van's doors; none on other vehicles.
    """
    face = _Face(vehicle.shell, brush)
    _draw_side(vehicle, brush)
    if vehicle.shell.is_front:
        _draw_front(vehicle.shell, face)
        _draw_cabin(vehicle.shell, face)
    else:
        _draw_rear(vehicle, face)
        if lettering:
            _draw_doors(vehicle, face)
            _write_lines(vehicle.shell, brush, lettering)
        else:
            _draw_tailgate(vehicle.shell, face)
    face.box(0, vehicle.plate_y_m, 0.31, 0.1, dim(vehicle.paint, 0.45))


def _draw_underside(shell: Shell, brush: Brush) -> None:
    sill, width = shell.rings[0][:2]
    for side in (-1, 1):
        inner, outer = side * (shell.half_width_m - 0.22), side * shell.half_width_m
        for z in reversed(shell.wheels):
            tread = [(inner, 0, z), (outer, 0, z), (outer, 0.42, z), (inner, 0.42, z)]
            brush.fill(np.array(tread), (20, 20, 22))
            brush.fill(_circle(outer, 0.32, z, 0.32), (24, 24, 26))
    belly = [(-width, sill - 0.06, 0.5), (width, sill - 0.06, 0.5),
             (width, sill + 0.12, 0.2), (-width, sill + 0.12, 0.2)]  # fmt: skip
    brush.fill(np.array(belly), (16, 16, 18))


def _draw_mirrors(vehicle: Vehicle, brush: Brush) -> None:
    shell, belt = vehicle.shell, vehicle.shell.glass[0]
    width = float(shell.at(belt + 0.08)[0])
    z = 1.55 if shell.is_front else shell.far_m - 1.75
    for side in (-1, 1):
        centre = side * (width + 0.1)
        arm = np.array([(side * (width - 0.12), belt, z), (centre, belt + 0.06, z)])
        brush.line(arm, (24, 24, 26), 0.05)
        brush.fill(_disc(centre, belt + 0.08, z, 0.12, 0.075), dim(vehicle.paint, 0.65))
        if not shell.is_front:
            brush.fill(_disc(centre, belt + 0.08, z - 0.02, 0.09, 0.055), (96, 108, 120))


def _draw_side(vehicle: Vehicle, brush: Brush) -> None:
    """Wheels, door gaps and handles of the side that is seen."""
    shell = vehicle.shell
    x = -np.sign(brush.position[0]) * (shell.half_width_m + 0.004)
    for z in shell.wheels:
        arch = _circle(x, 0.33, z, 0.39)
        brush.fill(arch[arch[:, 1] > shell.rings[0][0] + 0.02], _BLACK)
        brush.fill(_circle(x, 0.33, z, 0.31), (30, 30, 32))
        brush.fill(_circle(x, 0.33, z, 0.2), (128, 130, 134))
        brush.fill(_circle(x, 0.33, z, 0.06), (60, 60, 64))
    low, belt = shell.rings[1][0] + 0.04, shell.side_glass[0] - 0.06
    front, rear = shell.wheels[0] + 0.5, shell.wheels[1] - 0.45
    middle = (front + rear) / 2
    for z in (front, middle, rear):
        brush.line(np.array([(x, low, z), (x, belt, z)]), (20, 20, 22), 0.008)
    for z in (front + 0.2, middle + 0.2):
        handle = np.array([(x, belt - 0.1, z), (x, belt - 0.1, z + 0.2)])
        brush.line(handle, dim(vehicle.paint, 0.55), 0.025)


def _draw_front(shell: Shell, face: _Face) -> None:
    low, high, reach = shell.lamps
    middle, sill = (low + high) / 2, shell.rings[1][0]
    width = float(shell.at(middle)[0])
    half = width - reach - 0.03
    face.box(0, middle - 0.02, half, (high - low) / 2, (18, 18, 20))
    for y in np.linspace(low + 0.02, high - 0.05, 4):
        face.line([(-half + 0.04, y), (0, y), (half - 0.04, y)], (92, 95, 100), 0.012)
    face.oval(0, middle, 0.075, 0.055, (190, 194, 200))
    face.oval(0, middle, 0.05, 0.034, (70, 74, 82))
    face.box(0, sill + 0.05, width * 0.62, 0.055, (17, 17, 19))
    for side in (-1, 1):
        x = side * (width - reach * 0.62)
        face.box(x, middle, reach * 0.5, 0.068, (46, 50, 56))
        for at, size in ((x + side * 0.05, 0.042), (x - side * 0.065, 0.034)):
            face.oval(at, middle + 0.01, size, size, (122, 130, 138))
            face.oval(at, middle + 0.01, size * 0.6, size * 0.6, (238, 243, 250))
        y = middle - 0.055
        face.line([(x - reach * 0.45, y), (x + reach * 0.45, y)], (232, 238, 246), 0.014)
        fog = side * (width - 0.24)
        face.box(fog, sill + 0.1, 0.09, 0.045, (20, 20, 22))
        face.box(fog, sill + 0.1, 0.035, 0.03, (170, 174, 178))


def _draw_cabin(shell: Shell, face: _Face) -> None:
    """What is seen through a windscreen: seats and a mirror; wipers outside."""
    low, high = shell.glass
    for x in (-0.34, 0.34):
        face.box(x, low + 0.2, 0.14, 0.1, _SEAT)
        face.box(x, low + 0.29, 0.075, 0.05, _SEAT)
    face.box(0, high - 0.06, 0.09, 0.025, (18, 19, 21))
    for x in (-0.5, 0.1):
        face.line([(x, low + 0.01), (x + 0.42, low + 0.05)], _BLACK, 0.016)


def _draw_rear(vehicle: Vehicle, face: _Face) -> None:
    """Bumper, lamps and seams."""
    shell, seam = vehicle.shell, dim(vehicle.paint, 0.35)
    low, high, reach = shell.lamps
    sill, bumper, third = shell.rings[1][0], shell.rings[4][0], (high - low) / 3
    width = float(shell.at(low)[0])
    edge = width - 0.1
    face.line([(-edge, bumper), (0, bumper), (edge, bumper)], seam, 0.012)
    face.box(0, sill + 0.04, width * 0.7, 0.05, (22, 22, 24))
    for side in (-1, 1):
        inner, x = side * (width - reach), side * (width - reach * 0.45)
        face.box(x, low + 0.5 * third, reach * 0.3, third * 0.32, (212, 206, 204))
        face.box(x, low + 1.5 * third, reach * 0.3, third * 0.3, (206, 92, 22))
        face.box(x, low + 2.4 * third, reach * 0.32, third * 0.3, (206, 30, 32))
        face.line([(inner, low), (inner, high)], seam, 0.01)
        face.box(side * (width - 0.3), sill + 0.12, 0.1, 0.018, (140, 18, 20))


def _draw_tailgate(shell: Shell, face: _Face) -> None:
    """Wiper, brake light and badge."""
    low, high = shell.glass
    badge = shell.lamps[1] - 0.03
    face.line([(-0.02, low + 0.02), (0.34, low + 0.1)], _BLACK, 0.02)
    face.box(0, high + 0.015, 0.16, 0.014, (120, 12, 16))
    face.oval(0, badge, 0.05, 0.045, (196, 199, 204))
    face.oval(0, badge, 0.034, 0.03, (84, 88, 96))


def _draw_doors(vehicle: Vehicle, face: _Face) -> None:
    """The two doors of a van, with hinges and a handle."""
    shell, seam = vehicle.shell, dim(vehicle.paint, 0.35)
    bottom, top = shell.rings[4][0], shell.rings[-3][0]
    face.box(0, sum(shell.glass) / 2, 0.035, 0.24, vehicle.paint)
    face.line([(0, bottom), (0, top)], seam, 0.014)
    face.line([(0.06, 0.84), (0.06, 0.94)], (30, 30, 32), 0.03)
    for x in (-0.8, 0.8):
        for y in (bottom + 0.15, 1.25):
            face.box(x, y, 0.04, 0.02, seam)


def _write_lines(shell: Shell, brush: Brush, lettering: Sequence[NDArray[np.uint8]]) -> None:
    for row, mask in enumerate(lettering):
        half_y = 0.062 - 0.02 * row
        half_x = min(0.66, half_y * mask.shape[1] / mask.shape[0])
        y = 1.21 - 0.17 * row
        quad = shell.on_face([(-half_x, y + half_y), (half_x, y + half_y),
                              (half_x, y - half_y), (-half_x, y - half_y)])  # fmt: skip
        brush.paste(np.full((*mask.shape, 3), _LETTERING[row % 2], np.uint8), quad, mask)


def _circle(x: float, y: float, z: float, radius: float) -> Points:
    """An upright circle ``(32, 3)`` along the street."""
    turns = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.column_stack([np.full(32, x), y + radius * np.sin(turns), z + radius * np.cos(turns)])


def _disc(x: float, y: float, z: float, half_x: float, half_y: float) -> Points:
    """An upright ellipse ``(24, 3)`` that faces the camera."""
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.column_stack([x + half_x * np.cos(turns), y + half_y * np.sin(turns), np.full(24, z)])
