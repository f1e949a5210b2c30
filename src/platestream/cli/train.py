"""`platestream train`: make weights, resumably."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from platestream.cli.app import App
from platestream.cli.options import ArchName, ModelsDir, print_json
from platestream.models.cards import DEFAULT_ARCH

app = App(help="Train networks; needs the extra `lab`.")

Data: TypeAlias = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of labelled pictures; rendered plates alone without it."),
]
RunDir: TypeAlias = Annotated[
    Path, typer.Option("--run", help="Run folder; a run that was cut off goes on from there.")
]
Glyphs: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder of Chinese plate glyphs to render with.")
]
Steps: TypeAlias = Annotated[int, typer.Option("--steps", min=1, help="Batches in all.")]
BatchSize: TypeAlias = Annotated[int, typer.Option("--batch", min=2, help="Pictures a batch.")]
Threads: TypeAlias = Annotated[int, typer.Option("--threads", min=1, help="CPU threads.")]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", help="Seed of all random numbers.")]


@app.command("all")
def train_all(
    recipe: Annotated[Path, typer.Option("--recipe", help="TOML file of stages and settings.")],
    data: Annotated[Path, typer.Option("--data", help="Folder of labelled pictures.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for weights and cards.")],
    runs: Annotated[
        Path, typer.Option("--runs", help="Folder of run folders; what is there goes on.")
    ] = Path("runs"),
    glyphs: Glyphs = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run every stage, too short to learn anything.")
    ] = False,
    threads: Threads = 2,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make batches; a GPU keeps many busy.")
    ] = 1,
) -> None:
    """Make every weight of a recipe, from labelled pictures to cards; go on where cut off."""
    from platestream.cli.progress import progress_of
    from platestream.lab.recipe_file import load_recipe
    from platestream.lab.train.everything import train_all as train
    from platestream.lab.train.kitchen import Kitchen

    wanted = load_recipe(recipe)
    own = data / "glyphs" / "china"
    glyphs = glyphs or (own if own.is_dir() else None)
    kitchen = Kitchen(data, runs, out, glyphs, threads, workers, progress_of)
    found = train(wanted.cut_down() if quick else wanted, kitchen)
    print_json({"out": str(out), **found})


@app.command("reader")
def train_reader(
    run: RunDir,
    arch: Annotated[str, typer.Option("--arch", help="p, s, e or nano.")] = "p",
    width: Annotated[float, typer.Option(help="Channel multiplier; 1 is the paper's.")] = 0.5,
    pools: Annotated[str, typer.Option(help="wide (ours) or square (the paper's).")] = "wide",
    height: Annotated[
        int, typer.Option(min=32, help="Height of a patch, in pixels; 64 for plates of two rows.")
    ] = 32,
    data: Data = None,
    glyphs: Glyphs = None,
    templates: Annotated[int, typer.Option(min=1, help="Plates to render.")] = 30_000,
    steps: Steps = 7500,
    batch: BatchSize = 128,
    real_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of real plates in a batch.")
    ] = 0.5,
    quality_from: Annotated[
        int, typer.Option(help="First step at which the quality branch learns.")
    ] = 0,
    quality_every: Annotated[
        int, typer.Option(min=1, help="Every how many steps the quality branch learns.")
    ] = 2,
    lr: Annotated[float, typer.Option(help="Peak learning rate of the reader.")] = 1.5e-3,
    quality_lr: Annotated[
        float, typer.Option(help="Peak learning rate of the quality branch.")
    ] = 1e-3,
    init_from: Annotated[
        Path | None,
        typer.Option(help="Run whose reader to start from, which e needs; or a reader's .onnx."),
    ] = None,
    quality_init_from: Annotated[
        Path | None,
        typer.Option(help="A quality network's .onnx, of this architecture, to start from."),
    ] = None,
    frozen_groups: Annotated[
        int,
        typer.Option(min=0, max=5, help="First groups of the trunk that do not learn."),
    ] = 0,
    target: Annotated[
        str, typer.Option(help="Quality learns the reader's confidence (the paper) or the truth.")
    ] = "confidence",
    ranking: Annotated[
        float, typer.Option(min=0, help="Weight of ranking a plate's views; 0 is the paper's.")
    ] = 0.0,
    views: Annotated[
        int, typer.Option(min=1, max=30, help="Pictures of each plate in a batch.")
    ] = 1,
    seed: Seed = 0,
    threads: Threads = 2,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make batches; a GPU keeps many busy.")
    ] = 1,
) -> None:
    """Train reader and quality network of one architecture, alternately, as in the paper."""
    from platestream.cli.progress import progress_of
    from platestream.core.choices import unknown
    from platestream.core.errors import ConfigError
    from platestream.lab.networks.eqlpr import NetworkConfig
    from platestream.lab.train.eqlpr import EqLprConfig
    from platestream.lab.train.loop import LoopConfig
    from platestream.lab.train.reader import train_reader as train
    from platestream.lab.train.reader_inputs import PlateData
    from platestream.models.registry import ARCHITECTURES

    for option, value, choices in (
        ("architecture", arch, ARCHITECTURES),
        ("pools", pools, ("wide", "square")),
        ("target", target, ("confidence", "truth")),
    ):
        if value not in choices:
            raise ConfigError(unknown(option, value, choices))
    config = EqLprConfig(
        NetworkConfig(arch, width, pools, height),  # type: ignore[arg-type]
        num_steps=steps,
        quality_from=quality_from,
        quality_every=quality_every,
        peak_lr=lr,
        quality_lr=quality_lr,
        init_from=init_from,
        quality_init_from=quality_init_from,
        frozen_groups=frozen_groups,
        target=target,  # type: ignore[arg-type]
        ranking=ranking,
        views=views,
    )
    plates = PlateData(data, templates, glyphs, batch, real_share, seed)
    with progress_of(f"train {run.name}", steps) as tell:
        loop = LoopConfig(steps, num_threads=threads, num_workers=workers, on_step=tell)
        metrics = train(config, plates, run, loop)
    print_json({"run": str(run), **metrics})


@app.command("mean")
def train_mean(
    first: Annotated[Path, typer.Argument(help="Run folder of a reader or detector, or an .onnx.")],
    second: Annotated[Path, typer.Argument(help="That of a run that started from it.")],
    run: Annotated[Path, typer.Option("--run", help="Run folder to write.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of labelled pictures to judge it by.")
    ] = None,
) -> None:
    """Take the mean of two runs' weights, which often reads new plates better than either."""
    from platestream.lab.train.mean import mean_of_runs, validation_of

    metrics = mean_of_runs(first, second, run, validation_of(second, data))
    print_json({"run": str(run), **metrics})


