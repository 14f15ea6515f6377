"""Simulated time: an ordered queue of events."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Runs events in the order of their time; those of one time in the order they were added."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.events = 0
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, time_ms: float, event: Callable[[], None]) -> None:
        """Run `event` at that time, or now if it has passed."""
        heapq.heappush(self._queue, (max(time_ms, self.now_ms), next(self._order), event))

    def soon(self, event: Callable[[], None]) -> None:
        """Run `event` at the end of this turn."""
        self.at(self.now_ms, event)

    def run_until(self, done: Callable[[], bool], limit_ms: float) -> bool:
        """Run events until `done` says so; False when the time limit comes first."""
        while not done():
            if not self._queue or self._queue[0][0] > limit_ms:
                self.now_ms = max(self.now_ms, limit_ms)
                return done()
            self.now_ms, _, event = heapq.heappop(self._queue)
            self.events += 1
            event()
        return True
