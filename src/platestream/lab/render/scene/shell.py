"""Shapes of vehicles: stacks of rings, each the outline of the plan at one height.

Coordinates are metres from the middle of the near end, on the road.
"""

from dataclasses import dataclass

import numpy as np

from platestream.lab.render.scene.lens import Points

CORNER_M = 0.16
"""Radius of the corners of the plan."""

CROWN_M = 0.07
"""How far the near face bulges."""

NUM_FACE, NUM_CORNER, NUM_SIDE = 28, 7, 16
"""Points along the near face, each corner and each side of a ring."""

_RING_STEP_M = 0.035


@dataclass(frozen=True, slots=True)
class Shell:
    """The shape of a vehicle, seen from the end that faces the camera.

    Attributes:
        rings: ``(y, half width, z of the near face, z of the far end)`` from the sill to the roof.
        glass: Heights between which the near face has a window.
        side_glass: The same of the sides; equal for none.
        lamps: Heights of the lamps, and how far they reach in from the corner, metres.
        wheels: z of the axles.
        is_front: Whether the camera sees its front.
    """

    rings: tuple[tuple[float, float, float, float], ...]
    glass: tuple[float, float]
    side_glass: tuple[float, float]
    lamps: tuple[float, float, float]
    wheels: tuple[float, float]
    is_front: bool = False

    @property
    def half_width_m(self) -> float:
        """Of its widest ring."""
        return max(ring[1] for ring in self.rings)

    @property
    def far_m(self) -> float:
        """Where its far end is, z."""
        return max(ring[3] for ring in self.rings)

    def at(self, y: Points | float) -> Points:
        """Half width, z of the near face, z of the far end at heights ``(...)``: ``(3, ...)``."""
        heights, *columns = np.array(self.rings).T
        return np.array([np.interp(y, heights, column) for column in columns])

    def grid(self) -> Points:
        """Points ``(heights, columns, 3)``: up the left side, around the near end, back."""
        ys = np.array([ring[0] for ring in self.rings])
        heights = np.union1d(np.arange(ys[0], ys[-1], _RING_STEP_M), ys)
        w, near, far = self.at(heights)[..., None]
        turn = np.linspace(0, np.pi / 2, NUM_CORNER)[None]
        flat = np.linspace(-1, 1, NUM_FACE)[None]
        radius = np.minimum(CORNER_M, w * 0.5)
        corner_x, corner_z = (1 - np.cos(turn)) * radius, (1 - np.sin(turn)) * radius
        side_z = far + (near + CROWN_M + radius - far) * np.linspace(0, 1, NUM_SIDE)[None]
        face_x = flat * (w - radius)
        face_z = near + CROWN_M * np.abs(flat) ** 2.5
        x = np.hstack([-w + 0 * side_z, -w + corner_x, face_x, (w - corner_x)[:, ::-1],
                       w + 0 * side_z])  # fmt: skip
        z = near + CROWN_M + corner_z
        z = np.hstack([side_z, z, face_z, z[:, ::-1], side_z[:, ::-1]])
        return np.stack([x, np.broadcast_to(heights[:, None], x.shape), z], axis=-1)

    def footprint(self) -> Points:
        """Corners ``(4, 3)`` of the ground below it, the near side first."""
        width, far = self.half_width_m, self.far_m
        return np.array([[-width, 0, 0.1], [width, 0, 0.1], [width, 0, far], [-width, 0, far]])

    def on_face(self, outline: list[tuple[float, float]] | Points) -> Points:
        """Put points ``(K, 2)``, x and y, on the near face: ``(K, 3)``."""
        x, y = np.array(outline).T
        half_width, near, _ = self.at(y)
        bulge = CROWN_M * np.minimum(1.0, np.abs(x) / (half_width - CORNER_M)) ** 2.5
        return np.column_stack([x, y, near + bulge - 0.004])

    def rectangle(
        self, x: float, y: float, half_x: float, half_y: float, roundness: float = 0.35
    ) -> Points:
        """A rectangle ``(24, 3)`` on the near face, its corners rounded; an oval at 1."""
        radius = roundness * min(half_x, half_y)
        turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        xs = x + np.sign(np.cos(turns)) * (half_x - radius) + radius * np.cos(turns)
        ys = y + np.sign(np.sin(turns)) * (half_y - radius) + radius * np.sin(turns)
        return self.on_face(np.column_stack([xs, ys]))


