"""The writes of a handler that wait until there is room for more."""

from __future__ import annotations

from asyncio import Future
from typing import TYPE_CHECKING, Any, Final

from tornado.websocket import WebSocketClosedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["PendingWrites"]

LIMIT: Final = 1024
"""Of more writes in a turn, and of those while paused, only those are kept that are awaited."""


class PendingWrites:
    """Futures of writes, resolved in the next turn of the event loop unless paused.

    Those that waited go on one a turn, in their order: if all were woken together, each would
    write, and there might be room for one.
    """

    __slots__ = ("_failed", "_futures", "_paused", "_resolving", "_waited", "loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin without one, not paused.

        Args:
            loop: Where the handler runs.
        """
        self.loop = loop
        self._futures: list[Future[None]] = []
        self._paused = False
        self._waited = False
        self._failed = False
        self._resolving = False

    def add(self) -> Future[None]:
        """Return what the handler may await for one more write; it has failed after `fail`."""
        # One of its own for each write: whoever waits for it may cancel it.
        if self._paused or len(self._futures) >= LIMIT:
            return _LateWrite(self)
        future: Future[None] = self.loop.create_future()
        self.keep(future)
        return future

    def keep(self, future: Future[None]) -> None:
        """Resolve this one too."""
        if self._failed:
            _fail(future)
        else:
            self._futures.append(future)
            self._resolve_soon()

    def drop(self, future: Future[None]) -> None:
        """Forget one that was cancelled."""
        if future in self._futures:
            self._futures.remove(future)

    def pause(self) -> None:
        """Let writes wait from now on."""
        self._paused = self._waited = True

    def resume(self) -> None:
        """Let the writes that wait go on."""
        self._paused = False
        self._resolve_soon()

    def fail(self) -> None:
        """Tell all that wait, now or later, that there is no line any more."""
        self._failed = True
        for future in self._futures:
            _fail(future)
        self._futures.clear()

    def _resolve_soon(self) -> None:
        """Resolve in the next turn: a loop over awaited writes must let others run."""
        if self._futures and not self._resolving and not self._paused:
            self._resolving = True
            self.loop.call_soon(self._resolve)

    def _resolve(self) -> None:
        self._resolving = False
        if self._paused:
            return
        count = 1 if self._waited else len(self._futures)
        futures, self._futures = self._futures[:count], self._futures[count:]
        self._waited = bool(self._futures)
        for future in futures:
            if not future.done():
                future.set_result(None)
        self._resolve_soon()


class _LateWrite(Future[None]):
    """A write that is kept from the moment somebody waits for it."""

    def __init__(self, writes: PendingWrites) -> None:
        super().__init__(loop=writes.loop)
        self._writes = writes
        self._kept = False

    def add_done_callback(self, fn: Callable[[Any], object], **options: Any) -> None:
        if not self._kept and not self.done():
            self._kept = True
            self._writes.keep(self)
        super().add_done_callback(fn, **options)

    def cancel(self, msg: Any = None) -> bool:
        cancelled = super().cancel(msg)
        if cancelled:
            self._writes.drop(self)
        return cancelled


def _fail(future: Future[None]) -> None:
    if not future.done():
        future.set_exception(WebSocketClosedError())
        future.exception()  # nobody has to wait for it
