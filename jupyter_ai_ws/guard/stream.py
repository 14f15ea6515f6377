"""The stream under a handler that is driven in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, Protocol

from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError

from ..frame_head import frame_head

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

__all__ = ["MemoryStream", "StreamOwner"]

_OPCODE: Final = 0x0F
_NOT_WHOLE: Final = 0x0, b""


class StreamOwner(Protocol):
    """What a stream tells the one who drives the handler."""

    def frame_written(self, opcode: int, payload: bytes) -> Future[None]:
        """Take a frame of the handler; return what resolves when there is room for more.

        Opcode 0 stands for anything that is not one whole frame.
        """

    def message_written(self, opcode: int, message: str | bytes) -> Future[None]:
        """Take a message of which no frame was made."""

    def all_read(self) -> None:
        """Note that nothing is left of what was fed."""

    def stream_closed(self) -> None:
        """Note that either side has closed the stream."""


class MemoryStream:
    """What tornado's WebSocket protocol uses of an `IOStream`, without a socket.

    The handler reads WebSocket frames that `feed` makes, unmasked, and writes one frame a call.
    """

    __slots__ = (
        "__weakref__",
        "_chunks",
        "_close_callback",
        "_closed",
        "_drained",
        "_foreign",
        "_loop",
        "_reader",
        "_thread",
        "_wanted",
        "error",
        "io_loop",
        "owner",
        "socket",
        "unread_bytes",
    )

    def __init__(self, owner: StreamOwner) -> None:
        """Begin open and empty; belongs to the running event loop."""
        self.io_loop = IOLoop.current()
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self.socket = None
        """There is none; a handler that asks for socket options or a certificate fails."""
        self.error: BaseException | None = None
        self.unread_bytes = 0
        """What was fed and not read."""
        self.owner = owner
        # Cut as tornado reads: two bytes, the rest of the length, the payload. None is copied.
        self._chunks: deque[bytes] | None = None  # idle streams are many, and a deque is large
        self._wanted = 0
        self._reader: Future[bytes] | None = None
        self._drained: Future[None] | None = None
        # What other threads have written, each with who takes it.
        self._foreign: list[tuple[Callable[[int, Any], Future[None]], int, str | bytes]] = []
        self._closed = False
        self._close_callback: Callable[[], None] | None = None

    # -- What tornado uses ---------------------------------------------------------------

    def closed(self) -> bool:
        """Tell whether either side has closed the stream."""
        return self._closed

    def set_nodelay(self, value: bool) -> None:
        """Do nothing: there is nothing that could delay."""

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Call this when the stream is closed, now if it is."""
        self._close_callback = callback
        if self._closed:
            self._call_back()

    def read_bytes(self, num_bytes: int, partial: bool = False) -> Future[bytes]:
        """Read so many bytes; what was fed before the close can be read in the turn of it.

        Raises:
            StreamClosedError: The stream is closed and not so much is left.
        """
        future: Future[bytes] = self._loop.create_future()
        if num_bytes <= self.unread_bytes:
            future.set_result(self._take(num_bytes))
        elif self._closed:
            raise StreamClosedError(real_error=self.error)
        else:
            self._wanted, self._reader = num_bytes, future
        return future

    def write(self, data: bytes | memoryview) -> Future[None]:
        """Write one frame.

        Raises:
            StreamClosedError: The stream is closed.
        """
        if self._closed:
            raise StreamClosedError(real_error=self.error)
        return self._in_the_loop(self.owner.frame_written, *_parse(bytes(data)))

    def pass_on(self, opcode: int, message: str | bytes) -> Future[None]:
        """Take a message without a frame; the stream is open."""
        return self._in_the_loop(self.owner.message_written, opcode, message)

    def close(self, exc_info: Any = False) -> None:
        """Close the stream; a pending read fails. Idempotent.

        What is left unread when the handler hears of it is dropped: a handler that is busy for
        long would keep it in memory, and tornado never reads it.
        """
        self._take_foreign()
        if self._closed:
            return
        self._closed = True
        if isinstance(exc_info, BaseException):
            self.error = exc_info
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_exception(StreamClosedError(real_error=self.error))
        self._wake_drained()
        self._call_back()
        self._loop.call_soon(self._drop_unread)
        self.owner.stream_closed()

    # -- What the driver uses ------------------------------------------------------------

    def feed(self, opcode: int, payload: bytes) -> None:
        """Let the handler read one whole frame; does nothing once the stream is closed."""
        if self._closed:
            return
        head = frame_head(opcode, len(payload))
        if len(head) == 2:
            self._add(head)
        else:
            self._add(head[:2])
            self._add(head[2:])
        if payload:
            self._add(payload)

    async def drained(self, limit_bytes: int) -> None:
        """Wait until less than that is unread, or the stream is closed."""
        while self.unread_bytes >= limit_bytes and not self._closed:
            self._drained = self._loop.create_future()
            await self._drained

    # -- Private -------------------------------------------------------------------------

    def _in_the_loop(
        self, take: Callable[[int, Any], Future[None]], opcode: int, message: str | bytes
    ) -> Future[None]:
        if get_ident() == self._thread:
            self._take_foreign()
            return take(opcode, message)
        # A socket takes what other threads write, and asyncio raises where they have no loop.
        self._foreign.append((take, opcode, message))
        self._loop.call_soon_threadsafe(self._take_foreign)
        future: Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def _take_foreign(self) -> None:
        """Take what other threads have written, ahead of what the loop's own writes next."""
        while self._foreign and get_ident() == self._thread:
            take, opcode, message = self._foreign.pop(0)
            try:
                take(opcode, message)
            except Exception as error:
                text = "A message of another thread could not be taken."
                self._loop.call_exception_handler({"message": text, "exception": error})

    def _add(self, chunk: bytes) -> None:
        if self._chunks is None:
            self._chunks = deque()
        self._chunks.append(chunk)
        self.unread_bytes += len(chunk)
        reader = self._reader
        if reader is not None and self.unread_bytes >= self._wanted:
            self._reader = None
            if not reader.done():
                reader.set_result(self._take(self._wanted))

    def _take(self, num_bytes: int) -> bytes:
        chunks = self._chunks
        taken = b""
        while len(taken) < num_bytes and chunks:
            missing = num_bytes - len(taken)
            chunk = chunks.popleft()
            if len(chunk) > missing:
                chunks.appendleft(chunk[missing:])
                chunk = chunk[:missing]
            taken = taken + chunk if taken else chunk
        self.unread_bytes -= num_bytes
        if not self.unread_bytes:
            self._chunks = None
            self.owner.all_read()
        self._wake_drained()
        return taken

    def _drop_unread(self) -> None:
        self._chunks = None
        self.unread_bytes = 0

    def _wake_drained(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _call_back(self) -> None:
        callback, self._close_callback = self._close_callback, None
        if callback is not None:
            self.io_loop.add_callback(callback)


def _parse(frame: bytes) -> tuple[int, bytes]:
    """Take apart a frame as tornado makes them: whole, unmasked, final."""
    if len(frame) < 2:
        return _NOT_WHOLE
    opcode, size = frame[0] & _OPCODE, frame[1]
    start = 2 if size < 126 else 4 if size == 126 else 10
    payload = frame[start:]
    return (opcode, payload) if frame[:start] == frame_head(opcode, len(payload)) else _NOT_WHOLE
