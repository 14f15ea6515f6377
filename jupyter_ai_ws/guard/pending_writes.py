"""The writes of a handler that wait until there is room for more."""

from __future__ import annotations

from asyncio import Future
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from tornado.websocket import WebSocketClosedError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["PendingWrites"]

LIMIT: Final = 1024
"""Of more writes in a turn, and of those while paused, only those are kept that are awaited."""
TURN_SIZE: Final = 1024 * 1024
"""What the writes have that go on in one turn, but for the first of them."""


class PendingWrites:
    """Futures of writes, resolved in the next turn of the event loop unless paused.

    Many large ones go on in several turns: whoever waited for one is likely to write as much
    again, and tasks that were all woken together would write where there is room for some.
    """

    __slots__ = ("_failed", "_late", "_paused", "_resolving", "_waiting", "loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin without one, not paused.

        Args:
            loop: Where the handler runs.
        """
        self.loop = loop
        self._waiting: dict[Future[None], int] = {}  # in order, each with its size
        self._late: WeakSet[Future[None]] | None = None  # large, and needed by few
        self._paused = False
        self._failed = False
        self._resolving = False

    def add(self, size: int) -> Future[None]:
        """Return what the handler may await for one more write; it has failed after `fail`.

        Args:
            size: Characters or bytes that were written.
        """
        # One of its own for each write: whoever waits for it may cancel it.
        if self._failed or not (self._paused or len(self._waiting) >= LIMIT):
            future: Future[None] = self.loop.create_future()
            self.keep(future, size)
            return future
        late = _LateWrite(self, size)
        if self._late is None:
            self._late = WeakSet()
        self._late.add(late)
        self._resolve_soon()
        return late

    def keep(self, future: Future[None], size: int) -> None:
        """Resolve this one too, in its turn."""
        if self._failed:
            _fail(future)
            return
        if self._late is not None:
            self._late.discard(future)
        self._waiting[future] = size
        self._resolve_soon()

    def drop(self, future: Future[None]) -> None:
        """Forget one that was cancelled."""
        self._waiting.pop(future, None)

    def pause(self) -> None:
        """Let writes wait from now on."""
        self._paused = True

    def resume(self) -> None:
        """Let the writes that wait go on."""
        self._paused = False
        if not self._late:
            self._late = None
        self._resolve_soon()

    def fail(self) -> None:
        """Tell all that wait, now or later, that there is no line any more."""
        self._failed = True
        for future in self._take_late():
            _fail(future)
        for future in self._waiting:
            _fail(future)
        self._waiting.clear()

    def _resolve_soon(self) -> None:
        """Resolve in the next turn: a loop over awaited writes must let others run."""
        if (self._waiting or self._late) and not self._resolving and not self._paused:
            self._resolving = True
            self.loop.call_soon(self._resolve)

    def _resolve(self) -> None:
        self._resolving = False
        if self._paused:
            return
        # Nobody waits for them, so nobody is woken.
        for future in self._take_late():
            _succeed(future)
        for future in self._take_turn():
            _succeed(future)
        self._resolve_soon()

    def _take_turn(self) -> list[Future[None]]:
        taken: list[Future[None]] = []
        room = TURN_SIZE
        for future, size in self._waiting.items():
            room -= size
            if taken and room < 0:
                break
            taken.append(future)
        for future in taken:
            del self._waiting[future]
        return taken

    def _take_late(self) -> list[Future[None]]:
        late, self._late = self._late, None
        return list(late) if late else []


class _LateWrite(Future[None]):
    """A write that is kept from the moment somebody waits for it."""

    def __init__(self, writes: PendingWrites, size: int) -> None:
        super().__init__(loop=writes.loop)
        self._writes = writes
        self._size = size
        self._kept = False

    def add_done_callback(self, fn: Callable[[Any], object], **options: Any) -> None:
        if not self._kept and not self.done():
            self._kept = True
            self._writes.keep(self, self._size)
        super().add_done_callback(fn, **options)

    def cancel(self, msg: Any = None) -> bool:
        cancelled = super().cancel(msg)
        if cancelled:
            self._writes.drop(self)
        return cancelled


def _succeed(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _fail(future: Future[None]) -> None:
    if not future.done():
        future.set_exception(WebSocketClosedError())
        future.exception()  # nobody has to wait for it
