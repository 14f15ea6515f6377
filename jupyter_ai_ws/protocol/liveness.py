"""Whether a socket is alive, judged by the page alone (L1 to L4)."""

from __future__ import annotations

from math import inf
from typing import Literal

from .limits import (
    BULK_BYTES,
    LATE_TIMER_MS,
    PROOF_BYTES,
    PROOF_LIMIT_MS,
    SLOWEST_BYTES_PER_MS,
    UNIT_LIMIT_BYTES,
)
from .session import ProofListener
from .silence import IdleProxyDetector
from .status import ConnectorOptions


class Liveness(ProofListener):
    """Judge of one page's sockets, one after the other.

    The owner tells it what happens, calls `check` at `next_check_ms` or later,
    and does what that says. All times come from one monotonic clock.
    """

    def __init__(
        self, options: ConnectorOptions | None = None, proxy: IdleProxyDetector | None = None
    ) -> None:
        """Judge no socket yet.

        Args:
            options: The settings, which may change at any time; the defaults unless given.
            proxy: What is known of idle proxies on the way (L7).
        """
        self._options = options or ConnectorOptions()
        self._proxy = proxy or IdleProxyDetector()
        self.hidden_ms = inf
        """Since when the page is hidden; infinite: it is shown."""
        self.last_proof_ms: float = inf
        """When the way out was last proved; infinite before the first `start`."""
        self.round_trip_ms: float | None = None
        """Of the last ping that was answered; `None` before."""
        self._last_id = 0
        # When the last ping was written, while it has no answer.
        self._ping_ms: float | None = None
        self._in_flight_cost = 0  # of the units that lack their acknowledgement
        # When the deadline was armed or the way out proved since, and when it was
        # restarted; infinite: over.
        self._armed_ms: float = inf
        self._restart_ms: float = inf
        # Cost of the units received that has not restarted the deadline yet.
        self._fed = 0
        self._reprieved = False
        # How long an answer may take on this line, by the last pong, and by verdicts since.
        self._patience_ms = 0.0

    @property
    def ping_outstanding(self) -> bool:
        """Whether the last ping has no answer yet."""
        return self._ping_ms is not None

    @property
    def next_check_ms(self) -> float:
        """When to call `check`; infinite if nothing is to be expected."""
        return min(self._ping_due_ms(), self._deadline_ms())

    @property
    def heartbeat_interval_ms(self) -> float:
        """Time without proof after which a ping is due now (L2, L7)."""
        options = self._options
        wanted_ms = options.heartbeat_interval_ms
        if self.hidden_ms < inf:
            wanted_ms = options.hidden_heartbeat_interval_ms
        return self._proxy.heartbeat_ms(wanted_ms)

    def start(self, now_ms: float) -> None:
        """Note a `welcome`: a proof, and a socket that owes nothing (L1).

        Args:
            now_ms: The time.
        """
        self._ping_ms = None
        self._in_flight_cost = 0
        self._prove(now_ms)

    def ping(self, now_ms: float) -> int:
        """Note that a ping is being written.

        Args:
            now_ms: The time.

        Returns:
            Its id; ids grow for ever.
        """
        self._last_id += 1
        self._ping_ms = now_ms
        self._arm(now_ms)
        return self._last_id

    def pong(self, id: int, now_ms: float) -> None:
        """Note a pong; only the last ping's first one proves.

        Args:
            id: The id it answers.
            now_ms: The time.
        """
        if self._ping_ms is not None and id == self._last_id:
            self.round_trip_ms = now_ms - self._ping_ms
            self._patience_ms = 2 * min(self.round_trip_ms, self._options.answer_timeout_ms)
            self._ping_ms = None
            self._prove(now_ms)

    def ack_advanced(self, in_flight_cost: int, now_ms: float) -> None:
        """Note an acknowledgement of something new, whatever frame carried it.

        Args:
            in_flight_cost: Cost of the units that lack theirs.
            now_ms: The time.
        """
        self._in_flight_cost = in_flight_cost
        self._prove(now_ms)

    def written(self, in_flight_cost: int, now_ms: float) -> None:
        """Note that something is being written.

        Args:
            in_flight_cost: Cost of the units that lack their acknowledgement, with those.
            now_ms: The time.
        """
        self._in_flight_cost = in_flight_cost
        if in_flight_cost:
            self._arm(now_ms)

    def units_received(self, cost: int, now_ms: float) -> None:
        """Note units that came in; a pong may stand behind them (L3).

        Args:
            cost: What they cost.
            now_ms: The time.
        """
        self._fed += cost
        if cost >= BULK_BYTES or self._fed >= PROOF_BYTES:
            self._fed %= PROOF_BYTES
            if self._armed_ms < inf:
                self._restart_ms = now_ms

    def check(self, now_ms: float) -> Literal["alive", "ping", "dead"]:
        """Judge.

        Args:
            now_ms: The time.

        Returns:
            "ping": write one now, telling `ping`; "dead": abandon the socket (L5).
        """
        deadline_ms = self._deadline_ms()
        if now_ms < deadline_ms:
            return "alive" if now_ms < self._ping_due_ms() else "ping"
        if self._reprieved or now_ms - deadline_ms <= LATE_TIMER_MS:
            self._patience_ms = 2 * self._answer_ms
            return "dead"
        self._reprieved = True
        self._armed_ms = inf
        self._arm(now_ms)
        return "ping"

    def _prove(self, now_ms: float) -> None:
        """Note that the way out works; restart the deadline, or end it."""
        self.last_proof_ms = now_ms
        self._reprieved = False
        self._armed_ms = inf
        self._restart_ms = inf
        if self._in_flight_cost or self._ping_ms is not None:
            self._arm(now_ms)

    def _arm(self, now_ms: float) -> None:
        """Arm the deadline if it is not armed."""
        if self._armed_ms == inf:
            self._armed_ms = self._restart_ms = now_ms
            self._fed = 0

    def _ping_due_ms(self) -> float:
        """Return when a ping is due (L2); infinite while one is unanswered."""
        if self._ping_ms is not None:
            return inf
        return self.last_proof_ms + self.heartbeat_interval_ms

    def _deadline_ms(self) -> float:
        """Return the deadline (L3); infinite if none is armed."""
        if self._armed_ms == inf:
            return inf
        # A proof arms afresh: this is the later of both.
        limit_ms = self._armed_ms + PROOF_LIMIT_MS
        frame_ms = min(self._in_flight_cost, UNIT_LIMIT_BYTES) / SLOWEST_BYTES_PER_MS
        return min(self._restart_ms + self._answer_ms + frame_ms, limit_ms)

    @property
    def _answer_ms(self) -> float:
        """How long an answer may take (L3)."""
        return max(self._options.answer_timeout_ms, self._patience_ms)
