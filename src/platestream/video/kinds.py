"""What pictures may be. Light to import: the command line shows the names."""

from enum import StrEnum


class Kind(StrEnum):
    """What the pictures of a folder are; the values are those of ``--as``."""

    PHOTOS = "photos"
    STREAMS = "streams"
    CROPS = "crops"


SAID = {
    Kind.PHOTOS: ("whole photo", "whole photos"),
    Kind.STREAMS: ("crop of plate streams", "crops of plate streams"),
    Kind.CROPS: ("crop of one plate", "crops of one plate each"),
}
"""One and many of them, as people are told."""
