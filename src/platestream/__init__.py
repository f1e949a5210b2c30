"""platestream reads licence plates from video.

It looks at every frame cheaply, reads only the frames worth reading, and gives one plate for
each vehicle. The names below are the public ones; each is loaded when it is first used, so
that importing the package costs nothing. They stand, with their types, in ``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
