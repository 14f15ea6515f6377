"""The writes of a handler that wait until there is room for more."""

from __future__ import annotations

from asyncio import Future
from typing import TYPE_CHECKING, Any

from tornado.websocket import WebSocketClosedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["PendingWrites"]


class PendingWrites:
    """Futures of writes. Those that somebody waits for are resolved in the next turn, or paused.

    Most handlers do not await what they write, and a turn of the event loop for it would cost as
    much as the write.
    """

    __slots__ = ("_awaited", "_failed", "_paused", "_resolving", "loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin without one, not paused.

        Args:
            loop: Where the handler runs.
        """
        self.loop = loop
        self._awaited: list[Future[None]] = []
        self._paused = False
        self._failed = False
        self._resolving = False

    def add(self) -> Future[None]:
        """Return what the handler may await for one more write."""
        # One of its own for each write: whoever waits for it may cancel it.
        return _Write(self)

    def awaited(self, future: Future[None]) -> None:
        """Note that somebody waits for a write."""
        if self._failed:
            _fail(future)
        else:
            self._awaited.append(future)
            self._resolve_soon()

    def drop(self, future: Future[None]) -> None:
        """Forget one that was cancelled."""
        if future in self._awaited:
            self._awaited.remove(future)

    def failed(self) -> Future[None]:
        """Return what a write gives when there is no line any more."""
        future: Future[None] = self.loop.create_future()
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
        """Tell writes that wait for room that there is no line any more; the others have left."""
        self._failed = self._paused
        if self._failed:
            for future in self._awaited:
                _fail(future)
            self._awaited.clear()

    def _resolve_soon(self) -> None:
        """Resolve in the next turn: a loop over awaited writes must let others run."""
        if self._awaited and not self._resolving and not self._paused:
            self._resolving = True
            self.loop.call_soon(self._resolve)

    def _resolve(self) -> None:
        self._resolving = False
        if self._paused:
            return
        futures, self._awaited = self._awaited, []
        for future in futures:
            if not future.done():
                future.set_result(None)


class _Write(Future[None]):
    """A write that is kept from the moment somebody waits for it."""

    __slots__ = ("_is_awaited", "_writes")

    def __init__(self, writes: PendingWrites) -> None:
        super().__init__(loop=writes.loop)
        self._writes = writes
        self._is_awaited = False

    def add_done_callback(self, fn: Callable[[Any], object], **options: Any) -> None:
        self._wait()
        super().add_done_callback(fn, **options)

    def done(self) -> bool:
        # Whoever asks waits for the answer to change.
        self._wait()
        return super().done()

    def cancel(self, msg: Any = None) -> bool:
        cancelled = super().cancel(msg)
        if cancelled:
            self._writes.drop(self)
        return cancelled

    def _wait(self) -> None:
        if not self._is_awaited:
            self._is_awaited = True
            if not super().done():
                self._writes.awaited(self)


def _fail(future: Future[None]) -> None:
    if not future.done():
        future.set_exception(WebSocketClosedError())
        future.exception()  # nobody has to wait for it
