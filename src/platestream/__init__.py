"""platestream reads licence plates from video.

It looks at every frame cheaply, reads only the frames worth reading, and gives one plate for
each vehicle. The names below are the public ones; each is loaded when it is first used, so
that importing the package costs nothing. They stand, with their types, in ``__init__.pyi``.
"""

import os

import lazy_loader

from platestream.core.limits import MAX_PICTURE_PIXELS as _MAX_PICTURE_PIXELS

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(_MAX_PICTURE_PIXELS))

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
