"""The `platestream` command: one file a verb, and one place where errors become exit codes."""

import errno
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from platestream.cli import (
    bench,
    data,
    evaluate,
    events,
    export,
    finetune,
    models,
    read,
    run,
    serve,
    train,
)
from platestream.cli.app import App
from platestream.cli.options import complain, say
from platestream.core.errors import ConfigError, PlatestreamError, SourceNotFound

LAB_MODULES = {"torch", "onnx", "onnxscript", "PIL", "matplotlib"}
"""What training and rendering need and the bare install does not have."""

EXTRAS = {
    "alembic": "serve",
    "argon2": "serve",
    "fastapi": "serve",
    "httpx": "serve",
    "jinja2": "serve",
    "paho": "serve",
    "prometheus_client": "serve",
    "psycopg": "postgres",
    "pydantic": "serve",
    "sqlalchemy": "serve",
    "uvicorn": "serve",
    "yaml": "serve",
}
"""Other modules that the bare install does not have, and the extra that brings each."""

app = App(
    name="platestream",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"platestream {version('platestream')}\n")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Reads licence plates from video: looks at every frame, reads only the ones worth it."""


app.command("run")(run.run)
app.command("read")(read.read)
app.command("serve")(serve.serve)
app.command("evaluate")(evaluate.evaluate)
app.command("bench")(bench.bench)
app.add_typer(train.app, name="train")
app.command("finetune")(finetune.finetune)
app.command("export")(export.export)
app.add_typer(data.app, name="data")
app.add_typer(models.app, name="models")
app.add_typer(events.app, name="events")


def main() -> None:
    """Entry point: every error we raise on purpose is one line and an exit code."""
    # OpenCV has small steps here: sharing them out costs more than it brings.
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    try:
        app()
    except PlatestreamError as error:
        complain(f"platestream: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        complain(
            f"platestream: {str(error.filename)[:60]}...: the name is too long; check the path\n"
        )
        sys.exit(SourceNotFound.exit_code)
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module in LAB_MODULES:
            advice = "install the extra `lab`: pip install '.[lab]' in a checkout"
        elif module in EXTRAS:
            advice = f"pip install 'platestream[{EXTRAS[module]}]'"
        else:
            raise
        complain(f"platestream: {error}; {advice}\n")
        sys.exit(ConfigError.exit_code)
