"""The HTTP connection under a handler that is driven in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from tornado.httputil import HTTPConnection
from tornado.iostream import StreamClosedError

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

    from tornado.httputil import HTTPHeaders, RequestStartLine, ResponseStartLine
    from tornado.web import RequestHandler

    from .stream import MemoryStream

__all__ = ["Context", "MemoryConnection"]


class Context:
    """Where a request comes from, as tornado's request object asks for it."""

    __slots__ = ("address", "address_family", "protocol", "remote_ip")

    def __init__(self, remote_ip: str, protocol: str) -> None:
        """Take what the page's own request has shown.

        Args:
            remote_ip: The address of the page's browser, as this server sees it.
            protocol: "http" or "https", as this server sees it.
        """
        self.address = ("in-process", 0)
        self.address_family = None
        self.protocol = protocol
        self.remote_ip = remote_ip

    def __str__(self) -> str:
        """Name the client, for log lines."""
        return self.remote_ip


class ConnectionOwner(Protocol):
    """What a connection tells the one who drives the handler."""

    def answered(self, status: int, headers: HTTPHeaders) -> None:
        """Note the head of the handler's answer."""

    def upgraded(self, handler: RequestHandler | None) -> None:
        """Note that the handler takes the stream; its `open` has not run yet."""


class MemoryConnection(HTTPConnection):
    """What tornado's handlers use of an HTTP connection: one request, no keep-alive."""

    def __init__(self, owner: ConnectionOwner, stream: MemoryStream, context: Context) -> None:
        """Begin before the answer."""
        self.context = context
        self.stream: MemoryStream | None = stream
        self._owner = owner
        self._handler: RequestHandler | None = None
        self._close_callback: Callable[[], None] | None = None

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Call this when the client goes away before the upgrade."""
        # The first callback is a method of the handler, and the only way to the handler before
        # its `open`; `finish` passes None later on.
        if self._handler is None:
            self._handler = getattr(callback, "__self__", None)
        self._close_callback = callback

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> Future[None]:
        """Take the head of the answer; there is no use for a body."""
        if self._closed:
            return _failed()
        self._owner.answered(start_line.code, headers)  # type: ignore[union-attr]
        return _done()

    def write(self, chunk: bytes) -> Future[None]:
        """Drop a piece of a body."""
        return _failed() if self._closed else _done()

    def finish(self) -> None:
        """Do nothing: what counts was told with the head."""

    def detach(self) -> MemoryStream:
        """Hand the stream to the WebSocket protocol."""
        stream = self.stream
        assert stream is not None  # noqa: S101
        handler = self._handler
        self.stream = self._handler = self._close_callback = None
        self._owner.upgraded(handler)
        return stream

    def close(self) -> None:
        """Go away before the upgrade, as a browser that gives up."""
        callback, self._close_callback = self._close_callback, None
        self._handler = None
        if self.stream is not None:
            self.stream.close()
        if callback is not None:
            asyncio.get_running_loop().call_soon(callback)

    @property
    def _closed(self) -> bool:
        return self.stream is None or self.stream.closed()


def _done() -> Future[None]:
    future: Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def _failed() -> Future[None]:
    future: Future[None] = asyncio.get_running_loop().create_future()
    future.set_exception(StreamClosedError())
    future.exception()  # nobody has to wait for it
    return future
