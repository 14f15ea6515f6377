"""The numbers of the sessions of one server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import metrics
from .observer import END_CAUSES, PARK_CAUSES, SessionObserver, end_cause, park_cause
from .protocol.limits import CloseCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .metrics import Sample
    from .sessions import HeldSession, SessionServer

__all__ = ["SessionMetrics"]

_REFUSAL_CODES: Final = (
    CloseCode.GOING_AWAY,
    CloseCode.INTERNAL_ERROR,
    CloseCode.PROTOCOL_ERROR,
    CloseCode.UNKNOWN,
    CloseCode.VERSION,
    CloseCode.STALE,
    CloseCode.TOO_MANY,
)


class SessionMetrics(SessionObserver):
    """Counts what comes and goes, and reads the rest from the sessions when asked."""

    def __init__(self, server: SessionServer) -> None:
        """Begin with zeros.

        Args:
            server: Whose sessions.
        """
        self._server = server
        self._created = 0
        self._resumes = 0
        self._replayed = 0
        self._parks = dict.fromkeys(PARK_CAUSES, 0)
        self._ended = dict.fromkeys(END_CAUSES, 0)
        self._refusals = {str(int(code)): 0 for code in _REFUSAL_CODES} | {"other": 0}
        # Of the sessions that have ended; those of the others are read from them.
        self._units_sent = 0
        self._units_received = 0

    # -- From the sessions ---------------------------------------------------------------

    def created(self, held: HeldSession, now_ms: float) -> None:
        self._created += 1

    def resumed(self, held: HeldSession, now_ms: float) -> None:
        self._resumes += 1
        log = held.session.log
        self._replayed += log.end - log.start

    def parked(self, held: HeldSession, code: int, now_ms: float) -> None:
        self._parks[park_cause(held, code)] += 1

    def ended(self, held: HeldSession, code: int, now_ms: float) -> None:
        self._ended[end_cause(held, code)] += 1
        self._units_sent += held.session.log.end
        self._units_received += held.session.receipts.received

    def refused(self, code: int) -> None:
        label = str(int(code))
        self._refusals[label if label in self._refusals else "other"] += 1

    # -- For Prometheus ------------------------------------------------------------------

    def samples(self) -> Iterator[Sample]:
        """Return the numbers of now."""
        yield metrics.CREATED, "", self._created
        yield metrics.RESUMES, "", self._resumes
        yield metrics.REPLAYED, "", self._replayed
        for metric, by_label in (
            (metrics.PARKS, self._parks),
            (metrics.ENDED, self._ended),
            (metrics.REFUSALS, self._refusals),
        ):
            for label, value in by_label.items():
                yield metric, label, value
        yield metrics.MESSAGE_BYTES, "sent", self._server.bytes_sent
        yield metrics.MESSAGE_BYTES, "received", self._server.bytes_received
        yield metrics.SERVICES, "", self._server.runner.running
        yield metrics.UNWRITTEN, "", sum(each.unwritten_bytes for each in self._server.sockets)
        yield from self._held()

    def _held(self) -> Iterator[Sample]:
        acceptor = self._server.acceptor
        attached = channels = log_bytes = control_bytes = queue_bytes = inbox_bytes = 0
        units_sent, units_received = self._units_sent, self._units_received
        for held in acceptor.sessions.values():
            session = held.session
            attached += held.socket is not None
            units_sent += session.log.end
            units_received += session.receipts.received
            log_bytes += session.log.cost
            control_bytes += session.control_cost
            channels += len(session.channels)
            for channel in session.channels.values():
                queue_bytes += channel.queue_cost
                inbox_bytes += channel.inbox_cost
        yield metrics.SESSIONS, "attached", attached
        yield metrics.SESSIONS, "parked", len(acceptor.sessions) - attached
        yield metrics.CHANNELS, "", channels
        yield metrics.UNITS, "sent", units_sent
        yield metrics.UNITS, "received", units_received
        yield metrics.MEMORY, "log", log_bytes
        yield metrics.MEMORY, "control", control_bytes
        yield metrics.MEMORY, "queue", queue_bytes
        yield metrics.MEMORY, "inbox", inbox_bytes
        named_bytes = log_bytes + control_bytes + queue_bytes + inbox_bytes
        yield metrics.MEMORY, "other", max(0, acceptor.memory_bytes - named_bytes)
        yield metrics.MEMORY_BUDGET, "", acceptor.options.memory_budget_bytes
