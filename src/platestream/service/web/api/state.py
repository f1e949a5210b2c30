"""For machines that watch this one: ``/healthz``, ``/readyz``, ``/metrics``."""

from anyio import fail_after, to_thread
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from platestream.core.errors import StoreBusy
from platestream.core.text import counted
from platestream.service.web.context import UsesServices
from platestream.store.records import Query

READY_WITHIN_S = 2.0

router = APIRouter(tags=["state"])


@router.get("/healthz", response_class=PlainTextResponse)
async def is_alive(services: UsesServices) -> str:
    """The server answers; it waits for nobody else's work, nor for the store.

    While events wait for the store, it says so: a new start would not help, and would lose them.
    """
    store = services.store_health()
    if store and store.state == "waiting":
        return f"ok; {_waiting(store.num_waiting)}\n"
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse)
async def is_ready(services: UsesServices) -> str:
    """The store answers too, and events do not wait for it; else 503, within two seconds."""
    store = services.store_health()
    if store and store.state == "waiting":
        # Why names files and hosts, and strangers may ask: it stands in the log.
        msg = f"{_waiting(store.num_waiting)}; see the log"
        raise StoreBusy(msg)

    def ask() -> None:
        services.store.find(Query(), limit=1)

    try:
        with fail_after(READY_WITHIN_S):
            await to_thread.run_sync(ask, abandon_on_cancel=True, limiter=services.asking_store)
    except TimeoutError as error:
        msg = f"the store has not answered for {READY_WITHIN_S:g} s; see to its disk or server"
        raise StoreBusy(msg) from error
    return "ready\n"


def _waiting(num: int) -> str:
    return f"{counted(num, 'event waits', 'events wait')} for the store"


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(services: UsesServices) -> Response:
    """Figures for Prometheus."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
