"""What a street scene is made of: the lens, and vehicles as shells of painted facets.

A vehicle is a stack of rings, each the outline of its plan at one height; facets between them are
lit one by one. World coordinates are metres: x to the right, y up, z away from the camera.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.parts import Colour

Points: TypeAlias = NDArray[np.float64]
"""``(..., 3)`` metres in the world or ``(..., 2)`` pixels of the frame."""

Layer: TypeAlias = NDArray[np.uint8]
"""``(H, W, 4)`` uint8 RGB times alpha, and alpha."""

SUN = np.array([0.45, 0.78, -0.44])
"""Towards the sun: behind the camera, to the right."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera that looks along the street and a little down.

    Attributes:
        focal_px: Focal length.
        centre: Where the axis meets the frame, pixels.
        height_m: Above the road.
        pitch_deg: Down.
    """

    focal_px: float
    centre: tuple[float, float]
    height_m: float = 2.2
    pitch_deg: float = 5.0

    def project(self, points: Points) -> Points:
        """Where points ``(..., 3)`` of the world lie in the frame: ``(..., 2)`` pixels."""
        down = np.deg2rad(self.pitch_deg)
        rise = points[..., 1] - self.height_m
        away = points[..., 2] * np.cos(down) - rise * np.sin(down)
        up = rise * np.cos(down) + points[..., 2] * np.sin(down)
        scale = self.focal_px / np.maximum(away, 0.1)
        return np.stack(
            [self.centre[0] + points[..., 0] * scale, self.centre[1] - up * scale], axis=-1
        )


@dataclass(frozen=True, slots=True)
class Shell:
    """The shape of a vehicle, seen from the end that faces the camera.

    Attributes:
        rings: ``(y, half width, z of the near face, z of the far end)`` from the sill to the roof.
        glass: Heights between which the near face has a window.
        side_glass: The same of the sides; equal for none.
        lamps: Heights of the lamps, and how far they reach in from the corner, metres.
        wheels: z of the axles.
    """

    rings: tuple[tuple[float, float, float, float], ...]
    glass: tuple[float, float]
    side_glass: tuple[float, float]
    lamps: tuple[float, float, float]
    wheels: tuple[float, float]


_SHELLS: Mapping[str, Shell] = {
    "hatch_rear": Shell(
        ((0.2, 0.76, 0.1, 3.9), (0.3, 0.84, 0.03, 4.0), (0.52, 0.88, 0.0, 4.0),
         (0.58, 0.885, 0.02, 4.0), (0.62, 0.885, 0.07, 4.0), (0.9, 0.88, 0.12, 3.9),
         (0.98, 0.86, 0.16, 3.4), (1.04, 0.82, 0.22, 2.9), (1.38, 0.67, 0.55, 2.2),
         (1.46, 0.6, 0.62, 2.0), (1.5, 0.5, 0.75, 1.9)),
        (1.02, 1.37), (1.05, 1.36), (0.74, 0.97, 0.24), (0.75, 3.2),
    ),
    "suv_rear": Shell(
        ((0.28, 0.8, 0.12, 4.3), (0.36, 0.88, 0.03, 4.4), (0.62, 0.93, 0.0, 4.4),
         (0.68, 0.935, 0.03, 4.4), (0.72, 0.935, 0.08, 4.4), (1.02, 0.93, 0.12, 4.3),
         (1.1, 0.9, 0.15, 3.7), (1.17, 0.87, 0.18, 3.2), (1.56, 0.75, 0.38, 2.5),
         (1.65, 0.68, 0.45, 2.3), (1.69, 0.56, 0.58, 2.1)),
        (1.15, 1.55), (1.18, 1.54), (0.8, 1.1, 0.2), (0.85, 3.5),
    ),
    "sedan_front": Shell(
        ((0.19, 0.78, 0.14, 4.4), (0.28, 0.86, 0.05, 4.5), (0.46, 0.89, 0.0, 4.6),
         (0.6, 0.9, 0.02, 4.6), (0.7, 0.9, 0.08, 4.6), (0.78, 0.88, 0.22, 4.5),
         (0.85, 0.85, 0.6, 4.4), (0.92, 0.83, 1.15, 4.3), (0.97, 0.8, 1.35, 4.2),
         (1.36, 0.63, 1.95, 3.6), (1.43, 0.55, 2.15, 3.3), (1.46, 0.45, 2.35, 3.0)),
        (0.98, 1.36), (1.0, 1.34), (0.58, 0.75, 0.36), (0.85, 3.6),
    ),
    "suv_front": Shell(
        ((0.26, 0.82, 0.14, 4.5), (0.36, 0.9, 0.04, 4.6), (0.58, 0.94, 0.0, 4.6),
         (0.8, 0.95, 0.02, 4.6), (0.92, 0.94, 0.06, 4.6), (1.0, 0.92, 0.2, 4.6),
         (1.07, 0.9, 0.7, 4.6), (1.13, 0.88, 1.1, 4.5), (1.18, 0.86, 1.25, 4.4),
         (1.58, 0.72, 1.75, 4.2), (1.67, 0.65, 1.95, 4.1), (1.71, 0.55, 2.15, 4.0)),
        (1.19, 1.58), (1.2, 1.55), (0.76, 0.93, 0.34), (0.9, 3.7),
    ),
    "van_rear": Shell(
        ((0.3, 0.86, 0.08, 4.8), (0.38, 0.92, 0.02, 4.9), (0.55, 0.95, 0.0, 4.9),
         (0.6, 0.95, 0.06, 4.9), (1.2, 0.95, 0.08, 4.9), (1.3, 0.945, 0.09, 4.6),
         (1.85, 0.87, 0.16, 4.0), (2.02, 0.81, 0.22, 3.8), (2.08, 0.7, 0.34, 3.7)),
        (1.32, 1.78), (1.3, 1.3), (0.78, 1.2, 0.12), (0.9, 4.0),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle and the way it goes.

    Attributes:
        shell: A key of the shells: what it is and which end is seen.
        paint: Colour of the body.
        layout: Name of its plate's layout.
        plate_y_m: Height of the plate's centre.
        lane_x_m: Middle of its lane.
        speed_m_s: Along z; negative comes towards the camera.
        at_10_m_s: When its plate is 10 m away, seconds.
        words: Lettering on its doors, a line each.
    """

    shell: Literal["hatch_rear", "suv_rear", "sedan_front", "suv_front", "van_rear"]
    paint: Colour
    layout: str
    plate_y_m: float
    lane_x_m: float
    speed_m_s: float
    at_10_m_s: float
    words: tuple[str, ...] = ()

    @property
    def is_front(self) -> bool:
        """Whether the camera sees its front."""
        return self.shell.endswith("front")

    def position(self, time_s: float) -> Points:
        """Where the middle of its near end stands on the road at a time: ``(3,)``."""
        since = time_s - self.at_10_m_s
        sway = 0.06 * np.sin(0.9 * time_s + self.lane_x_m)
        return np.array([self.lane_x_m + sway, 0.0, 10.0 + self.speed_m_s * since])


