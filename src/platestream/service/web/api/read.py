"""``POST /api/v1/read``: the plates of one picture."""

from fastapi import APIRouter, HTTPException, UploadFile

from platestream.live.image_reader import MAX_PIXELS
from platestream.service.web.api.schemas import Answer, FoundPlateAnswer
from platestream.service.web.context import UsesServices
from platestream.video.pictures import decode_upload

router = APIRouter(prefix="/api/v1", tags=["read"])


class ReadAnswer(Answer):
    """The plates of a picture, surest first."""

    width: int
    height: int
    plates: list[FoundPlateAnswer]


@router.post("/read")
def read_picture(services: UsesServices, image: UploadFile) -> ReadAnswer:
    """Find and read the plates of a PNG or JPEG. Nothing of it is kept."""
    if services.reader is None:
        raise HTTPException(503, "this server reads no pictures")
    if not services.upload_places.acquire(blocking=False):
        raise HTTPException(429, "busy with other pictures; try again", {"Retry-After": "1"})
    try:
        rgb = decode_upload(image.file.read(), "image", MAX_PIXELS)
        found = services.reader(rgb)
    finally:
        services.upload_places.release()
    height, width = rgb.shape[:2]
    plates = [FoundPlateAnswer.of(plate) for plate in found]
    return ReadAnswer(width=width, height=height, plates=plates)
