"""The live wall, and how the cameras do."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from platestream.service.web.context import UsesIdentity, UsesServices
from platestream.service.web.pages.plate_cards import newest
from platestream.service.web.rendering import render_page

router = APIRouter()


@router.get("/")
def wall(request: Request, services: UsesServices, identity: UsesIdentity) -> Response:
    """Each camera's picture and newest plates."""
    health = services.health()
    cameras = [
        {
            "name": name,
            "health": health.get(name),
            "cards": newest(name, services.wall, services.store),
        }
        for name in services.camera_names()
    ]
    context = {
        "cameras": cameras,
        "may_watch": services.may_watch(identity),
        "may_edit": services.may_edit_cameras(identity),
    }
    return render_page(request, "wall.html", context)


@router.get("/cameras")
def cameras(request: Request, services: UsesServices, identity: UsesIdentity) -> Response:
    """Each camera's health, and that of the store and of those who are told."""
    health = services.health()
    edited = services.camera_editor.all() if services.camera_editor else []
    context = {
        "health": health,
        "paused": [camera.name for camera in edited if camera.name not in health],
        "editable": {camera.name for camera in edited},
        "may_edit": services.may_edit_cameras(identity),
        "store": services.store_health(),
        "sinks": services.sinks_health(),
    }
    return render_page(request, "cameras.html", context)
