"""`platestream models`: the weights that are here, what they are, and whether they are whole."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from platestream.cli.app import App
from platestream.cli.options import Json, print_json, print_table, say
from platestream.core.errors import ModelError

app = App(help="List, show and verify model weights.")

ModelsDir: TypeAlias = Annotated[
    Path | None,
    typer.Option("--models", help="Folder to look into, instead of the package's own weights."),
]


@app.command("list")
def list_all(models: ModelsDir = None, as_json: Json = False) -> None:
    """List the models with their size and date."""
    from platestream.models.cards import list_models, load_card

    cards = [load_card(name, _folder(models)) for name in list_models(_folder(models))]
    if as_json:
        print_json(
            [
                {
                    "name": c.name,
                    "kind": c.kind,
                    "num_parameters": c.num_parameters,
                    "date": c.date,
                    "summary": c.summary,
                }
                for c in cards
            ]
        )
        return
    rows = [(c.name, c.kind, f"{c.num_parameters:,}", c.date, c.summary) for c in cards]
    print_table(("name", "kind", "parameters", "date", "summary"), rows)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="As `models list` gives it.")],
    models: ModelsDir = None,
    as_json: Json = False,
) -> None:
    """Show one model's card: input, alphabet, the data it saw, what was measured."""
    from platestream.models.cards import load_card

    card: dict[str, Any] = asdict(load_card(name, _folder(models)))
    del card["folder"]
    if as_json:
        print_json(card)
        return
    for key, value in card.items():
        lines = [f"{k}: {v}" for k, v in value.items()] if isinstance(value, dict) else None
        lines = list(value) if isinstance(value, tuple) else lines
        text = ("\n" + " " * 16).join(lines) if lines else str(value)
        say(f"{key:15} {text}\n")


@app.command()
def verify(models: ModelsDir = None, as_json: Json = False) -> None:
    """Check every weight file against its card's sha256; fails if one is damaged."""
    from platestream.models.cards import list_models, load_card

    problems: dict[str, str] = {}
    names = list_models(_folder(models))
    for name in names:
        try:
            load_card(name, _folder(models)).read_weights()
        except ModelError as error:
            problems[name] = str(error)
    if as_json:
        print_json({"checked": names, "problems": problems})
    else:
        for name in names:
            say(f"{name:15} {problems.get(name, 'whole')}\n")
    if problems:
        raise typer.Exit(ModelError.exit_code)


def _folder(models: Path | None) -> Path:
    from platestream.models.cards import WEIGHTS_DIR

    return models or WEIGHTS_DIR