_FACE, _CORNER, _SIDE = 28, 7, 16
_CORNER_M, _CROWN_M = 0.16, 0.07
_RING_STEP_M = 0.035


class Body:
    """A vehicle's facets, made once.

    Args:
        vehicle: Which.
        book: Draws its lettering.
    """

    def __init__(self, vehicle: Vehicle, book: GlyphBook) -> None:
        self.vehicle = vehicle
        self.shell = _SHELLS[vehicle.shell]
        self._rings = np.array(self.shell.rings)
        self._grid = self._outlines()
        self._facets = _corners_of(self._grid)
        self._normals = _smooth_normals(self._grid)
        self._materials = self._pick_materials()
        self._words = [book.words(FAMILIES["bold"][0], line) for line in vehicle.words]

    def draw(self, layer: Layer, lens: Lens, position: Points, light: NDArray[np.float64]) -> None:
        """Draw it into a layer, without its plate.

        Args:
            layer: Changed in place.
            lens: Projects to the layer's pixels.
            position: Of the vehicle, see `Vehicle.position`.
            light: ``(2,)`` factors on sunlight and on all light, for shade and clouds.
        """
        brush = _Brush(layer, lens, position, float(light[1]))
        self._draw_underside(brush)
        self._draw_mirrors(brush)
        self._draw_shell(brush, light)
        self._draw_sides(brush)
        (self._draw_front if self.vehicle.is_front else self._draw_rear)(brush)
        self._draw_mount(brush)

    def plate_quad(self, size_m: tuple[float, float]) -> Points:
        """Corners ``(4, 3)`` of its plate, relative to its position."""
        half_x, half_y = size_m[0] / 2, size_m[1] / 2
        y = self.vehicle.plate_y_m
        corners = np.array([[-half_x, y + half_y], [half_x, y + half_y],
                            [half_x, y - half_y], [-half_x, y - half_y]])  # fmt: skip
        return np.column_stack([corners, np.full(4, self._face_z(0.0, y) - 0.03)])

    def footprint(self) -> Points:
        """Corners ``(4, 3)`` of the ground below it, relative to its position."""
        width, far = self._rings[:, 1].max(), self._rings[:, 3].max()
        return np.array([[-width, 0, 0.1], [width, 0, 0.1], [width, 0, far], [-width, 0, far]])

    def _outlines(self) -> Points:
        """Points ``(rings, columns, 3)``: up the left side, around the near end, back."""
        ys = self._rings[:, 0]
        heights = np.union1d(np.arange(ys[0], ys[-1], _RING_STEP_M), ys)
        w, near, far = (np.interp(heights, ys, column)[:, None] for column in self._rings.T[1:])
        turn = np.linspace(0, np.pi / 2, _CORNER)[None]
        flat = np.linspace(-1, 1, _FACE)[None]
        radius = np.minimum(_CORNER_M, w * 0.5)
        corner_x, corner_z = (1 - np.cos(turn)) * radius, (1 - np.sin(turn)) * radius
        side_z = far + (near + _CROWN_M + radius - far) * np.linspace(0, 1, _SIDE)[None]
        face_x = flat * (w - radius)
        face_z = near + _CROWN_M * np.abs(flat) ** 2.5
        x = np.hstack([-w + 0 * side_z, -w + corner_x, face_x, (w - corner_x)[:, ::-1],
                       w + 0 * side_z])  # fmt: skip
        z = near + _CROWN_M + corner_z
        z = np.hstack([side_z, z, face_z, z[:, ::-1], side_z[:, ::-1]])
        return np.stack([x, np.broadcast_to(heights[:, None], x.shape), z], axis=-1)

    def _pick_materials(self) -> NDArray[np.str_]:
        """Name what each facet is made of: ``(facets,)``."""
        x, y, z = self._facets.mean(axis=1).T
        shell = self.shell
        width = np.interp(y, self._rings[:, 0], self._rings[:, 1])
        near = np.interp(y, self._rings[:, 0], self._rings[:, 2])
        far = np.interp(y, self._rings[:, 0], self._rings[:, 3])
        on_side = z > near + _CROWN_M + _CORNER_M * 0.9
        low, high = shell.glass
        material = np.full(len(x), "paint", dtype="<U8")
        material[(y > low) & (y < high) & ~on_side & (np.abs(x) < width - 0.1)] = "glass"
        low, high = shell.side_glass
        along = (z - near) / (far - near)
        panes = (np.abs(along - 0.27) < 0.19) | (np.abs(along - 0.72) < 0.22)
        material[(y > low) & (y < high) & on_side & panes] = "glass"
        low, high, reach = shell.lamps
        lamp = (y > low) & (y < high) & (np.abs(x) > width - reach) & (z < near + 0.42)
        material[lamp] = "lamp"
        material[y < self._rings[1, 0]] = "plastic"
        return material

    def _draw_shell(self, brush: "_Brush", light: NDArray[np.float64]) -> None:
        points = self._facets + brush.position
        centres = points.mean(axis=1)
        eye = centres - (0, brush.lens.height_m, 0)
        distance = np.linalg.norm(eye, axis=1)
        facing = -(eye * self._normals).sum(axis=1) / distance
        colours = self._shade(eye / distance[:, None], facing, light)
        pixels = brush.lens.project(points)
        top = self._grid[-1][:, None] + brush.position
        brush.fill_pixels(brush.lens.project(top[:, 0]), colours[-_FACE // 2 - _SIDE - _CORNER])
        order = np.argsort(-distance)
        for index in order[(facing[order] > -0.02) & (points[order][:, :, 2].min(axis=1) > 0.7)]:
            brush.fill_pixels(pixels[index], colours[index])

    def _shade(
        self, eye: Points, facing: NDArray[np.float64], light: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Light facets: ``(facets, 3)``, 0..255."""
        normals = self._normals
        mirrored = eye + 2 * facing[:, None] * normals
        diffuse = 0.42 + 0.16 * normals[:, 1] + 0.62 * light[0] * np.clip(normals @ SUN, 0, None)
        gloss = 0.05 + 0.75 * np.clip(1 - facing, 0, 1) ** 4
        glint = 170 * light[0] * np.clip(mirrored @ SUN, 0, 1) ** 60
        base = np.array([_MATERIALS.get(m, self.vehicle.paint) for m in self._materials], float)
        lamp = self._materials == "lamp"
        base[lamp] = (196, 202, 208) if self.vehicle.is_front else (150, 14, 18)
        gloss = np.where(self._materials == "glass", 0.14 + gloss, gloss)
        gloss = np.where(self._materials == "plastic", gloss * 0.2, gloss)
        colours = base * diffuse[:, None] + gloss[:, None] * _surroundings(mirrored)
        colours += (glint * (self._materials != "plastic"))[:, None]
        return np.asarray(colours * light[1], np.float64)

    def _face_z(self, x: float, y: float) -> float:
        near = float(np.interp(y, self._rings[:, 0], self._rings[:, 2]))
        width = float(np.interp(y, self._rings[:, 0], self._rings[:, 1])) - _CORNER_M
        return near + _CROWN_M * float(min(1.0, abs(x) / width) ** 2.5) - 0.004

    def _on_face(self, outline: list[tuple[float, float]]) -> Points:
        return np.array([(x, y, self._face_z(x, y)) for x, y in outline])

    def _rectangle(
        self, x: float, y: float, half_x: float, half_y: float, roundness: float = 0.35
    ) -> Points:
        """A rectangle with rounded corners on the near face."""
        radius = roundness * min(half_x, half_y)
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        xs = x + np.sign(np.cos(turns)) * (half_x - radius) + radius * np.cos(turns)
        ys = y + np.sign(np.sin(turns)) * (half_y - radius) + radius * np.sin(turns)
        return self._on_face(list(zip(xs.tolist(), ys.tolist(), strict=True)))

    def _draw_underside(self, brush: "_Brush") -> None:
        width, outside, sill = self._rings[0, 1], self._rings[:, 1].max(), self._rings[0, 0]
        for side in (-1, 1):
            for z in reversed(self.shell.wheels):
                inner, outer = side * (outside - 0.22), side * outside
                tread = [(inner, 0, z), (outer, 0, z), (outer, 0.42, z), (inner, 0.42, z)]
                brush.fill(np.array(tread), (20, 20, 22))
                wheel = _circle(outer, 0.32, z, 0.32)
                brush.fill(wheel, (24, 24, 26))
        belly = [(-width, sill - 0.06, 0.5), (width, sill - 0.06, 0.5),
                 (width, sill + 0.12, 0.2), (-width, sill + 0.12, 0.2)]  # fmt: skip
        brush.fill(np.array(belly), (16, 16, 18))

    def _draw_mirrors(self, brush: "_Brush") -> None:
        belt = self.shell.glass[0]
        width = float(np.interp(belt + 0.08, self._rings[:, 0], self._rings[:, 1]))
        z_mirror = 1.55 if self.vehicle.is_front else self._rings[:, 3].max() - 1.75
        for end in (-1, 1):
            centre = end * (width + 0.1)
            arm = np.array(
                [(end * (width - 0.12), belt, z_mirror), (centre, belt + 0.06, z_mirror)]
            )
            brush.line(arm, (24, 24, 26), 0.05)
            shape = _disc(centre, belt + 0.08, z_mirror, 0.12, 0.075)
            brush.fill(shape, _dim(self.vehicle.paint, 0.65))
            if not self.vehicle.is_front:
                glass = _disc(centre, belt + 0.08, z_mirror - 0.02, 0.09, 0.055)
                brush.fill(glass, (96, 108, 120))

    def _draw_sides(self, brush: "_Brush") -> None:
        """Wheels, door gaps and handles of the side that is seen."""
        side = -np.sign(brush.position[0])
        width = float(self._rings[:, 1].max())
        x = side * (width + 0.004)
        for z in self.shell.wheels:
            arch = _circle(x, 0.33, z, 0.39)
            brush.fill(arch[arch[:, 1] > self._rings[0, 0] + 0.02], (14, 14, 15))
            for radius, colour in ( (0.31, (30, 30, 32)),
                                   (0.2, (128, 130, 134)), (0.06, (60, 60, 64))):  # fmt: skip
                brush.fill(_circle(x, 0.33, z, radius), colour)
        low, belt = self._rings[1, 0] + 0.04, self.shell.side_glass[0] - 0.06
        front, rear = self.shell.wheels[0] + 0.5, self.shell.wheels[1] - 0.45
        for z in (front, (front + rear) / 2, rear):
            brush.line(np.array([(x, low, z), (x, belt, z)]), (20, 20, 22), 0.008)
        for z in (front + 0.2, (front + rear) / 2 + 0.2):
            handle = np.array([(x, belt - 0.1, z), (x, belt - 0.1, z + 0.2)])
            brush.line(handle, _dim(self.vehicle.paint, 0.55), 0.025)

    def _draw_front(self, brush: "_Brush") -> None:
        low, high, reach = self.shell.lamps
        middle, sill = (low + high) / 2, self._rings[1, 0]
        width = float(np.interp(middle, self._rings[:, 0], self._rings[:, 1]))
        half = width - reach - 0.03
        brush.fill(self._rectangle(0, middle - 0.02, half, (high - low) / 2), (18, 18, 20))
        for y in np.linspace(low + 0.02, high - 0.05, 4):
            bar = self._on_face([(-half + 0.04, y), (0, y), (half - 0.04, y)])
            brush.line(bar, (92, 95, 100), 0.012)
        brush.fill(self._rectangle(0, middle, 0.075, 0.055, 1), (190, 194, 200))
        brush.fill(self._rectangle(0, middle, 0.05, 0.034, 1), (70, 74, 82))
        brush.fill(self._rectangle(0, sill + 0.05, width * 0.62, 0.055), (17, 17, 19))
        for side in (-1, 1):
            x = side * (width - reach * 0.62)
            brush.fill(self._rectangle(x, middle, reach * 0.5, 0.068), (46, 50, 56))
            for at, size in ((x + side * 0.05, 0.042), (x - side * 0.065, 0.034)):
                brush.fill(self._rectangle(at, middle + 0.01, size, size, 1), (122, 130, 138))
                bulb = self._rectangle(at, middle + 0.01, size * 0.6, size * 0.6, 1)
                brush.fill(bulb, (238, 243, 250))
            ends = [(x - reach * 0.45, middle - 0.055), (x + reach * 0.45, middle - 0.055)]
            brush.line(self._on_face(ends), (232, 238, 246), 0.014)
            fog = side * (width - 0.24)
            brush.fill(self._rectangle(fog, sill + 0.1, 0.09, 0.045), (20, 20, 22))
            brush.fill(self._rectangle(fog, sill + 0.1, 0.035, 0.03), (170, 174, 178))
        self._draw_cabin(brush)

    def _draw_cabin(self, brush: "_Brush") -> None:
        """What is seen through a windscreen: seats, the wheel, a mirror; wipers outside."""
        low, high = self.shell.glass
        for x in (-0.34, 0.34):
            brush.fill(self._rectangle(x, low + 0.2, 0.14, 0.1), (25, 33, 41))
            brush.fill(self._rectangle(x, low + 0.29, 0.075, 0.05), (25, 33, 41))
        brush.fill(self._rectangle(0, high - 0.06, 0.09, 0.025), (18, 19, 21))
        for x in (-0.5, 0.1):
            brush.line(
                self._on_face([(x, low + 0.01), (x + 0.42, low + 0.05)]), (14, 14, 15), 0.016
            )

    def _draw_rear(self, brush: "_Brush") -> None:
        low, high, reach = self.shell.lamps
        width = float(np.interp(low, self._rings[:, 0], self._rings[:, 1]))
        sill, bumper = self._rings[1, 0], self._rings[4, 0]
        seam = _dim(self.vehicle.paint, 0.35)
        edge = width - 0.1
        brush.line(self._on_face([(-edge, bumper), (0, bumper), (edge, bumper)]), seam, 0.012)
        brush.fill(self._rectangle(0, sill + 0.04, width * 0.7, 0.05), (22, 22, 24))
        for side in (-1, 1):
            inner, x = side * (width - reach), side * (width - reach * 0.45)
            part = (high - low) / 3
            brush.fill(
                self._rectangle(x, low + 0.5 * part, reach * 0.3, part * 0.32), (212, 206, 204)
            )
            brush.fill(self._rectangle(x, low + 1.5 * part, reach * 0.3, part * 0.3), (206, 92, 22))
            brush.fill(
                self._rectangle(x, low + 2.4 * part, reach * 0.32, part * 0.3), (206, 30, 32)
            )
            brush.line(self._on_face([(inner, low), (inner, high)]), seam, 0.01)
            brush.fill(
                self._rectangle(side * (width - 0.3), sill + 0.12, 0.1, 0.018), (140, 18, 20)
            )
        if self.vehicle.words:
            self._draw_doors(brush, seam)
        else:
            top = self.shell.glass
            brush.line(
                self._on_face([(-0.02, top[0] + 0.02), (0.34, top[0] + 0.1)]), (14, 14, 15), 0.02
            )
            brush.fill(self._rectangle(0, top[1] + 0.015, 0.16, 0.014), (120, 12, 16))
            brush.fill(self._rectangle(0, high - 0.03, 0.05, 0.045, 1), (196, 199, 204))
            brush.fill(self._rectangle(0, high - 0.03, 0.034, 0.03, 1), (84, 88, 96))

    def _draw_doors(self, brush: "_Brush", seam: Colour) -> None:
        """The two doors of a van, with hinges, a handle and its lettering."""
        bottom, top = self._rings[4, 0], self._rings[-3, 0]
        brush.fill(self._rectangle(0, (sum(self.shell.glass)) / 2, 0.035, 0.24), self.vehicle.paint)
        brush.line(self._on_face([(0, bottom), (0, top)]), seam, 0.014)
        brush.line(self._on_face([(0.06, 0.84), (0.06, 0.94)]), (30, 30, 32), 0.03)
        for side in (-1, 1):
            for y in (bottom + 0.15, 1.25):
                brush.fill(self._rectangle(side * 0.8, y, 0.04, 0.02), seam)
        for row, mask in enumerate(self._words):
            half_y = 0.062 - 0.02 * row
            half_x = min(0.66, half_y * mask.shape[1] / mask.shape[0])
            y = 1.21 - 0.17 * row
            quad = self._on_face([(-half_x, y + half_y), (half_x, y + half_y),
                                  (half_x, y - half_y), (-half_x, y - half_y)])  # fmt: skip
            colour = np.full((*mask.shape, 3), _LETTERING[row % 2], np.uint8)
            brush.paste(colour, quad, mask)

    def _draw_mount(self, brush: "_Brush") -> None:
        """The dark recess that a plate sits in."""
        y = self.vehicle.plate_y_m
        brush.fill(self._rectangle(0, y, 0.31, 0.1), _dim(self.vehicle.paint, 0.45))


_MATERIALS: Mapping[str, Colour] = {"glass": (26, 31, 36), "plastic": (34, 34, 36)}
_LETTERING: tuple[Colour, Colour] = ((28, 84, 150), (70, 74, 80))


@dataclass(frozen=True, slots=True)
class _Brush:
    layer: Layer
    lens: Lens
    position: Points
    light: float

    def fill(self, outline: Points, colour: Colour) -> None:
        """Fill an outline ``(K, 3)`` relative to the vehicle, left out behind the camera."""
        world = outline + self.position
        if world[:, 2].min() > 0.7:
            self.fill_pixels(self.lens.project(world), np.array(colour) * self.light)

    def fill_pixels(self, outline: Points, colour: NDArray[np.float64]) -> None:
        """Fill an outline ``(K, 2)`` in pixels of the layer."""
        if np.abs(outline).max() < 30_000:
            fixed = np.round(outline * 16).astype(np.int32)
            cv2.fillConvexPoly(self.layer, fixed, _rgba(colour), cv2.LINE_8, 4)

    def line(self, points: Points, colour: Colour, width_m: float) -> None:
        """Draw a line ``(K, 3)`` relative to the vehicle."""
        world = points + self.position
        if world[:, 2].min() < 0.7:
            return
        thick = max(1, round(width_m * self.lens.focal_px / world[:, 2].mean()))
        fixed = np.round(self.lens.project(world) * 16).astype(np.int32)
        colour_px = _rgba(np.array(colour) * self.light)
        cv2.polylines(
            self.layer, [fixed], isClosed=False, color=colour_px, thickness=thick, shift=4
        )

    def paste(self, picture: Rgb, quad: Points, mask: NDArray[np.uint8] | None = None) -> None:
        """Put a picture on a quad ``(4, 3)`` relative to the vehicle."""
        lit = np.clip(picture * self.light, 0, 255).astype(np.uint8)
        paste(self.layer, lit, self.lens.project(quad + self.position), mask)


def paste(layer: Layer, picture: Rgb, quad: Points, mask: NDArray[np.uint8] | None = None) -> None:
    """Warp a picture into a layer.

    Args:
        layer: Changed in place.
        picture: ``(h, w, 3)`` uint8.
        quad: ``(4, 2)`` pixels of the layer, from the top left, clockwise.
        mask: ``(h, w)`` uint8, 255 where the picture covers; everywhere when omitted.
    """
    if mask is None:
        mask = np.full(picture.shape[:2], 255, np.uint8)
    wide = np.linalg.norm(quad[1] - quad[0])
    share = min(1.0, 1.1 * float(wide) / picture.shape[1])
    size = (max(2, round(picture.shape[1] * share)), max(2, round(picture.shape[0] * share)))
    covered = np.dstack([picture * (mask[..., None] / 255), mask]).astype(np.uint8)
    covered = np.asarray(cv2.resize(covered, size, interpolation=cv2.INTER_AREA), np.uint8)
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    move = cv2.getPerspectiveTransform(corners, (quad - 0.5).astype(np.float32))
    extent = (layer.shape[1], layer.shape[0])
    warped = np.asarray(
        cv2.warpPerspective(covered, move, extent, flags=cv2.INTER_LINEAR), np.uint8
    )
    over(layer, warped)


def over(below: NDArray[np.uint8], layer: Layer) -> None:
    """Lay a layer over a picture ``(H, W, 3)`` or a layer, in place."""
    rows = np.flatnonzero(layer[..., 3].max(axis=1))
    if not len(rows):
        return
    part, top = below[rows[0] : rows[-1] + 1], layer[rows[0] : rows[-1] + 1]
    left = 255 - top[..., 3:].astype(np.uint16)
    part[:] = top[..., : part.shape[2]] + (part * left // 255).astype(np.uint8)


def _corners_of(grid: Points) -> Points:
    """The corners ``(facets, 4, 3)`` of the facets between points ``(rows, columns, 3)``."""
    quads = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)
    return quads.reshape(-1, 4, 3)


def _smooth_normals(grid: Points) -> Points:
    """Outward normals ``(facets, 3)``."""
    along, up = np.gradient(grid, axis=1), np.gradient(grid, axis=0)
    normals = np.cross(up, along)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-9
    mean = _corners_of(normals).mean(axis=1)
    return np.asarray(mean / (np.linalg.norm(mean, axis=-1, keepdims=True) + 1e-9), np.float64)


def _surroundings(direction: Points) -> NDArray[np.float64]:
    """What lies in a direction ``(K, 3)``: road, houses, sky; ``(K, 3)``, 0..255."""
    rise = direction[:, 1:2]
    sky = np.array([214.0, 222, 232]) + (np.array([112.0, 152, 206]) - (214, 222, 232)) * np.sqrt(
        np.clip(rise, 0, 1)
    )
    houses = np.array([112.0, 104, 96])
    road = np.array([84.0, 84, 86])
    above = np.clip((rise - 0.16) / 0.1, 0, 1)
    below = np.clip((-rise + 0.02) / 0.06, 0, 1)
    return np.asarray((houses + (sky - houses) * above) * (1 - below) + road * below, np.float64)


def _circle(x: float, y: float, z: float, radius: float) -> Points:
    """An upright circle ``(32, 3)`` along the street."""
    turns = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.column_stack([np.full(32, x), y + radius * np.sin(turns), z + radius * np.cos(turns)])


def _disc(x: float, y: float, z: float, half_x: float, half_y: float) -> Points:
    """An upright ellipse ``(24, 3)`` that faces the camera."""
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.column_stack([x + half_x * np.cos(turns), y + half_y * np.sin(turns), np.full(24, z)])


def _dim(colour: Colour, share: float) -> Colour:
    return int(colour[0] * share), int(colour[1] * share), int(colour[2] * share)


def _rgba(colour: NDArray[np.float64]) -> tuple[int, int, int, int]:
    red, green, blue = np.clip(colour, 0, 255).astype(int).tolist()
    return red, green, blue, 255
