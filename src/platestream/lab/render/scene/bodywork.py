"""Vehicles as facets between the rings of their shells, lit one by one."""

import numpy as np
from numpy.typing import NDArray

from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.scene.brush import NEAREST_M, Brush, Layer
from platestream.lab.render.scene.lens import Lens, Points
from platestream.lab.render.scene.light import SUN, shade_at, surroundings
from platestream.lab.render.scene.shell import CORNER_M, CROWN_M, NUM_CORNER, NUM_FACE, NUM_SIDE
from platestream.lab.render.scene.trim import draw_behind, draw_on_top
from platestream.lab.render.scene.vehicle import NumberPlate, Vehicle

_FRONT_LAMP, _REAR_LAMP = (196, 202, 208), (150, 14, 18)
_GLASS, _PLASTIC = (26, 31, 36), (34, 34, 36)
_ROOF = -NUM_FACE // 2 - NUM_SIDE - NUM_CORNER
"""The facet in the middle of the near end's highest row: the flat roof has its colour."""


class Body:
    """A vehicle's facets, made once.

    Args:
        vehicle: Which.
        plate: What it carries.
        book: Draws its lettering.
    """

    def __init__(self, vehicle: Vehicle, plate: NumberPlate, book: GlyphBook) -> None:
        self.vehicle, self.plate = vehicle, plate
        grid = vehicle.shell.grid()
        self._facets, self._roof = _corners_of(grid), grid[-1]
        self._normals = _smooth_normals(grid)
        self._materials = self._pick_materials()
        self._base = self._base_colours()
        self._lettering = [book.words(FAMILIES["bold"][0], line) for line in vehicle.words]

    def draw(self, layer: Layer, lens: Lens, position: Points) -> None:
        """Draw it into a layer.

        Args:
            layer: Changed in place.
            lens: Projects to the layer's pixels.
            position: Of the vehicle, see `Vehicle.position`.
        """
        shade = float(shade_at(float(position[2])))
        sun = 1 - 0.85 * shade
        brush = Brush(layer, lens, position, 1 - 0.22 * shade)
        draw_behind(self.vehicle, brush)
        self._draw_facets(brush, sun)
        draw_on_top(self.vehicle, brush, self._lettering)
        brush.paste(self.plate.rgb * (0.62 + 0.38 * sun), self.plate_quad())

    def plate_quad(self) -> Points:
        """Corners ``(4, 3)`` of its plate, relative to its position."""
        half_x, half_y = self.plate.size_m[0] / 2, self.plate.size_m[1] / 2
        y = self.vehicle.plate_y_m
        z = self.vehicle.shell.on_face([(0, y)])[0, 2] - 0.03
        return np.array([[-half_x, y + half_y, z], [half_x, y + half_y, z],
                         [half_x, y - half_y, z], [-half_x, y - half_y, z]])  # fmt: skip

    def _pick_materials(self) -> NDArray[np.str_]:
        """Name what each facet is made of: ``(facets,)``."""
        x, y, z = self._facets.mean(axis=1).T
        shell = self.vehicle.shell
        width, near, far = shell.at(y)
        on_side = z > near + CROWN_M + CORNER_M * 0.9
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
        material[y < shell.rings[1][0]] = "plastic"
        return material

    def _base_colours(self) -> NDArray[np.float64]:
        """What each facet looks like in plain light: ``(facets, 3)``, 0..255."""
        lamp = _FRONT_LAMP if self.vehicle.shell.is_front else _REAR_LAMP
        colours = {"paint": self.vehicle.paint, "lamp": lamp, "glass": _GLASS, "plastic": _PLASTIC}
        return np.array([colours[material] for material in self._materials], np.float64)

    def _draw_facets(self, brush: Brush, sun: float) -> None:
        points = self._facets + brush.position
        eye = points.mean(axis=1) - (0, brush.lens.height_m, 0)
        distance = np.linalg.norm(eye, axis=1)
        facing = -(eye * self._normals).sum(axis=1) / distance
        colours = self._lit(eye / distance[:, None], facing, sun) * brush.light
        roof = brush.lens.project(self._roof + brush.position)
        brush.fill_pixels(roof[None], colours[_ROOF][None])
        seen = (facing > -0.02) & (points[:, :, 2].min(axis=1) > NEAREST_M)
        order = np.argsort(-distance)
        order = order[seen[order]]
        brush.fill_pixels(brush.lens.project(points[order]), colours[order])

    def _lit(self, eye: Points, facing: NDArray[np.float64], sun: float) -> NDArray[np.float64]:
        """Light the facets.

        Args:
            eye: ``(facets, 3)`` directions from the camera, of length 1.
            facing: ``(facets,)`` 1 where a facet faces the camera, below 0 where it turns away.
            sun: Share of the sunlight that arrives.

        Returns:
            ``(facets, 3)``, 0..255 and above.
        """
        normals, material = self._normals, self._materials
        mirrored = eye + 2 * facing[:, None] * normals
        diffuse = 0.42 + 0.16 * normals[:, 1] + 0.62 * sun * np.clip(normals @ SUN, 0, None)
        gloss = 0.05 + 0.75 * np.clip(1 - facing, 0, 1) ** 4
        gloss = np.where(material == "glass", 0.14 + gloss, gloss)
        gloss = np.where(material == "plastic", gloss * 0.2, gloss)
        glint = 170 * sun * np.clip(mirrored @ SUN, 0, 1) ** 60 * (material != "plastic")
        colours = self._base * diffuse[:, None] + gloss[:, None] * surroundings(mirrored)
        return np.asarray(colours + glint[:, None], np.float64)


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
