"""A wire: two pipes with latency and bandwidth that cut, stall and swallow."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock

HEADER_BYTES = 6


class Pipe:
    """One direction of one socket; what is sent arrives in order or not at all."""

    def __init__(self, clock: Clock, latency_ms: float, bytes_per_ms: float) -> None:
        self.clock = clock
        self.latency_ms = latency_ms
        self.bytes_per_ms = bytes_per_ms
        self.dead = False
        self.hole = False
        self.stalled_until_ms = 0.0
        self.used_ms = 0.0
        self._busy_ms = 0.0
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()

    def send(self, size: int, deliver: Callable[[], None]) -> None:
        """Deliver after the bytes have gone through, unless the pipe breaks before the last."""
        now_ms = self.used_ms = self.clock.now_ms
        if self.bytes_per_ms != inf:
            self._busy_ms = max(now_ms, self._busy_ms) + (size + HEADER_BYTES) / self.bytes_per_ms
            now_ms = self._busy_ms
        at_ms = now_ms + self.latency_ms
        self._queue.append((at_ms, deliver))
        self.clock.at(at_ms, self._pump)

    def _pump(self) -> None:
        while self._queue and self._queue[0][0] <= self.clock.now_ms:
            if self.stalled_until_ms > self.clock.now_ms:
                self.clock.at(self.stalled_until_ms, self._pump)
                return
            _, deliver = self._queue.popleft()
            if not (self.dead or self.hole):
                deliver()


class Wire:
    """One socket as the network sees it."""

    def __init__(self, clock: Clock, latency_ms: float, bytes_per_ms: float) -> None:
        self.up = Pipe(clock, latency_ms, bytes_per_ms)
        self.down = Pipe(clock, latency_ms, bytes_per_ms)
        self.page_open = True
        self.server_open = True
        self.faulty_ms: float | None = None
        self.deliver: Any = None  # the page and its socket id

    @property
    def used_ms(self) -> float:
        """When something was last sent either way."""
        return max(self.up.used_ms, self.down.used_ms)

    def kill(self) -> None:
        """Lose all that is under way."""
        self.up.dead = self.down.dead = True
