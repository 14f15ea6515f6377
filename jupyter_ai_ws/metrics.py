"""What operators see of this package on the server's own `/metrics`.

Nothing is counted twice: the sessions hold their numbers anyway, and they are read when somebody
asks. `docs/reference/metrics.md` tells what each metric is for.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric as Family

__all__ = ["COLLECTOR", "METRICS", "Metric", "MetricSource", "MetricsCollector", "Sample"]

_log = logging.getLogger(__name__)


class Metric(NamedTuple):
    """One metric; all of them begin with `jupyter_ai_ws_`."""

    name: str
    """Without the `_total` that Prometheus puts behind the name of a counter."""
    kind: Literal["counter", "gauge"]
    help: str
    label: str = ""
    """Name of its one label; empty: none. Values are from a short fixed list."""


Sample: TypeAlias = tuple[Metric, str, float]
"""A metric, the value of its label (empty: it has none), and its value now."""

SESSIONS: Final = Metric(
    "jupyter_ai_ws_sessions", "gauge", "Sessions held, with a socket or parked.", "state"
)
CHANNELS: Final = Metric("jupyter_ai_ws_channels", "gauge", "Channels open in all sessions.")
SERVICES: Final = Metric(
    "jupyter_ai_ws_services", "gauge", "Services that run; some outlive their channel."
)
MEMORY: Final = Metric(
    "jupyter_ai_ws_memory_bytes", "gauge", "What all sessions hold together, by what it is.", "kind"
)
MEMORY_BUDGET: Final = Metric(
    "jupyter_ai_ws_memory_budget_bytes", "gauge", "What all sessions may hold together."
)
UNWRITTEN: Final = Metric(
    "jupyter_ai_ws_unwritten_bytes", "gauge", "What waits in the write buffers of all sockets."
)
CREATED: Final = Metric("jupyter_ai_ws_sessions_created", "counter", "Sessions begun.")
RESUMES: Final = Metric(
    "jupyter_ai_ws_resumes", "counter", "Sockets attached to a session that had one before."
)
PARKS: Final = Metric(
    "jupyter_ai_ws_parks", "counter", "Sessions that lost their socket, by how.", "cause"
)
ENDED: Final = Metric("jupyter_ai_ws_sessions_ended", "counter", "Sessions ended, by why.", "cause")
REFUSALS: Final = Metric(
    "jupyter_ai_ws_refusals", "counter", "Upgrade requests refused, by close code.", "code"
)
UNITS: Final = Metric(
    "jupyter_ai_ws_units", "counter", "Units counted, each once however often sent.", "direction"
)
REPLAYED: Final = Metric(
    "jupyter_ai_ws_units_replayed", "counter", "Units written again after a resume."
)
MESSAGE_BYTES: Final = Metric(
    "jupyter_ai_ws_message_bytes",
    "counter",
    "Payload of all WebSocket messages, control frames and replays included.",
    "direction",
)

METRICS: Final = (
    SESSIONS,
    CHANNELS,
    SERVICES,
    MEMORY,
    MEMORY_BUDGET,
    UNWRITTEN,
    CREATED,
    RESUMES,
    PARKS,
    ENDED,
    REFUSALS,
    UNITS,
    REPLAYED,
    MESSAGE_BYTES,
)
"""Every metric there is. A new one is added here, so that its name is claimed."""


class MetricSource(Protocol):
    """Something whose numbers are published."""

    def samples(self) -> Iterable[Sample]:
        """Return the numbers of now; never those of one user, page or address."""


class MetricsCollector:
    """Adds up what all sources in this process say, when Prometheus asks."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin without a source.

        Args:
            registry: Where the metrics are shown, from the first source on.
        """
        # Held weakly: a server that is never stopped properly is not kept alive.
        self._sources: WeakSet[MetricSource] = WeakSet()
        self._registry = registry
        self._registered = False

    def publish(self, source: MetricSource) -> None:
        """Show the numbers of a source from now on.

        Where the names are taken already, such as by another copy of this module, that is logged
        and nothing is shown: metrics never keep a server from starting.

        Args:
            source: Whose numbers. It is held weakly.
        """
        self._sources.add(source)
        if self._registered:
            return
        try:
            self._registry.register(self)
        except ValueError as error:
            _log.warning("The metrics of AI connections are not shown: %s.", error)
        else:
            self._registered = True

    def withdraw(self, source: MetricSource) -> None:
        """Show the numbers of a source no longer. Idempotent.

        Args:
            source: Whose numbers.
        """
        self._sources.discard(source)

    def describe(self) -> Iterator[Family]:
        """Claim the names."""
        return map(_family, METRICS)

    def collect(self) -> Iterator[Family]:
        """Read every source; one that fails is left out, the rest of `/metrics` stays."""
        values: dict[Metric, dict[str, float]] = {metric: defaultdict(float) for metric in METRICS}
        for source in list(self._sources):
            try:
                samples = list(source.samples())
            except Exception:
                _log.warning("Metrics of AI connections cannot be read.", exc_info=True)
                continue
            for metric, label, value in samples:
                values[metric][label] += value
        for metric, by_label in values.items():
            family = _family(metric)
            for label, value in by_label.items():
                family.add_metric([label] if metric.label else [], value)
            yield family


COLLECTOR: Final = MetricsCollector(REGISTRY)
"""What the `/metrics` of jupyter_server shows."""


def _family(metric: Metric) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    return kind(metric.name, metric.help, labels=[metric.label] if metric.label else [])
