"""What to do next while there is no connection (rules R2 to R6, R10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .backoff import BackOff, first_delay_ms
from .retry import CloseVerdict, ProbeAnswer, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from .status import ConnectorOptions, Question

LOOK_AGAIN_MS: Final = 30_000
"""How often a permanent cause is looked at again (R4)."""
BELIEVE_AFTER_MS: Final = 2_000
"""Two probes must be so far apart to be believed (R5)."""
BLOCKED_AFTER: Final = 3
"""Sockets that fail although the probe answered, before they count as blocked (R10)."""


@dataclass(frozen=True)
class Step:
    """What to do next.

    Attributes:
        delay_ms: Wait so long, then try.
        cause: Why there is no connection, as the user is told.
        question: Whether a person is to be asked now.
        stop: Try no more.
    """

    delay_ms: float
    cause: str
    question: Question = "none"
    stop: bool = False


class Outage:
    """Remembers what sockets and probes said and draws the conclusions.

    Attributes:
        by_probe: Whether the next try is a probe: once a socket has failed (R3).
        welcomed_before: Whether this page ever had a session.
    """

    def __init__(self, options: ConnectorOptions, random: Callable[[], float]) -> None:
        """Take the settings, which may change at any time, and a source of randomness."""
        self.by_probe = False
        self.welcomed_before = False
        self._options = options
        self._random = random
        self._refused = 0  # sockets that failed right after a good probe
        self._permanent: tuple[str, float] | None = None  # cause, and when first said (R5)

    def welcomed(self) -> None:
        """Note that all is well."""
        self.welcomed_before = True
        self.start_over()

    def start_over(self) -> None:
        """Forget what was found, as when a person asks for a new try."""
        self.by_probe = False
        self._refused = 0
        self._permanent = None

    def socket_failed(
        self,
        verdict: CloseVerdict,
        *,
        connected: bool,
        timed_out: bool,
        attempt: int,
        cut_ms: float,
    ) -> Step:
        """Say what to do after a socket has ended.

        Args:
            verdict: What its close code means (R1).
            connected: Whether it had been welcomed.
            timed_out: Whether it was given up for want of a `welcome` (S2).
            attempt: Attempts spent so far.
            cut_ms: Time since the connection was lost.

        Returns:
            The next step.
        """
        cause: str = "busy" if timed_out else verdict.cause
        ask = verdict.ask
        if not connected:
            self._refused += int(self.by_probe and not timed_out)
            self.by_probe = True
            if self._refused >= BLOCKED_AFTER and not self.welcomed_before:
                cause, ask = "blocked", True
        if timed_out:
            delay_ms = 0.0  # R6: it was the wait
        elif attempt == 0:
            delay_ms = first_delay_ms(self._options.local, verdict.spread, self._random)
        else:
            delay_ms = self._delay_ms(attempt, cut_ms)
        return Step(delay_ms, cause, "permanent" if ask else "none")

    def probed(
        self, answer: ProbeAnswer, *, timed_out: bool, attempt: int, cut_ms: float, now_ms: float
    ) -> Step | None:
        """Say what to do after a probe; None: open a socket.

        Args:
            answer: What the probe found (R4).
            timed_out: Whether it was given up (S2).
            attempt: Attempts spent so far.
            cut_ms: Time since the connection was lost.
            now_ms: The time.

        Returns:
            The next step.
        """
        verdict = decide(answer, self.welcomed_before)
        if verdict.action == "open":
            self._permanent = None
            return None
        self._refused = 0
        if not verdict.permanent:
            self._permanent = None
            return Step(0.0 if timed_out else self._delay_ms(attempt, cut_ms), verdict.cause)
        if self._permanent is None or self._permanent[0] != verdict.cause:
            self._permanent = (verdict.cause, now_ms)
        left_ms = self._permanent[1] + BELIEVE_AFTER_MS - now_ms
        if left_ms > 0:
            return Step(left_ms, verdict.cause)
        return Step(LOOK_AGAIN_MS, verdict.cause, "permanent", verdict.action == "stop")

    def _delay_ms(self, attempt: int, cut_ms: float) -> float:
        options = self._options
        cap_ms = max(options.delay_cap_ms, options.base_delay_ms)
        return BackOff(options.base_delay_ms, cap_ms).delay_ms(
            max(attempt, 1), cut_ms, self._random
        )
