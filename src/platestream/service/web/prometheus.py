"""Figures for Prometheus: of the requests, and of every camera at the moment it is asked."""

import time
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platestream.live.health import CameraHealth
from platestream.service.delivery import SinkHealth
from platestream.service.keeping import StoreHealth

_GAUGES = {
    "fps_in": "Frames a second that come in.",
    "fps_done": "Frames a second that are looked at.",
    "fps_dropped": "Frames a second that are left out, as the machine is too busy.",
    "num_frames": "Frames looked at.",
    "num_dropped": "Frames that were left out, as the machine was too busy.",
    "num_corrupt": "Frames that could not be decoded.",
    "num_reconnects": "How often the connection was lost and made again.",
    "num_events": "Passages seen.",
    "delay_s": "From the last picture to the end of all work on it.",
    "plate_width_px": "Median width of the last plates.",
    "sharpness": "Median of the last plates: variance of the Laplacian.",
    "brightness": "Mean luma of the picture, 0..1.",
    "readable_share": "Share of crops that are legible.",
    "reads_saved_share": "Share of crops that the reader was spared.",
}

_SINK_COUNTS = {
    "told": "Messages that arrived.",
    "failed": "Tries that failed.",
    "given_up": "Messages that were given up.",
}

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those counted by name: a stranger may make up any number of others."""


class Metrics:
    """Counts in a registry of its own, so that two apps in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "platestream_http_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.request_s = Histogram(
            "platestream_http_request_seconds",
            "How long requests take until they begin to answer.",
            ("route",),
            registry=self.registry,
        )
        self.failed_logins = Counter(
            "platestream_failed_logins", "Logins with a wrong password.", registry=self.registry
        )

    def watch(
        self,
        cameras: Callable[[], Mapping[str, CameraHealth]],
        sinks: Callable[[], Mapping[str, SinkHealth]],
        store: Callable[[], StoreHealth | None],
    ) -> None:
        """Tell the health of cameras, sinks and store too."""
        self.registry.register(_CameraFigures(cameras))
        self.registry.register(_SinkFigures(sinks))
        self.registry.register(_StoreFigures(store))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class _CameraFigures(Collector):
    def __init__(self, health: Callable[[], Mapping[str, CameraHealth]]) -> None:
        self._health = health

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        cameras = self._health()
        state = GaugeMetricFamily(
            "platestream_camera_state", "1 for the state that it is in.", labels=("camera", "state")
        )
        for name, health in cameras.items():
            state.add_metric((name, health.state), 1)
        yield state
        for field, text in _GAUGES.items():
            gauge = GaugeMetricFamily(f"platestream_camera_{field}", text, labels=("camera",))
            for name, health in cameras.items():
                value = getattr(health, field)
                if value is not None:
                    gauge.add_metric((name,), value)
            yield gauge
        spent = CounterMetricFamily(
            "platestream_camera_cpu_seconds",
            "The processor's time by stage, as `platestream run --profile` tells it.",
            labels=("camera", "stage"),
        )
        for name, health in cameras.items():
            for stage, seconds in health.cpu_s.items():
                spent.add_metric((name, stage), seconds)
        yield spent


class _SinkFigures(Collector):
    def __init__(self, health: Callable[[], Mapping[str, SinkHealth]]) -> None:
        self._health = health

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        sinks = self._health()
        label = ("sink",)
        waiting = GaugeMetricFamily(
            "platestream_sink_waiting", "Messages that wait for it.", labels=label
        )
        last = GaugeMetricFamily(
            "platestream_sink_last_told_timestamp_seconds", "When one arrived.", labels=label
        )
        for name, health in sinks.items():
            if health.num_waiting is not None:
                waiting.add_metric((name,), health.num_waiting)
            if health.last_told_at is not None:
                last.add_metric((name,), health.last_told_at.timestamp())
        yield from (waiting, last)
        for field, text in _SINK_COUNTS.items():
            counter = CounterMetricFamily(f"platestream_sink_{field}", text, labels=label)
            for name, health in sinks.items():
                counter.add_metric((name,), getattr(health, f"num_{field}"))
            yield counter


class _StoreFigures(Collector):
    def __init__(self, health: Callable[[], StoreHealth | None]) -> None:
        self._health = health

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        health = self._health()
        if health is None:
            return
        is_waiting = health.state == "waiting"
        figures = {
            "stands_still": ("1 while the store keeps no events, else 0.", int(is_waiting)),
            "waiting": ("Events that wait in memory for the store.", health.num_waiting),
        }
        for name, (text, value) in figures.items():
            yield GaugeMetricFamily(f"platestream_store_{name}", text, value)
        counts = {
            "kept": ("Events that were kept.", health.num_kept),
            "lost": ("Events that were lost; the log names them.", health.num_lost),
        }
        for name, (text, value) in counts.items():
            yield CounterMetricFamily(f"platestream_store_{name}", text, value)


class Counting:
    """ASGI middleware that counts requests by route: addresses would be figures without end.

    Args:
        app: Whose requests.
        metrics: Where to count.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how its answer begins."""
        started_s = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.request_s.labels(route).observe(time.perf_counter() - started_s)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._metrics.requests.labels(method, route, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, send_and_count if scope["type"] == "http" else send)
