"""platestream reads licence plates from video.

It looks at every frame cheaply, reads only the frames worth reading, and gives one plate for
each vehicle. The names below are the public ones; each is loaded when it is first used, so
that importing the package costs nothing. They stand, with their types, in ``__init__.pyi``.
"""

import os

import lazy_loader

MAX_PICTURE_PIXELS = 50_000_000
"""Pictures of more are refused by the decoder itself, before it takes memory for them.

It looks once, when cv2 is loaded, so it is told here, before any module of ours can load it. Who
loads cv2 before platestream and decodes strangers' pictures sets the variable first.
"""
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PICTURE_PIXELS))

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
