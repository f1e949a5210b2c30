"""What there is to read at a path: a file, or a folder with all that lies below it.

Sub-folders are walked, whether they are dates, cameras or plates. What the pictures of each folder
are is told by `looks`, or by the user. Nothing is passed over in silence.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from platestream.core.errors import SourceNotFound
from platestream.core.urls import shown_address
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.kinds import Kind
from platestream.video.pictures import is_picture, list_folder, natural_key
from platestream.video.sources import CropStream, PictureSource, Source, is_video
from platestream.video.videos import VideoSource

ENOUGH_ALIKE = 12
"""Folders side by side that are of one kind; the rest of them are not looked into."""

_NOT_THEIRS = frozenset({"@eaDir", "__MACOSX", "lost+found"})
"""Folders that a file system or archiver makes for itself."""

_RESULTS = ({"events.jsonl", "updates.jsonl"}, {"events.jsonl", "manifest.db"})
"""What a run, or one over an archive, leaves in its folder."""

_WRITTEN = frozenset({"crops", "annotated"})
"""Folders that lie beside them: a run's own results are nothing to read."""

# A path has one slash where the address had two.
_ADDRESS = re.compile(r"(rtsps?|rtmps?|https?|udp|srt):/", re.IGNORECASE)

Judge: TypeAlias = Callable[[Sequence[Path]], Kind]


@dataclass(frozen=True, slots=True)
class Found:
    """Something to read.

    Attributes:
        path: A file, or the folder of a plate stream.
        kind: What the picture or pictures are; None of a video.
    """

    path: Path
    kind: Kind | None = None

    def open(self, decoder: str = DEFAULT_DECODER) -> Source:
        """Open it.

        Args:
            decoder: What decodes a video, one of `decoders.DECODER_NAMES`.

        Raises:
            SourceNotFound: it is not there, is empty, or is nothing we can read.
            FrameDecodeError: the picture is broken, too small or too large.
        """
        if self.kind is None:
            return VideoSource(self.path, decoder)
        if self.kind is Kind.PHOTOS:
            return PictureSource(self.path)
        return CropStream(self.path)


@dataclass(slots=True)
class Survey:
    """What was found, and what was not taken.

    Attributes:
        found: What to read, in natural order.
        decided: How many pictures of each kind there are, where it was told from the pictures.
        passed_over: How many files were left alone, by what they are.
    """

    found: list[Found] = field(default_factory=list)
    decided: Counter[Kind] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)


def survey(path: Path, judge: Judge, kind: Kind | None = None) -> Survey:
    """Find what to read; opening is left to the caller, so that a broken file stops no other.

    Args:
        path: A file or folder.
        judge: Tells what pictures of a folder are, or one picture given by itself.
        kind: What all pictures are; nobody is asked then.

    Raises:
        SourceNotFound: there is no such path, or nothing to read below it.
    """
    result = Survey()
    if not path.exists():
        raise SourceNotFound(_missing(path))
    if not path.is_dir():
        if not is_picture(path):
            return Survey([Found(path)])
        own = _one(kind or judge([path]))
        if kind is None:
            result.decided[own] += 1
        result.found.append(Found(path, own))
        return result
    _Walk(judge, kind, result).into(path)
    if not result.found:
        others = say_passed_over(result.passed_over)
        only = f", only {others}" if others else ""
        msg = f"{path}: the folder holds no pictures or videos{only}; give one that does"
        raise SourceNotFound(msg)
    return result


def _missing(path: Path) -> str:
    if scheme := _ADDRESS.match(str(path)):
        # Of two slashes a path keeps one.
        shown = shown_address(f"{scheme[0]}/{str(path)[scheme.end() :]}")
        if scheme[1].lower().startswith("http"):
            to_do = "add --jobs 1 to read a film there, or `platestream serve` to watch a camera"
            return f"{shown}: an address; {to_do}"
        return f"{shown}: a live stream; `platestream serve` watches those, `run` reads files"
    if str(path).isdecimal() or path.match("/dev/video*"):
        return f"{path}: no such file; `platestream serve` watches webcams, as `url: {path}`"
    if str(path).lower() in ("true", "false", "yes", "no"):
        return f"{path}: no such file; options such as --annotate take no value, leave it away"
    return f"{path}: no such file or folder; check the path"


