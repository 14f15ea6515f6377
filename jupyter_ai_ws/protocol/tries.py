"""What is under way while a page is not connected (rules H, S, R)."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal

from .errors import broken
from .handshake import ResumeRequest
from .limits import (
    CONNECT_TIMEOUT_LIMIT_MS,
    CONNECT_TIMEOUT_MS,
    PROBE_TIMEOUT_MS,
    REPLACE_AFTER_MS,
    CloseCode,
)
from .outage import Outage
from .retry import ProbeAnswer, classify_close
from .session import Session
from .status import ConnectorOptions, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from .driver import ConnectorDriver
    from .frames import Welcome
    from .liveness import Liveness


AT_REST: Final[dict[str, Any]] = {
    "cause": "",
    "next_try_ms": None,
    "cut_ms": None,
    "question": "none",
}
"""Nothing is wrong and nothing is waited for."""


class Tries:
    """The session to be resumed, the one socket or probe, and when the next one is due.

    Attributes:
        session: The session that is connected or to be resumed.
        status: Where the connection stands.
        instance: Server process of the last welcome; None before (H8).
        current: The one socket or probe there is; 0: none. No number is used twice.
    """

    def __init__(
        self,
        driver: ConnectorDriver,
        liveness: Liveness,
        options: ConnectorOptions,
        random: Callable[[], float],
    ) -> None:
        """Begin idle.

        Args:
            driver: The shell.
            liveness: Judges every socket.
            options: The settings, which may change at any time.
            random: Returns a number in [0, 1).
        """
        self.session = Session(driver, proofs=liveness)
        self.status = Status()
        self.instance: str | None = None
        self.current = 0
        self._driver = driver
        self._liveness = liveness
        self._options = options
        self._outage = Outage(options, random)
        self._sid = driver.random_sid()
        self._epoch: str | None = None  # None: a new session is asked for
        self._serial = 0  # number of the last socket or probe
        self._probing = False  # whether the last try was a probe
        # When the current try started, and when it times out; infinite: none is under way.
        self._started_ms = 0.0
        self._deadline_ms = inf
        self._connect_timeout_ms: float = CONNECT_TIMEOUT_MS

    @property
    def request(self) -> ResumeRequest:
        """What the last request said, with the cursor of now (H1)."""
        return ResumeRequest(self._sid, self._epoch, self.session.receipts.received, self._serial)

    @property
    def next_ms(self) -> float:
        """When `tick` must be called next; infinity: not at all."""
        return min(self._outage.ask_ms(self.status), self._deadline_ms, self._next_try_ms)

    def set_status(self, **changes: Any) -> None:
        """Change the status, and tell."""
        self.status = replace(self.status, **changes)
        self._driver.status_changed(self.status)

    def settle(self, state: Literal["connected", "sleeping", "disposed"]) -> None:
        """Set a state in which nothing is wrong and nothing is waited for."""
        self.set_status(**AT_REST, state=state)

    def start(self, now_ms: float) -> None:
        """Open the first socket."""
        if self.status.state == "idle":
            self._open(False, now_ms)

    def reconnect(self, now_ms: float) -> None:
        """Try now, as a person asked, in any state; attempts are fresh (R7)."""
        self.drop(CloseCode.SILENT, "reconnect")
        self._outage.start_over()
        self._try(now_ms, attempt=1, cut_ms=self._cut_ms(now_ms), question="none")

    def wake(self, now_ms: float) -> None:
        """Try now if a try is waited for, or if the page sleeps (R7, L8)."""
        if self.status.state == "waiting":
            self._try(now_ms)
        elif self.status.state == "sleeping":
            self._try(now_ms, attempt=self.status.attempt)

    def replace_old(self, now_ms: float) -> bool:
        """Replace a try that is older than 3 s; tell whether there was one (R7)."""
        is_old = self._deadline_ms < inf and now_ms - self._started_ms > REPLACE_AFTER_MS
        if is_old:
            self.drop(CloseCode.SILENT, "network back")
            self._try(now_ms, attempt=self.status.attempt)
        return is_old

    def tick(self, now_ms: float) -> None:
        """Do what has fallen due by time."""
        if now_ms >= self._outage.ask_ms(self.status):
            self._ask()
        if now_ms >= self._next_try_ms:
            self._try(now_ms)
        elif now_ms >= self._deadline_ms:
            self._time_out(now_ms)

    def probe_answered(
        self, answer: ProbeAnswer, now_ms: float, *, timed_out: bool = False
    ) -> None:
        """Handle what the probe found (R4)."""
        self._done()
        status = self._outage.probed(self.status, answer, timed_out, now_ms)
        if status is None:
            self._open(False, now_ms)
        else:
            self._follow(status)

    def welcomed(self, welcome: Welcome, now_ms: float) -> bool:
        """Take in the welcome of the socket.

        Returns:
            Whether the session is attached; else another is asked for (H9).

        Raises:
            ProtocolError: It does not answer the request (S3, H4, H7).
        """
        asked = self._epoch is not None
        restarted = self.instance is not None and welcome.instance != self.instance
        if welcome.serial != self._serial:
            broken("S3", f"serial {welcome.serial}, not {self._serial}")
        self.instance = welcome.instance
        if asked and welcome.epoch is None and not welcome.resumed:
            self.drop(CloseCode.NORMAL, "")
            self._start_over(
                "restarted" if restarted else "session-lost",
                lambda: self._try_for_new(now_ms),
            )
            return False
        if (
            welcome.epoch is None
            or welcome.resumed != asked
            or (asked and welcome.epoch != self._epoch)
        ):
            broken("H4", "welcome does not fit the request")
        self.session.attach(welcome.received, now_ms)
        self._epoch = welcome.epoch
        self._deadline_ms = inf
        self._connect_timeout_ms = CONNECT_TIMEOUT_MS
        self._outage.welcomed()
        return True

    def lost(self, code: int, now_ms: float, *, timed_out: bool = False) -> None:
        """Handle the end of the socket: decide what comes next (R1, R2).

        Args:
            code: By which it is judged.
            now_ms: The time.
            timed_out: Whether it was given up for want of a welcome (S2).
        """
        self._done()
        status = self.status
        # Nobody can lose a session that was not asked for: without this a server that answers
        # so for ever would be asked for ever, without a pause.
        unasked = code == CloseCode.UNKNOWN and self._epoch is None
        verdict = classify_close(CloseCode.PROTOCOL_ERROR if unasked else code)

        def go_on() -> None:
            if verdict.spends_attempt:
                self._follow(self._outage.socket_failed(status, verdict, timed_out, now_ms))
            else:
                self._try_for_new(now_ms)

        if verdict.session == "ended":
            self._start_over(verdict.cause, go_on)
        else:
            go_on()

    def drop(self, code: int, reason: str) -> None:
        """Give up whatever is under way or connected; the session stays."""
        current = self.current
        self._done()
        if current and self._probing:
            self._driver.drop_probe(current)
        elif current:
            self._driver.close_socket(current, code, reason)

    # -- Private -------------------------------------------------------------------------

    @property
    def _next_try_ms(self) -> float:
        return inf if self.status.next_try_ms is None else self.status.next_try_ms

    def _cut_ms(self, now_ms: float) -> float:
        return now_ms if self.status.cut_ms is None else self.status.cut_ms

    def _follow(self, status: Status) -> None:
        self.status = status
        self._driver.status_changed(status)

    def _done(self) -> None:
        self.session.detach()
        self.current = 0
        self._deadline_ms = inf

    def _try(self, now_ms: float, **changes: Any) -> None:
        """Start a try: a probe once a socket has failed (R3), else a socket.

        `changes` in the status come with it; one attempt more unless given.
        """
        changes.setdefault("attempt", self.status.attempt + 1)
        self._open(self._outage.by_probe, now_ms, **changes)

    def _open(self, probing: bool, now_ms: float, **changes: Any) -> None:
        self._serial += 1
        self.current = self._serial
        self._probing = probing
        self._started_ms = now_ms
        self._deadline_ms = now_ms + (PROBE_TIMEOUT_MS if probing else self._connect_timeout_ms)
        if probing:
            self._driver.open_probe(self.current)
        else:
            self._driver.open_socket(self.current, self.request)
        state = "probing" if probing else "connecting"
        self.set_status(**changes, state=state, next_try_ms=None)

    def _time_out(self, now_ms: float) -> None:
        """A time-out spends an attempt and is followed at once by the next try (R6)."""
        self.drop(CloseCode.SILENT, "no answer")
        if self._probing:
            self.probe_answered("busy", now_ms, timed_out=True)
        else:
            self._connect_timeout_ms = min(self._connect_timeout_ms * 2, CONNECT_TIMEOUT_LIMIT_MS)
            self.lost(CloseCode.ABNORMAL, now_ms, timed_out=True)

    def _start_over(self, reason: str, go_on: Callable[[], None]) -> None:
        """Ask for a new session from now on (H9).

        Args:
            reason: Why the old one ended.
            go_on: What to do next, before the owners of channels are told: they may do anything.
        """
        old = self.session
        self.session = Session(self._driver, old.next_channel, self._liveness)
        self._sid = self._driver.random_sid()
        self._epoch = None
        go_on()
        old.end(reason)
        self._driver.session_replaced(self.session)

    def _try_for_new(self, now_ms: float) -> None:
        """Connect at once; spends no attempt (H9)."""
        self._outage.start_over()
        self._try(
            now_ms,
            attempt=self.status.attempt,
            cause="session-lost",
            cut_ms=self._cut_ms(now_ms),
        )

    def _ask(self) -> None:
        """Ask the user, attempts being used up (R9)."""
        self.set_status(question="attempts")
        if not self._options.retry_while_asking:
            self.drop(CloseCode.SILENT, "asking")
            self.set_status(state="stopped", next_try_ms=None)
