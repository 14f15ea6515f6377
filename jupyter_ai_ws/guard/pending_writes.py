"""What handlers get for what they write, to wait until there is room for more."""

from __future__ import annotations

from asyncio import Future
from typing import TYPE_CHECKING, Any, Final

from tornado.websocket import WebSocketClosedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["PendingWrites"]

TURN_S: Final = 0.001
"""A write this old was made in an earlier turn of the event loop, if nobody hogs that."""


class PendingWrites:
    """Makes the futures of writes, and knows those that wait for room.

    Most handlers do not look at what they get, and to resolve it takes a turn of the event loop
    that costs as much as the write. So that is done for those only who look.
    """

    __slots__ = ("_resolving", "_waiting", "failed", "loop", "paused")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin without one, not paused.

        Args:
            loop: Where the handler runs.
        """
        self.loop = loop
        self.paused = False
        self.failed = False
        self._waiting: list[Future[None]] = []
        self._resolving = False

    def add(self) -> Future[None]:
        """Return what the handler may await for one more write."""
        # One of its own for each write: whoever waits for it may cancel it.
        return _Write(self)

    def none(self) -> Future[None]:
        """Return what a write gives when there is no line any more."""
        future: Future[None] = self.loop.create_future()
        _fail(future)
        return future

    def wait(self, future: Future[None]) -> None:
        """Resolve this one when there is room, or fail it when there is no line any more."""
        if self.failed:
            _fail(future)
        else:
            self._waiting.append(future)
            self._resolve_soon()

    def drop(self, future: Future[None]) -> None:
        """Forget one that was cancelled."""
        if future in self._waiting:
            self._waiting.remove(future)

    def pause(self) -> None:
        """Let writes wait from now on."""
        self.paused = True

    def resume(self) -> None:
        """Let the writes that wait go on."""
        self.paused = False
        self._resolve_soon()

    def fail(self) -> None:
        """Tell all that wait that there is no line any more."""
        self.failed = True
        for future in self._waiting:
            _fail(future)
        self._waiting.clear()

    def _resolve_soon(self) -> None:
        if self._waiting and not self._resolving and not self.paused:
            self._resolving = True
            self.loop.call_soon(self._resolve)

    def _resolve(self) -> None:
        self._resolving = False
        if self.paused:
            return
        futures, self._waiting = self._waiting, []
        for future in futures:
            _succeed(future)


class _Write(Future[None]):
    """One write: it has left already, or waits for room since it was made."""

    __slots__ = ("_made_s", "_noted", "_waits", "_writes")

    def __init__(self, writes: PendingWrites) -> None:
        super().__init__(loop=writes.loop)
        self._writes = writes
        self._waits = writes.paused
        self._made_s = writes.loop.time()
        self._noted = False  # somebody sees to it that it is resolved

    def done(self) -> bool:
        self._look()
        return super().done()

    def result(self) -> None:
        self._look()
        return super().result()

    def exception(self) -> BaseException | None:
        self._look()
        return super().exception()

    def cancel(self, msg: Any = None) -> bool:
        self._look()
        cancelled = super().cancel(msg)
        if cancelled:
            self._writes.drop(self)
        return cancelled

    def add_done_callback(self, fn: Callable[[Any], object], **options: Any) -> None:
        self._look()
        if not self._noted and not super().done():
            self._noted = True
            # Not at once: a loop over awaited writes must let others run.
            self._writes.loop.call_soon(_succeed, self)
        super().add_done_callback(fn, **options)

    def _look(self) -> None:
        """Become what a write of its kind and age is; in the turn it was made none is done."""
        if self._noted or super().done():
            return
        if self._waits:
            self._noted = True
            self._writes.wait(self)
        elif self._writes.loop.time() - self._made_s >= TURN_S:
            self._noted = True
            self.set_result(None)


def _succeed(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _fail(future: Future[None]) -> None:
    if not future.done():
        future.set_exception(WebSocketClosedError())
        future.exception()  # nobody has to wait for it
