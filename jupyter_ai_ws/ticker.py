"""A timer that runs only while it is wanted."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Ticker"]

INTERVAL_S: Final = 5.0
"""How often expiry and silence are looked at while there are sessions: each time wakes the process,
and what is looked for takes 10 s at least."""
LATE_S: Final = 5.0
"""A tick this late says that this process slept, not that the pages are silent."""


class Ticker:
    """Calls a function again and again, and costs nothing while nobody wants it."""

    def __init__(self, tick: Callable[[], None], wanted: Callable[[], bool]) -> None:
        """Wait for `start`.

        Args:
            tick: Called every `interval_s` seconds, but not when a tick is `late_s` late:
                first the event loop has to catch up with what came meanwhile.
            wanted: Whether to go on.
        """
        self.interval_s = INTERVAL_S
        self.late_s = LATE_S
        self._tick = tick
        self._wanted = wanted
        self._handle: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """Whether a tick is to come."""
        return self._handle is not None

    def start(self) -> None:
        """Tick from now on while wanted. Idempotent."""
        if self._handle is None and self._wanted():
            # A fresh context: the timer must not keep the request alive in which it was set.
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(self.interval_s, self._run, context=Context())

    def stop(self) -> None:
        """Tick no more. Idempotent."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self) -> None:
        handle, self._handle = self._handle, None
        try:
            if handle is not None:
                late_s = asyncio.get_running_loop().time() - handle.when()
                if late_s < self.late_s:
                    self._tick()
        finally:
            self.start()
