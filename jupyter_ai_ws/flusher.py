"""When what waits is written: after each turn of the event loop, unless turns are very short."""

from __future__ import annotations

import asyncio
from contextvars import Context
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Flusher"]

HOT_S: Final = 0.0002
"""Flushes that would follow each other faster cost more than what they carry."""
PACE_S: Final = 0.0005
"""How long after the last flush such a one comes. The event loop rounds up to 1 ms when idle."""
OVERDUE_S: Final = 0.005
"""A turn that has gone on for so long is held up: what waits for its end goes before that."""
BULK_BYTES: Final = 64 * 1024
"""With so much unacknowledged the line must not wait: acknowledgements make the pace."""


class Flusher:
    """Calls a function once for everything that wants it within a turn (F5)."""

    def __init__(self, flush: Callable[[], None]) -> None:
        """Wait for `want`.

        Args:
            flush: Called at the end of a turn of the event loop, or ahead of it (`at_once`), in
                a context of its own.
        """
        self._flush = flush
        self._handle: asyncio.Handle | None = None
        self._paced = False
        self._wanted_s = -inf  # when the handle was made
        self._last_s = -inf
        # Within `at_once`, and whether a flush is wanted there.
        self._holds = False
        self._held = False
        self._ahead = False  # the last flush did not wait for the end of its turn

    def want(self, in_flight_bytes: int) -> None:
        """Arrange for a flush.

        Args:
            in_flight_bytes: What the one who wants it has sent and is not acknowledged.
        """
        if self._holds:
            self._held = True
            return
        handle = self._handle
        if handle is not None and not self._paced:
            return
        loop = asyncio.get_running_loop()
        hot = in_flight_bytes < BULK_BYTES and not self._ahead and self._is_hot(loop)
        if handle is None and hot:
            self._paced = True
            self._wanted_s = loop.time()
            self._handle = loop.call_at(self._last_s + PACE_S, self._run, context=Context())
        elif not hot:
            self._run_soon(loop)

    def hurry(self) -> None:
        """Let a flush that is wanted wait no longer than for the end of this turn."""
        if self._handle is not None and self._paced:
            self._run_soon(asyncio.get_running_loop())

    def at_once(self, act: Callable[[], None]) -> None:
        """Do something, and flush what it wants ahead of the end of the turn.

        A turn more costs as much as what it carries, if that is little. What follows soon in the
        same turn goes together at its end, and what has come together already waits for that, too,
        unless somebody holds up the turn: then all of it goes now.

        Args:
            act: What to do, outside of what a flush is made of. What it raises is raised.
        """
        loop = asyncio.get_running_loop()
        waits = self._handle is not None and loop.time() - self._wanted_s < OVERDUE_S
        if waits or self._holds or self._is_hot(loop):
            act()
            return
        self._holds = True
        try:
            act()
        finally:
            self._holds = False
            if self._held or self._handle is not None:
                self._held = False
                self._cancel()
                # Nothing that is made on the way may take who wrote for the one it works for.
                Context().run(self._run)
                self._ahead = True

    def _run_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        self._cancel()
        self._paced = False
        self._wanted_s = loop.time()
        self._handle = loop.call_soon(self._run, context=Context())

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _is_hot(self, loop: asyncio.AbstractEventLoop) -> bool:
        return loop.time() - self._last_s < HOT_S

    def _run(self) -> None:
        self._handle = None
        self._ahead = False
        self._last_s = asyncio.get_running_loop().time()
        self._flush()
