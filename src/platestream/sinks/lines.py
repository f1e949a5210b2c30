"""A file of lines that a crash loses nothing of: each is on its way to disk as soon as written."""

from pathlib import Path

from platestream.core.errors import StoreError
from platestream.core.private import make_private_folder, open_private


class LineFile:
    """Starts a file anew in a folder and adds to it; use it in a ``with`` statement.

    Args:
        folder: Made if missing.
        name: Of the file.

    Attributes:
        path: The file.

    Raises:
        StoreError: either cannot be made; names it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / name
        try:
            make_private_folder(folder)
            # Unbuffered, so that a crash loses no line that was written.
            self._file = open_private(self.path, "wb", buffering=0)
        except OSError as error:
            msg = f"{self.path}: cannot be written ({error.strerror}); choose another folder"
            raise StoreError(msg) from error

    def __enter__(self) -> "LineFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, text: str, what: str) -> None:
        """Append text as UTF-8.

        Args:
            text: Whole lines.
            what: What it is, for the message.

        Raises:
            StoreError: the disk is full or gone; what came before is kept whole.
        """
        # A file name that is not UTF-8 holds lone surrogates; they are written as escapes.
        rest = text.encode(errors="backslashreplace")
        try:
            while rest:  # a raw file may take a part only
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            msg = f"{self.path}: cannot write {what} ({error.strerror}); make room there"
            raise StoreError(msg) from error