def say_passed_over(passed_over: Counter[str]) -> str:
    """What was left alone, most of it first: ``3 .txt, 1 without suffix``."""
    return ", ".join(f"{number} {what}" for what, number in passed_over.most_common())


class _Walk:
    """One walk through folders, each entered once whatever links lead there."""

    def __init__(self, judge: Judge, kind: Kind | None, result: Survey) -> None:
        self._judge, self._kind, self._result = judge, kind, result
        self._been: set[Path] = set()
        self._siblings: defaultdict[Path, Counter[Kind]] = defaultdict(Counter)

    def into(self, folder: Path) -> None:
        real = folder.resolve()
        if real in self._been:
            return
        self._been.add(real)
        entries = sorted(visible(folder), key=natural_key)
        names = {entry.name for entry in entries}
        if any(names >= results for results in _RESULTS):
            self._result.passed_over["folder of results"] += 1
            entries = [e for e in entries if _may_be_theirs(e)]
        pictures = [p for p in entries if p.is_file() and is_picture(p)]
        taken = set(pictures)
        kind = self._kind_of(folder, pictures) if pictures else None
        if kind is Kind.STREAMS:
            self._result.found.append(Found(folder, kind))
        for entry in entries:
            if entry.is_dir():
                self._below(entry)
            elif entry in taken:
                if kind is not Kind.STREAMS:
                    self._result.found.append(Found(entry, kind))
            elif entry.is_file() and is_video(entry):
                self._result.found.append(Found(entry))
            else:
                self._result.passed_over[entry.suffix.lower() or "without suffix"] += 1

    def _below(self, folder: Path) -> None:
        try:
            self.into(folder)
        except SourceNotFound:
            # Opening it says why, and stops no other.
            self._result.found.append(Found(folder, Kind.STREAMS))

    def _kind_of(self, folder: Path, pictures: list[Path]) -> Kind:
        if self._kind:
            return self._kind
        told = self._siblings[folder.parent]
        kind = next((k for k, n in told.items() if n >= ENOUGH_ALIKE and len(told) == 1), None)
        if kind is None:
            kind = self._judge(pictures)
            told[kind] += 1
        self._result.decided[kind] += len(pictures)
        return kind


def _may_be_theirs(path: Path) -> bool:
    """Whether what lies among a run's results may be none of them."""
    return path.name not in _WRITTEN if path.is_dir() else is_picture(path) or is_video(path)


def visible(folder: Path) -> Iterator[Path]:
    """What lies in a folder, without hidden files and folders that are nobody's.

    Raises:
        SourceNotFound: it cannot be looked into.
    """
    return (p for p in list_folder(folder) if p.name[0] != "." and p.name not in _NOT_THEIRS)


def walk_files(folder: Path) -> Iterator[Path]:
    """All files below a folder; a sub-folder that goes away meanwhile is none.

    Raises:
        SourceNotFound: the folder itself cannot be looked into.
    """
    waiting, been = [folder], set[Path]()
    while waiting:
        here = waiting.pop()
        if here.resolve() in been:
            continue
        been.add(here.resolve())
        try:
            entries = list(visible(here))
        except SourceNotFound:
            if here == folder:
                raise
            continue
        waiting += [entry for entry in entries if entry.is_dir()]
        yield from (entry for entry in entries if not entry.is_dir())


def _one(kind: Kind) -> Kind:
    """Of one picture by itself: it is no stream."""
    return Kind.CROPS if kind is Kind.STREAMS else kind
