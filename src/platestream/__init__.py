"""platestream reads licence plates from video.

It looks at every frame cheaply, reads only the frames worth reading, and gives one plate for
each vehicle. The names below are the public ones; each is loaded when it is first used, so
that importing the package costs nothing.
"""

import os
from importlib import import_module
from typing import Any

MAX_PICTURE_PIXELS = 50_000_000
"""Pictures of more are refused by the decoder itself, before it takes memory for them.

It looks once, when cv2 is loaded, so it is told here, before any module of ours can load it. Who
loads cv2 before platestream and decodes strangers' pictures sets the variable first.
"""
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PICTURE_PIXELS))

_HOMES = {
    "core.errors": [
        "PlatestreamError",
        "ConfigError",
        "SourceError",
        "ModelError",
        "DataError",
        "ShapeError",
        "StoreError",
    ],
    "core.types": [
        "Frame",
        "Detection",
        "PlateCrop",
        "Reading",
        "PlateDecision",
        "Plate",
        "PlateEvent",
    ],
    "stream.recognizer": ["PlateRecognizer"],
    "stream.rules": ["make_rule"],
    "models.bundle": ["load_detector", "load_networks"],
    "video.pipeline": ["Pipeline"],
    "video.sources": ["list_sources", "open_source"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        msg = f"platestream has no {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"platestream.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
