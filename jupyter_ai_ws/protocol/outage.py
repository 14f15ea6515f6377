"""What to do next while there is no connection (rules R2 to R6, R9, R10)."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from .backoff import first_delay_ms, later_delay_ms
from .limits import ASK_AFTER_MS, BELIEVE_AFTER_MS, BLOCKED_AFTER, LOOK_AGAIN_MS
from .retry import CloseVerdict, ProbeAnswer, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from .status import ConnectorOptions, Status


class Outage:
    """Remembers what sockets and probes said and draws the conclusions.

    Its methods take the status as it was when something failed, and return what it is now: a wait
    for the next try, a question, or a stop.

    Attributes:
        by_probe: Whether the next try is a probe: once a socket has failed (R3).
    """

    def __init__(self, options: ConnectorOptions, random: Callable[[], float]) -> None:
        """Take the settings, which may change at any time, and a source of randomness."""
        self.by_probe = False
        self._options = options
        self._random = random
        self._welcomed_before = False  # whether this page ever had a session
        self._refused = 0  # sockets that failed right after a good probe
        self._permanent: tuple[str, float] | None = None  # answer, and when first said (R5)

    def welcomed(self) -> None:
        """Note that all is well."""
        self._welcomed_before = True
        self.start_over()

    def start_over(self) -> None:
        """Forget what was found, as when a person asks for a new try."""
        self.by_probe = False
        self._refused = 0
        self._permanent = None

    def socket_failed(
        self, status: Status, verdict: CloseVerdict, timed_out: bool, now_ms: float
    ) -> Status:
        """Say what to do after a socket has ended.

        Args:
            status: The status until now.
            verdict: What its close code means (R1).
            timed_out: Whether it was given up for want of a `welcome` (S2).
            now_ms: The time.

        Returns:
            The status from now on.
        """
        cause: str = "busy" if timed_out else verdict.cause
        ask = verdict.ask
        if status.state != "connected":
            # A code of the server's own has come over a WebSocket.
            self._refused = self._refused + 1 if self.by_probe and cause == "network" else 0
            self.by_probe = True
            if self._refused >= BLOCKED_AFTER and not self._welcomed_before:
                cause, ask = "blocked", True
        if timed_out:
            delay_ms = 0.0  # R6: it was the wait
        elif status.attempt == 0:
            delay_ms = first_delay_ms(self._options.local, verdict.spread, self._random)
        else:
            delay_ms = self._later_delay_ms(status, now_ms)
        return self._next(status, now_ms, delay_ms, cause, ask=ask)

    def probed(
        self, status: Status, answer: ProbeAnswer, timed_out: bool, now_ms: float
    ) -> Status | None:
        """Say what to do after a probe.

        Args:
            status: The status until now.
            answer: What the probe found (R4).
            timed_out: Whether it was given up for want of an answer (S2).
            now_ms: The time.

        Returns:
            The status from now on; None: open a socket.
        """
        action = decide(answer, self._welcomed_before)
        if action in ("open", "retry"):
            self._permanent = None
        elif self._permanent is None or self._permanent[0] != answer:
            self._permanent = (answer, now_ms)
        if action == "open":
            return None
        self._refused = 0
        if self._permanent is None:
            delay_ms = 0.0 if timed_out else self._later_delay_ms(status, now_ms)
            return self._next(status, now_ms, delay_ms, answer)
        left_ms = self._permanent[1] + BELIEVE_AFTER_MS - now_ms
        if left_ms > 0:
            return self._next(status, now_ms, left_ms, answer)
        return self._next(status, now_ms, LOOK_AGAIN_MS, answer, ask=True, stop=action == "stop")

    def ask_ms(self, status: Status) -> float:
        """Return when the user is to be asked, attempts being used up (R9); infinity: never."""
        most = self._options.max_attempts
        if status.cut_ms is None or status.question != "none" or not most or status.attempt < most:
            return inf
        return status.cut_ms + ASK_AFTER_MS

    def _later_delay_ms(self, status: Status, now_ms: float) -> float:
        options = self._options
        since_cut_ms = 0.0 if status.cut_ms is None else now_ms - status.cut_ms
        return later_delay_ms(
            max(status.attempt, 1),
            since_cut_ms,
            options.base_delay_ms,
            options.delay_cap_ms,
            self._random,
        )

    def _next(
        self,
        status: Status,
        now_ms: float,
        delay_ms: float,
        cause: str,
        *,
        ask: bool = False,
        stop: bool = False,
    ) -> Status:
        """Wait and try again, or stop: told to, or nothing goes on behind a question."""
        question = "permanent" if ask else status.question
        stop = stop or (question != "none" and not self._options.retry_while_asking)
        return replace(
            status,
            state="stopped" if stop else "waiting",
            cause=cause,
            question=question,
            next_try_ms=None if stop else now_ms + delay_ms,
            cut_ms=now_ms if status.cut_ms is None else status.cut_ms,
        )
