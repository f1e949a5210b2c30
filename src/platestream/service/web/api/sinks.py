"""``/api/v1/sinks``: how those do who are told of each passage."""

from datetime import datetime

from fastapi import APIRouter

from platestream.service.web.api.schemas import Answer
from platestream.service.web.context import UsesServices

router = APIRouter(prefix="/api/v1", tags=["sinks"])


class SinkAnswer(Answer):
    """How telling one sink goes, since the start; `num_waiting` is null while the store fails."""

    name: str
    num_waiting: int | None
    num_told: int
    num_failed: int
    num_given_up: int
    last_told_at: datetime | None
    last_error: str


class SinksAnswer(Answer):
    """All sinks of the configuration."""

    sinks: list[SinkAnswer]


@router.get("/sinks")
def list_sinks(services: UsesServices) -> SinksAnswer:
    """Every sink: what waits, what arrived, tries that failed, messages that were given up."""
    figures = SinkAnswer.model_fields.keys() - {"name"}
    return SinksAnswer(
        sinks=[
            SinkAnswer(name=name, **{figure: getattr(health, figure) for figure in figures})
            for name, health in services.sinks_health().items()
        ]
    )