HATCH_REAR = Shell(
    ((0.2, 0.76, 0.1, 3.9), (0.3, 0.84, 0.03, 4.0), (0.52, 0.88, 0.0, 4.0),
     (0.58, 0.885, 0.02, 4.0), (0.62, 0.885, 0.07, 4.0), (0.9, 0.88, 0.12, 3.9),
     (0.98, 0.86, 0.16, 3.4), (1.04, 0.82, 0.22, 2.9), (1.38, 0.67, 0.55, 2.2),
     (1.46, 0.6, 0.62, 2.0), (1.5, 0.5, 0.75, 1.9)),
    (1.02, 1.37), (1.05, 1.36), (0.74, 0.97, 0.24), (0.75, 3.2),
)  # fmt: skip
SUV_REAR = Shell(
    ((0.28, 0.8, 0.12, 4.3), (0.36, 0.88, 0.03, 4.4), (0.62, 0.93, 0.0, 4.4),
     (0.68, 0.935, 0.03, 4.4), (0.72, 0.935, 0.08, 4.4), (1.02, 0.93, 0.12, 4.3),
     (1.1, 0.9, 0.15, 3.7), (1.17, 0.87, 0.18, 3.2), (1.56, 0.75, 0.38, 2.5),
     (1.65, 0.68, 0.45, 2.3), (1.69, 0.56, 0.58, 2.1)),
    (1.15, 1.55), (1.18, 1.54), (0.8, 1.1, 0.2), (0.85, 3.5),
)  # fmt: skip
SEDAN_FRONT = Shell(
    ((0.19, 0.78, 0.14, 4.4), (0.28, 0.86, 0.05, 4.5), (0.46, 0.89, 0.0, 4.6),
     (0.6, 0.9, 0.02, 4.6), (0.7, 0.9, 0.08, 4.6), (0.78, 0.88, 0.22, 4.5),
     (0.85, 0.85, 0.6, 4.4), (0.92, 0.83, 1.15, 4.3), (0.97, 0.8, 1.35, 4.2),
     (1.36, 0.63, 1.95, 3.6), (1.43, 0.55, 2.15, 3.3), (1.46, 0.45, 2.35, 3.0)),
    (0.98, 1.36), (1.0, 1.34), (0.58, 0.75, 0.36), (0.85, 3.6), is_front=True,
)  # fmt: skip
SUV_FRONT = Shell(
    ((0.26, 0.82, 0.14, 4.5), (0.36, 0.9, 0.04, 4.6), (0.58, 0.94, 0.0, 4.6),
     (0.8, 0.95, 0.02, 4.6), (0.92, 0.94, 0.06, 4.6), (1.0, 0.92, 0.2, 4.6),
     (1.07, 0.9, 0.7, 4.6), (1.13, 0.88, 1.1, 4.5), (1.18, 0.86, 1.25, 4.4),
     (1.58, 0.72, 1.75, 4.2), (1.67, 0.65, 1.95, 4.1), (1.71, 0.55, 2.15, 4.0)),
    (1.19, 1.58), (1.2, 1.55), (0.76, 0.93, 0.34), (0.9, 3.7), is_front=True,
)  # fmt: skip
VAN_REAR = Shell(
    ((0.3, 0.86, 0.08, 4.8), (0.38, 0.92, 0.02, 4.9), (0.55, 0.95, 0.0, 4.9),
     (0.6, 0.95, 0.06, 4.9), (1.2, 0.95, 0.08, 4.9), (1.3, 0.945, 0.09, 4.6),
     (1.85, 0.87, 0.16, 4.0), (2.02, 0.81, 0.22, 3.8), (2.08, 0.7, 0.34, 3.7)),
    (1.32, 1.78), (1.3, 1.3), (0.78, 1.2, 0.12), (0.9, 4.0),
)  # fmt: skip