@app.command("detector")
def train_detector(
    run: RunDir,
    data: Annotated[Path, typer.Option("--data", help="Folder of labelled pictures.")],
    glyphs: Glyphs = None,
    steps: Steps = 12_000,
    batch: Annotated[int, typer.Option("--batch", min=4, help="Pictures a batch, by fours.")] = 16,
    lr: Annotated[float, typer.Option(help="Peak learning rate.")] = 3e-3,
    init_from: Annotated[
        Path | None, typer.Option(help="A detector's .onnx to start from, such as ours.")
    ] = None,
    frozen_blocks: Annotated[
        int, typer.Option(min=0, max=3, help="First blocks of the network that do not learn.")
    ] = 0,
    seed: Seed = 0,
    threads: Threads = 2,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make batches; 0 makes them in this one.")
    ] = 1,
) -> None:
    """Train the plate detector on full frames with boxes, and drawn plates pasted into them."""
    from platestream.cli.progress import progress_of
    from platestream.core.errors import ConfigError
    from platestream.lab.train.detector.task import DetectorConfig
    from platestream.lab.train.detector.task import train_detector as train
    from platestream.lab.train.loop import LoopConfig

    if batch % 4:
        msg = f"--batch {batch}: use a multiple of 4; some batches hold a quarter as many pictures"
        raise ConfigError(msg)
    config = DetectorConfig(
        num_steps=steps,
        batch_size=batch,
        seed=seed,
        peak_lr=lr,
        init_from=init_from,
        frozen_blocks=frozen_blocks,
    )
    with progress_of(f"train {run.name}", steps) as tell:
        loop = LoopConfig(steps, num_threads=threads, num_workers=workers, on_step=tell)
        metrics = train(data, run, config, loop, glyphs)
    print_json({"run": str(run), **metrics})


