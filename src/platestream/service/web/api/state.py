"""For machines that watch this one: ``/healthz``, ``/readyz``, ``/metrics``."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from platestream.service.web.context import UsesServices
from platestream.store.records import Query

router = APIRouter(tags=["state"])


@router.get("/healthz", response_class=PlainTextResponse)
def is_alive() -> str:
    """The server answers."""
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse)
def is_ready(services: UsesServices) -> str:
    """The store answers too; 503 where it does not."""
    services.store.find(Query(), limit=1)
    return "ready\n"


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(services: UsesServices) -> Response:
    """Figures for Prometheus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
