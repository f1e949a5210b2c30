"""What anything from outside may cost."""

MAX_PICTURE_PIXELS = 50_000_000
"""Pictures and frames of more are refused by the decoder itself, before it takes memory for them.

OpenCV looks once, when cv2 is loaded, so the package tells it before any module of ours loads it.
Who loads cv2 before platestream and decodes strangers' pictures sets the variable first.
"""
