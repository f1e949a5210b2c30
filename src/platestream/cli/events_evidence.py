"""Stored events as a bundle of evidence, for `platestream events export` and `events verify`."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from platestream.cli.events_report import write_report

if TYPE_CHECKING:
    from platestream.store.evidence import Bundle
    from platestream.store.records import Query
    from platestream.store.store import EventStore

EVIDENCE = "zip"


def export_bundle(store: "EventStore", query: "Query", out: Path) -> "Bundle":
    """Write events that fit with their pictures, a page of them, and the weights' checksums.

    Raises:
        StoreError: the file cannot be written.
    """
    from platestream.models.cards import WEIGHTS_DIR, list_models, load_card
    from platestream.store.evidence import write_bundle

    weights = {name: load_card(name, WEIGHTS_DIR).sha256 for name in list_models(WEIGHTS_DIR)}
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        write_report(store, query, page)
        about = {"weights_of_this_version": weights}
        return write_bundle(store, store.each(query), out, about=about, more={page.name: page})
