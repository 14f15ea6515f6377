"""What is connected: a welcomed socket (rules L, R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import ATTEMPTS_BACK_MS, LATE_TIMER_MS

if TYPE_CHECKING:
    from .driver import ConnectorDriver, Frame
    from .liveness import Liveness
    from .session import Session


class Line:
    """A welcomed socket: writes to it, and knows when it was used.

    Attributes:
        used_ms: When a channel was last seen to have carried units (L8).
    """

    def __init__(
        self,
        driver: ConnectorDriver,
        socket_id: int,
        session: Session,
        liveness: Liveness,
        now_ms: float,
    ) -> None:
        """Answer the welcome by a ping (H3).

        Args:
            driver: The shell.
            socket_id: The socket.
            session: What it carries.
            liveness: Judges it.
            now_ms: The time.
        """
        self.used_ms = now_ms
        self._driver = driver
        self._socket_id = socket_id
        self._session = session
        self._liveness = liveness
        self._welcomed_ms = now_ms
        # When the last byte went either way, and the same before the last ping.
        self._active_ms = now_ms
        self._active_before_ping_ms = 0.0
        self._pinged_ms = 0.0
        self._units_moved = session.units_moved
        liveness.start(now_ms)
        self.ping(now_ms)

    @property
    def settled(self) -> bool:
        """Whether a proof has come that gives attempts back (R8)."""
        return self._liveness.last_proof_ms - self._welcomed_ms >= ATTEMPTS_BACK_MS

    def active(self, now_ms: float) -> None:
        """Note that something went either way."""
        self._active_ms = now_ms
        if self._session.units_moved != self._units_moved:
            self._units_moved = self._session.units_moved
            self.used_ms = now_ms

    def ping(self, now_ms: float) -> None:
        """Write a ping."""
        self._active_before_ping_ms = self._active_ms
        self._pinged_ms = now_ms
        self.write([self._session.ping(self._liveness.ping(now_ms))], now_ms)

    def write(self, frames: list[Frame], now_ms: float) -> None:
        """Write frames."""
        self.active(now_ms)
        self._liveness.written(self._session.log.cost, now_ms)
        self._driver.write(self._socket_id, frames)

    def silence_ms(self, now_ms: float) -> float:
        """Return for how long the line had carried nothing when it was cut.

        A ping that just lost a race does not count (L7).
        """
        ping_lost = (
            self._liveness.ping_outstanding
            and self._active_ms == self._pinged_ms
            and now_ms - self._pinged_ms < LATE_TIMER_MS
        )
        return now_ms - (self._active_before_ping_ms if ping_lost else self._active_ms)
