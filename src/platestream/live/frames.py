"""The whole frames that plates in view may still want for their events, in bounded memory."""

from collections.abc import Collection

from platestream.core.types import Frame, Rgb
from platestream.video.pictures import decode_picture, encode_jpeg

MAX_RAW_BYTES = 32 * 2**20
"""Above this the oldest frames are kept as JPEG: a twentieth of the memory, for some work."""


class FrameShelf:
    """Frames by their index; nobody's frames go at once."""

    def __init__(self) -> None:
        self._raw: dict[int, Rgb] = {}
        self._packed: dict[int, bytes] = {}

    def keep(self, frame: Frame, wanted: Collection[int]) -> None:
        """Add a frame if it is wanted, and let go of all that are not.

        Args:
            frame: The newest.
            wanted: Indices of the frames to keep.
        """
        if frame.index in wanted:
            self._raw[frame.index] = frame.rgb
        self._raw = {index: rgb for index, rgb in self._raw.items() if index in wanted}
        self._packed = {index: jpeg for index, jpeg in self._packed.items() if index in wanted}
        while sum(rgb.nbytes for rgb in self._raw.values()) > MAX_RAW_BYTES:
            oldest = min(self._raw)
            self._packed[oldest] = encode_jpeg(self._raw.pop(oldest))

    def get(self, index: int) -> Rgb | None:
        """A frame that was kept; None for any other."""
        if index in self._packed:
            return decode_picture(self._packed[index], f"frame {index}")
        return self._raw.get(index)
