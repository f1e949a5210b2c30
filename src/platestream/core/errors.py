"""Every error platestream raises on purpose.

The tree::

    PlatestreamError
    ├── ConfigError            an option or a combination of options makes no sense
    ├── SourceError            something to read frames or crops from
    │   ├── SourceNotFound     it is not there, is empty, or holds nothing we can read
    │   ├── SourceLost         it was readable and then ended too soon
    │   └── FrameDecodeError   one picture is broken, too small or too large
    ├── ModelError             network weights
    │   ├── WeightsNotFound    no such model, or its file is missing
    │   ├── ChecksumMismatch   the file's bytes are not those its card names
    │   └── ModelContractError the network's inputs or outputs are not what its card says
    ├── DataError              a label file or data set is wrong; names file and row
    ├── ShapeError             an array has the wrong shape or type
    ├── StoreError             results could not be written, or the event store fails
    │   ├── EventNotFound      no such event, or it has no such picture any more
    │   └── StoreBusy          the store has too much to do, or a question takes it too long
    ├── SinkError              somebody could not be told; it is tried again later
    │   └── SinkRefused        they looked at it and will not have it
    └── Interrupted            the user stopped the run

Each message names the file, key or row, and says what to do. Each class carries the
exit code the command line ends with.
"""


class PlatestreamError(Exception):
    """Base of every error below; catch it to catch them all."""

    exit_code = 1


class ConfigError(PlatestreamError):
    """An option, or a combination of options, makes no sense."""

    exit_code = 2


class SourceError(PlatestreamError):
    """A video, picture or folder cannot be used."""

    exit_code = 3


class SourceNotFound(SourceError):  # noqa: N818 - the names are those of the design's tree
    """The source is not there, is empty, or holds nothing readable."""


class SourceLost(SourceError):  # noqa: N818
    """The source was readable and then ended before its end."""


class FrameDecodeError(SourceError):
    """One picture is broken, too small or too large."""


class ModelError(PlatestreamError):
    """Network weights cannot be used."""

    exit_code = 4


class WeightsNotFound(ModelError):  # noqa: N818
    """No such model, or its weight file is missing."""


class ChecksumMismatch(ModelError):  # noqa: N818
    """A weight file's bytes are not the ones its card names."""


class ModelContractError(ModelError):
    """A network's inputs or outputs are not what its card says."""


class DataError(PlatestreamError):
    """A label file or a data set is wrong; the message names file and row."""

    exit_code = 5


class ShapeError(PlatestreamError):
    """An array has the wrong shape or type."""

    exit_code = 6


class StoreError(PlatestreamError):
    """Results could not be written, or the event store fails."""

    exit_code = 7


class EventNotFound(StoreError):  # noqa: N818
    """There is no such event, or it has no such picture any more."""


class StoreBusy(StoreError):  # noqa: N818
    """The store has too much to do, or a question takes it too long; ask for less, or later."""


class SinkError(PlatestreamError):
    """Somebody could not be told of an event; trying again later may help.

    Args:
        message: Whom, and why.
        wait_s: How long they ask to be left alone; None when they did not say.
    """

    exit_code = 8

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class SinkRefused(SinkError):  # noqa: N818
    """The receiver looked at this very message and will not have it."""


class Interrupted(PlatestreamError):  # noqa: N818
    """The user stopped the run."""

    exit_code = 130
