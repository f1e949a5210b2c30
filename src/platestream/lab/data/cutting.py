"""From labelled pictures to pictures of one plate."""

from collections.abc import Iterable

from platestream.core.types import Rgb
from platestream.lab.data.sample import Sample
from platestream.models.preprocess import CROP_MARGIN, cut
from platestream.video.pictures import read_picture


def cut_sample(sample: Sample, margin: float = CROP_MARGIN) -> Rgb:
    """The plate of a sample: its whole picture, or its box grown by `margin`.

    Raises:
        SourceError: the picture cannot be read.
    """
    return cut_from(read_picture(sample.file), sample, margin)


def cut_from(picture: Rgb, sample: Sample, margin: float = CROP_MARGIN) -> Rgb:
    """The plate of a sample whose picture is at hand."""
    return picture if sample.box_xyxy is None else cut(picture, sample.box_xyxy, margin)


def with_plates(samples: Iterable[Sample]) -> list[Sample]:
    """Samples of which a picture of the plate alone, with its text, can be had.

    In a set of full frames those without a labelled box are left out: nobody knows where the
    plate is.
    """
    labelled = [sample for sample in samples if sample.text]
    boxed = any(sample.box_xyxy for sample in labelled)
    return [sample for sample in labelled if sample.box_xyxy or not boxed]
