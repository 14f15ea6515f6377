"""Whether a socket is alive, judged by the page alone (L1 to L4)."""

from __future__ import annotations

from math import inf
from typing import Literal

from .limits import (
    ANSWER_TIMEOUT_MS,
    HEARTBEAT_INTERVAL_MS,
    HIDDEN_HEARTBEAT_INTERVAL_MS,
    LATE_TIMER_MS,
    PROOF_BYTES,
    PROOF_LIMIT_MS,
    SLOWEST_BYTES_PER_MS,
    UNIT_LIMIT_BYTES,
)


class Liveness:
    """Judge of one page's sockets, one after the other.

    The owner tells it what happens, calls `check` at `next_check_ms` or later,
    and does what that says. All times come from one monotonic clock.
    """

    __slots__ = (
        "_armed_ms",
        "_fed",
        "_last_id",
        "_ping_ms",
        "_reprieved",
        "_restart_ms",
        "_unacknowledged",
        "answer_timeout_ms",
        "heartbeat_interval_ms",
        "hidden",
        "hidden_heartbeat_interval_ms",
        "in_flight_cost",
        "last_proof_ms",
        "round_trip_ms",
    )

    def __init__(
        self,
        heartbeat_interval_ms: float = HEARTBEAT_INTERVAL_MS,
        hidden_heartbeat_interval_ms: float = HIDDEN_HEARTBEAT_INTERVAL_MS,
        answer_timeout_ms: float = ANSWER_TIMEOUT_MS,
    ) -> None:
        """Take the settings; all three may be changed at any time.

        Args:
            heartbeat_interval_ms: Time without proof after which a ping is due.
            hidden_heartbeat_interval_ms: The same while `hidden`.
            answer_timeout_ms: The deadline (L3).
        """
        self.heartbeat_interval_ms = heartbeat_interval_ms
        self.hidden_heartbeat_interval_ms = hidden_heartbeat_interval_ms
        self.answer_timeout_ms = answer_timeout_ms
        self.hidden = False
        """Whether the page is hidden."""
        self.in_flight_cost = 0
        """Cost of the units that lack their acknowledgement; the owner keeps it up to date."""
        self.last_proof_ms: float = inf
        """When the way out was last proved; infinite before the first `start`."""
        self.round_trip_ms: float | None = None
        """Of the last ping that was answered; `None` before."""
        self._last_id = 0
        # When the last ping was written, while it has no answer.
        self._ping_ms: float | None = None
        self._unacknowledged = False
        # When the deadline was armed or the way out proved since, and when it was
        # restarted; infinite: over.
        self._armed_ms: float = inf
        self._restart_ms: float = inf
        # Cost of the units received that has not restarted the deadline yet.
        self._fed = 0
        self._reprieved = False

    @property
    def ping_outstanding(self) -> bool:
        """Whether the last ping has no answer yet."""
        return self._ping_ms is not None

    @property
    def next_check_ms(self) -> float:
        """When to call `check`; infinite if nothing is to be expected."""
        return min(self._ping_due_ms(), self._deadline_ms())

    def start(self, now_ms: float) -> None:
        """Note a `welcome`: a proof, and a socket that owes nothing (L1).

        Args:
            now_ms: The time.
        """
        self._ping_ms = None
        self._unacknowledged = False
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

    def pong(self, id: int, now_ms: float) -> bool:
        """Note a pong.

        Args:
            id: The id it answers.
            now_ms: The time.

        Returns:
            Whether it proved the way out: only the last ping's first pong does.
        """
        if self._ping_ms is None or id != self._last_id:
            return False
        self.round_trip_ms = now_ms - self._ping_ms
        self._ping_ms = None
        self._prove(now_ms)
        return True

    def ack_advanced(self, unacknowledged: bool, now_ms: float) -> None:
        """Note an acknowledgement of something new, whatever frame carried it.

        Args:
            unacknowledged: Whether units written to this socket still lack theirs.
            now_ms: The time.
        """
        self._unacknowledged = unacknowledged
        self._prove(now_ms)

    def unit_written(self, now_ms: float) -> None:
        """Note that a unit is being written, new or again.

        Args:
            now_ms: The time.
        """
        self._unacknowledged = True
        self._arm(now_ms)

    def units_received(self, cost: int, now_ms: float) -> None:
        """Note units that came in; a pong may stand behind them (L3).

        Args:
            cost: What they cost.
            now_ms: The time.
        """
        self._fed += cost
        if self._fed >= PROOF_BYTES:
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
        if self._unacknowledged or self._ping_ms is not None:
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
        if self.hidden:
            return self.last_proof_ms + self.hidden_heartbeat_interval_ms
        return self.last_proof_ms + self.heartbeat_interval_ms

    def _deadline_ms(self) -> float:
        """Return the deadline (L3); infinite if none is armed."""
        if self._armed_ms == inf:
            return inf
        # A proof arms afresh: this is the later of both.
        limit_ms = self._armed_ms + PROOF_LIMIT_MS
        frame_ms = min(self.in_flight_cost, UNIT_LIMIT_BYTES) / SLOWEST_BYTES_PER_MS
        return min(self._restart_ms + self.answer_timeout_ms + frame_ms, limit_ms)
