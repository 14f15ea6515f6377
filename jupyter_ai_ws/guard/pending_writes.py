"""The writes of a handler that wait until there is room for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tornado.websocket import WebSocketClosedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

__all__ = ["PendingWrites"]

LIMIT: Final = 1024
"""A handler with so many writes that wait does not wait for them, and they are kept no longer."""


class PendingWrites:
    """Futures of writes, resolved in the next turn of the event loop unless paused."""

    __slots__ = ("_futures", "_loop", "_paused", "_resolving")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin without one, not paused.

        Args:
            loop: Where the handler runs.
        """
        self._loop = loop
        self._futures: list[Future[None]] = []
        self._paused = False
        self._resolving = False

    def add(self) -> Future[None]:
        """Return what the handler may await for one more write."""
        # One of its own for each write: whoever waits for it may cancel it.
        future: Future[None] = self._loop.create_future()
        if len(self._futures) < LIMIT:
            self._futures.append(future)
            self._resolve_soon()
        else:
            future.set_result(None)
        return future

    def failed(self) -> Future[None]:
        """Return what a write gives when there is no line any more."""
        future: Future[None] = self._loop.create_future()
        _fail(future)
        return future

    def pause(self) -> None:
        """Let writes wait from now on."""
        self._paused = True

    def resume(self) -> None:
        """Let the writes that wait go on."""
        self._paused = False
        self._resolve_soon()

    def fail(self) -> None:
        """Tell all that wait that there is no line any more."""
        for future in self._futures:
            _fail(future)
        self._futures.clear()

    def _resolve_soon(self) -> None:
        """Resolve in the next turn: a loop over awaited writes must let others run."""
        if self._futures and not self._resolving and not self._paused:
            self._resolving = True
            self._loop.call_soon(self._resolve)

    def _resolve(self) -> None:
        self._resolving = False
        if self._paused:
            return
        futures, self._futures = self._futures, []
        for future in futures:
            if not future.done():
                future.set_result(None)


def _fail(future: Future[None]) -> None:
    if not future.done():
        future.set_exception(WebSocketClosedError())
        future.exception()  # nobody has to wait for it
