"""How a camera does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """How a camera does."""

    state: Literal["connecting", "live", "frozen", "black", "lost"]
    since: datetime
    fps_in: float = 0.0
    fps_done: float = 0.0
    num_dropped: int = 0
    num_reconnects: int = 0
    plate_width_px: float | None = None
    sharpness: float | None = None
    brightness: float | None = None
    readable_share: float | None = None
    reads_saved_share: float | None = None
    last_frame_at: datetime | None = None
    last_error: str = ""
