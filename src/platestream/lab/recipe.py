"""A recipe: everything that makes a folder of weights, in one typed TOML file."""

import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from platestream.lab.networks.eqlpr import Arch
from platestream.lab.train.eqlpr import Target


@dataclass(frozen=True, slots=True)
class Plates:
    """What readers learn from.

    Attributes:
        templates: Rendered plates.
        batch: Plates a step.
        real_share: Share of real plates in a batch.
        wrong_lift: How much more often crops are seen that the start of a stage reads wrongly.
        two_row_lift: The same of those that mostly show two rows.
        stack_share: Share of averaged frames in a batch.
        stacks: Of them, made once.
        corrections: File of labels put right by eye, beside the recipe; none where empty.
        looked_at: Sets whose labels were looked at: none is left out as doubtful.
        lifted: How much more often than by its plates a set is seen; 0 leaves it out.
    """

    templates: int = 40_000
    batch: int = 128
    real_share: float = 0.6
    wrong_lift: float = 1.0
    two_row_lift: float = 1.0
    stack_share: float = 0.0
    stacks: int = 6_000
    corrections: str = ""
    looked_at: tuple[str, ...] = ()
    lifted: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One run, after those above it.

    Attributes:
        name: Of its run folder.
        trains: What kind of network; "mean", of two runs' weights; or "regions", the head that says
            where plates are from, of the reader that the stages before it made.
        steps: Batches in all.
        seed: Of all randomness.
        arch: Of a reader.
        width: Channel multiplier of a reader; 1 is the paper's.
        height: Of a reader's patch, in pixels.
        lr: Peak learning rate; -1 for that of its kind of network.
        start: Stage whose reader this one starts from, or an ``.onnx``: by its path from the
            recipe, or as ``COMMIT:PATH`` of one that the repository held once; none where empty.
            A detector starts from a file alone.
        quality_start: Such a file that its quality branch starts from; none where empty.
        frozen_groups: First groups of the trunk, or blocks of a detector, that do not learn.
        quality_from: First step at which the quality branch learns; -1 for never.
        quality_every: From then on every so many-th step is its own.
        quality_lr: Its learning rate.
        target: What it learns, see `EqLprConfig`.
        ranking: Weight of ranking a plate's views.
        views: Pictures of each plate in a batch.
        real_share: In place of that of `Plates`; -1 to keep that.
        batch: Likewise.
        of: The two stages that a mean is of; the first may be a file, as `start` may.
        share: Of the second of them.
        ships: Whether its networks are exported.
    """

    name: str
    trains: Literal["detector", "corners", "reader", "mean", "regions"]
    steps: int = 0
    seed: int = 0
    arch: Arch = "nano"
    width: float = 0.5
    height: int = 32
    lr: float = -1.0
    start: str = ""
    quality_start: str = ""
    frozen_groups: int = 0
    quality_from: int = -1
    quality_every: int = 2
    quality_lr: float = 1e-3
    target: Target = "confidence"
    ranking: float = 0.0
    views: int = 1
    real_share: float = -1.0
    batch: int = -1
    of: tuple[str, ...] = ()
    share: float = 0.5
    ships: bool = True


@dataclass(frozen=True, slots=True)
class Sureness:
    """How the confidence is fitted, at the end; with `num_streams` 0 it is not.

    Attributes:
        num_streams: Rendered streams to fit on.
        num_held_out: Streams of real plates that no reader learned from.
        num_standing: Streams of such plates on vehicles that come and stand.
        num_singles: Of those plates, each seen once as it is.
        num_frames: Of each stream that goes by.
        standing_frames: Of each that stands; five times as many pass, see `STANDING_STEP`.
        arch: Whose it is.
        judge: Sets of the data folder whose split ``dev`` tells how well it holds.
        without: Sets that it is not fitted on, since readers chose their labels, see
            `labelled_by_readers`.
    """

    num_streams: int = 500
    num_held_out: int = 600
    num_standing: int = 400
    num_singles: int = 1500
    num_frames: int = 30
    standing_frames: int = 120
    arch: Arch = "nano"
    judge: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quick:
    """What ``--quick`` cuts a recipe down to: everything runs, nothing can read.

    Attributes:
        steps: At most so many in each stage.
        templates: At most so many rendered plates.
        batch: Pictures a step.
        width: Of readers.
        num_plates: Drawn plates that detector and corner network have.
        num_streams: Of each kind, for the confidence.
        num_frames: Of each stream.
        num_regions: Plates of each layout, and pictures of each set, for the head of regions.
    """

    steps: int = 60
    templates: int = 400
    batch: int = 16
    width: float = 0.125
    num_plates: int = 100
    num_streams: int = 20
    num_frames: int = 6
    num_regions: int = 10


_QUICK_LR = 1e-5
"""A few small batches at a whole rate shake a network that can read: of one that is sure of nothing
integers and floats read different things, and it would be refused as it ships."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that settles which weights come out, but the data.

    Attributes:
        plates: What readers learn from.
        stage: The runs, in order.
        confidence: How sure a plate is, fitted at the end.
        quick: See `Quick`.
        path: The file it is from.
        is_quick: Whether it was cut down.
    """

    plates: Plates
    stage: tuple[Stage, ...]
    confidence: Sureness = field(default_factory=Sureness)
    quick: Quick = field(default_factory=Quick)
    path: Path = Path("recipe.toml")
    is_quick: bool = False

    def cut_down(self) -> "Recipe":
        """The same stages, too short to learn anything."""
        quick = self.quick
        # What goes on from a file is as wide as that.
        starts = (name for s in self.stage for name in (s.start, s.quality_start, *s.of))
        is_from_nothing = not any(map(is_file, starts))
        stages = [
            replace(
                stage,
                steps=min(stage.steps, quick.steps),
                # Quality learns in the second half of what is left.
                quality_from=min(stage.quality_from, quick.steps // 2),
                batch=quick.batch,
                width=quick.width if is_from_nothing else stage.width,
                lr=stage.lr if is_from_nothing or stage.lr < 0 else _QUICK_LR,
            )
            for stage in self.stage
        ]
        sureness = replace(
            self.confidence,
            num_streams=min(self.confidence.num_streams, quick.num_streams),
            num_held_out=min(self.confidence.num_held_out, quick.num_streams),
            num_standing=min(self.confidence.num_standing, quick.num_streams),
            num_singles=min(self.confidence.num_singles, quick.num_streams),
            num_frames=min(self.confidence.num_frames, quick.num_frames),
            standing_frames=min(self.confidence.standing_frames, quick.num_frames),
        )
        plates = replace(
            self.plates,
            templates=min(self.plates.templates, quick.templates),
            stacks=min(self.plates.stacks, quick.templates),
        )
        return replace(self, plates=plates, stage=tuple(stages), confidence=sureness, is_quick=True)

    def all_of(self, stage: Stage) -> dict[str, Any]:
        """All that settles what comes out of a stage, but for the data and the stages before it."""
        plates = {"plates": asdict(self.plates)} if stage.trains == "reader" else {}
        quick = {"quick": asdict(self.quick)} if self.is_quick else {}
        return {"stage": asdict(stage), **plates, **quick}

    def made_by(self) -> dict[str, str]:
        """What a card says of where its weights come from: this file, and the commit."""
        return {"recipe": self.path.name, "commit": commit_of(self.path.parent)}


def is_file(start: str) -> bool:
    """Whether what a stage starts from is a file, and no stage."""
    return start.endswith(".onnx")


def commit_of(folder: Path) -> str:
    """The commit that a folder is at, marked where files differ from it; empty without git."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty"]
    command += ["--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
