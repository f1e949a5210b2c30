"""`platestream serve`: watch cameras, keep what passes, and show it on a page."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platestream.cli.options import (
    ARCH,
    DECODER,
    DETECTOR,
    DETECTOR_SIZE,
    DEVICE,
    FUSION,
    LEAST_CONFIDENCE,
    POLICY,
    READS_PER_S,
    ModelsDir,
    say,
)
from platestream.core.errors import ConfigError

if TYPE_CHECKING:
    from platestream.service.config import ServiceConfig


def serve(
    config_file: Annotated[
        Path | None,
        typer.Option("--config", help="YAML file with cameras, store, sinks and users."),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Where to listen; anything but this machine itself needs a user or a token.",
            show_default="127.0.0.1",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to listen on; 0 for any free one.", show_default="8000"
        ),
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(
            help="SQLite file, sqlite:///FILE or postgresql://USER@HOST/NAME.",
            show_default="sqlite:///platestream/events.db",
        ),
    ] = None,
    arch: Annotated[str | None, ARCH] = None,
    policy: Annotated[str | None, POLICY] = None,
    fusion: Annotated[str | None, FUSION] = None,
    reads_per_s: Annotated[float | None, READS_PER_S] = None,
    min_confidence: Annotated[float | None, LEAST_CONFIDENCE] = None,
    detector: Annotated[str | None, DETECTOR] = None,
    detector_size: Annotated[int | None, DETECTOR_SIZE] = None,
    device: Annotated[str | None, DEVICE] = None,
    decoder: Annotated[str | None, DECODER] = None,
    models: ModelsDir = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Try the configuration, each camera and each receiver, and end: 0 if all is well.",
        ),
    ] = False,
    hash_password: Annotated[
        bool,
        typer.Option(
            "--hash-password", help="Ask for a password, print its hash for the file, and end."
        ),
    ] = False,
) -> None:
    """Watch cameras, keep what passes, tell others, and show it all on a page.

    Listens to this machine alone unless `--host` says otherwise, which takes a user or a token.
    Environment variables
    such as PLATESTREAM__SERVER__PORT go over the file, options over both. Ctrl-C ends it; the
    plates in view are kept first.
    """
    if hash_password:
        _print_hash()
        return
    from platestream.service.config import load_config
    from platestream.service.layers import PREFIX
    from platestream.service.memory import give_pictures_back
    from platestream.service.running import running
    from platestream.service.stopping import ended_in_time, serve_until
    from platestream.service.web.server import Server, listen
    from platestream.service.web_wiring import make_listening

    options = {
        "SERVER__HOST": host,
        "SERVER__PORT": port,
        "STORE__URL": db,
        "READER__ARCH": arch,
        "READER__POLICY": policy,
        "READER__FUSION": fusion,
        "READER__READS_PER_S": reads_per_s,
        "READER__DETECTOR": detector,
        "READER__DETECTOR_SIZE": detector_size,
        "READER__DEVICE": device,
        "READER__DECODER": decoder,
        "READER__MODELS": models,
        "MIN_CONFIDENCE": min_confidence,
    }
    given = {PREFIX + name: str(value) for name, value in options.items() if value is not None}
    config = load_config(config_file, os.environ | given)
    if check:
        _check(config)
        return
    give_pictures_back()
    listening = make_listening(config.server)
    with listen(listening) as taken, ended_in_time() as stop, running(config) as app:
        scheme = "https" if listening.tls_cert else "http"
        address = f"{scheme}://{listening.host}:{taken.getsockname()[1]}"
        serve_until(stop, Server(app, listening), taken, lambda: _say_where(address))


def _say_where(address: str) -> None:
    say(f"platestream: {address}  (Ctrl-C ends)\n")
    sys.stdout.flush()


def _check(config: "ServiceConfig") -> None:
    """Say of each thing that is configured whether it can be used."""
    from platestream.service.checking import check

    is_good = True
    for finding in check(config):
        is_good &= finding.is_good
        say(f"{'ok ' if finding.is_good else 'BAD'} {finding.name}: {finding.what}\n")
        sys.stdout.flush()
    if not is_good:
        raise typer.Exit(1)


def _print_hash() -> None:
    """Twice from a person, once from a pipe."""
    from getpass import getpass

    from platestream.service.web.passwords import hash_password

    if sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("Again: ") != password:
            msg = "the two are not the same; try again"
            raise ConfigError(msg)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    say(hash_password(password) + "\n")