@app.command("corners")
def train_corners(
    run: RunDir,
    data: Annotated[Path, typer.Option("--data", help="Folder of labelled pictures.")],
    glyphs: Glyphs = None,
    steps: Steps = 3500,
    batch: BatchSize = 128,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Train what finds the corners of the plate in a crop, for reading it upright."""
    from platestream.cli.progress import progress_of
    from platestream.lab.train.corners import CornerConfig
    from platestream.lab.train.corners import train_corners as train
    from platestream.lab.train.loop import LoopConfig

    config = CornerConfig(num_steps=steps, batch_size=batch, seed=seed)
    with progress_of(f"train {run.name}", steps) as tell:
        loop = LoopConfig(steps, validate_every=500, num_threads=threads, on_step=tell)
        metrics = train(data, run, config, loop, glyphs)
    print_json({"run": str(run), **metrics})


@app.command("regions")
def train_regions(
    data: Annotated[Path, typer.Option("--data", help="Folder of labelled pictures.")],
    models: Annotated[
        Path, typer.Option("--models", help="Folder of the reader that gets the head.")
    ],
    glyphs: Glyphs = None,
    seed: Seed = 1,
    threads: Threads = 1,
) -> None:
    """Train the head that says where a plate is from, on the reader as it is; takes minutes."""
    from platestream.cli.progress import progress
    from platestream.lab.train.regions import RegionConfig
    from platestream.lab.train.regions import train_regions as train

    own = data / "glyphs" / "china"
    glyphs = glyphs or (own if own.is_dir() else None)
    with progress() as bars:
        bar = bars.add_task("regions", total=None)
        config = RegionConfig(seed=seed)
        found = train(data, models, config, glyphs, threads, lambda: bars.advance(bar))
    print_json({"models": str(models), **found})


@app.command("confidence")
def train_confidence(
    labels: Annotated[
        list[Path],
        typer.Argument(metavar="LABELS.csv", help="Plate streams that the reader did not see."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the weights it is fitted for.")],
    judge: Annotated[
        list[Path] | None,
        typer.Option(help="Plate streams whose split dev tells how well it holds."),
    ] = None,
    without: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="LABELS.csv",
            help="Plates not to fit on: readers chose their labels, so none is there that they "
            "fail on.",
        ),
    ] = None,
    arch: ArchName = DEFAULT_ARCH,
    models: ModelsDir = None,
) -> None:
    """Fit how sure a finished plate is, and tell how well that holds elsewhere."""
    from platestream.cli.progress import progress
    from platestream.lab.calibrate import fit_and_judge, save_fitted
    from platestream.lab.train.crops import labelled_by_readers
    from platestream.models.bundle import load_networks

    networks = load_networks(arch, models, calibrated=False)
    with progress() as bars:
        bar = bars.add_task("confidence", total=None)
        calibration, figures = fit_and_judge(
            labels,
            judge or [],
            networks,
            lambda: bars.advance(bar),
            labelled_by_readers(without or []),
        )
    save_fitted(calibration, figures, arch, out, "`platestream train confidence`")
    print_json({"out": str(out), **figures})
