"""An event of a file, as the report shows it."""

from platestream.core.origin import in_words
from platestream.core.plate_event import PlateEvent
from platestream.core.types import Rgb
from platestream.sinks.report import Picture, ReportRow
from platestream.video.pictures import encode_jpeg, shrink
from platestream.video.strips import SeenCrop, Strip

_CROP_PX, _STRIP_PX = 360, 150
"""Widest pictures of a report: a thousand plates should make a page that still opens."""


def report_row(event: PlateEvent, crop: Rgb, strip: Strip) -> ReportRow:
    """A passage with its pictures.

    Args:
        event: What was read.
        crop: The best crop ``(H, W, 3)`` uint8.
        strip: Frames of the passage; one that is alone is the crop itself, and not shown again.
    """
    seen = strip.crops()
    is_picture = event.num_frames == 1
    more = [
        ("Could be from", in_words(event.regions)),
        ("Or perhaps", ", ".join(text for text, share in event.candidates[1:] if share >= 0.01)),
        ("Frames", "" if is_picture else f"{event.num_frames}, {event.num_read} of them read"),
    ]
    return ReportRow(
        plate=event.plate,
        plate_masked=event.plate_masked,
        confidence=event.confidence,
        when="" if is_picture else f"{clock(event.first_pts_s)}–{clock(event.last_pts_s)}",
        sort_s=event.first_pts_s,
        where=event.source,
        picture=Picture(small_jpeg(crop, _CROP_PX)),
        more=tuple((name, value) for name, value in more if value),
        strip=tuple(map(_frame, seen)) if len(seen) > 1 else (),
    )


def small_jpeg(rgb: Rgb, width_px: int) -> bytes:
    """A picture ``(H, W, 3)`` uint8 as a JPEG no wider than wanted."""
    return encode_jpeg(shrink(rgb, width_px), 82)


def clock(seconds: float) -> str:
    """A place in a video as players show it: ``1:02:03.4``, or ``2:03.4`` within the first hour."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    front = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{front}:{tenths / 10:04.1f}"


def _frame(seen: SeenCrop) -> Picture:
    said = seen.reading.text or "nothing" if seen.reading else ""
    return Picture(
        small_jpeg(seen.crop.rgb, _STRIP_PX),
        f"{clock(seen.crop.pts_s)} {said}".rstrip(),
        was_read=seen.reading is not None,
    )
