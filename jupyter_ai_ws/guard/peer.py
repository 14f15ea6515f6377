"""One endpoint of another extension, driven in memory."""

from __future__ import annotations

import asyncio
from contextvars import Context as ContextVariables
from math import inf
from typing import TYPE_CHECKING, Final

from tornado.httputil import HTTPInputError, HTTPServerRequest, RequestStartLine

from ..address import with_plain_names
from ..frame_head import BINARY, CLOSE, PING, PONG, TEXT
from ..protocol.limits import CloseCode
from .caller import peer_headers
from .close_frame import (
    FAILED,
    INVALID_DATA,
    PROTOCOL_ERROR,
    format_close,
    parse_close,
)
from .connection import Context, MemoryConnection
from .pending_writes import PendingWrites
from .short_way import take_short_way
from .stream import MemoryStream

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Sequence
    from logging import Logger

    from tornado.httputil import HTTPHeaders
    from tornado.web import Application, RequestHandler

    from .caller import Caller

__all__ = ["Peer", "PeerListener", "PeerRefusedError"]

GATEWAY_TIMEOUT: Final = 504
CLOSE_TIMEOUT_S: Final = 5.0
"""How long a handler may take to answer a close; tornado gives browsers as long."""
BUSY_TIMEOUT_S: Final = 30.0
"""How long a handler may be busy before it reads more of what was sent before a close."""
UNREAD_LIMIT_BYTES: Final = 64 * 1024
"""What is fed to a handler that is busy; tornado reads so much at once from a socket."""


class PeerRefusedError(Exception):
    """The endpoint answered the upgrade request with something else than 101."""

    def __init__(self, status: int) -> None:
        """Take the HTTP status of the answer."""
        super().__init__(f"HTTP {status}")
        self.status = status


class PeerListener:
    """What a peer tells its owner. Override what is needed; the base does nothing."""

    __slots__ = ()

    def opened(self, protocol: str) -> None:
        """Handle the upgrade; the handler's `open` runs next. `protocol` is "" for none."""

    def message(self, record: str | bytes) -> None:
        """Take a message. What this raises ends the peer with 1006 and reaches nobody else."""

    def all_read(self) -> None:
        """Handle that the handler has read all that was sent."""

    def closing(self) -> None:
        """Send what the page has sent: the handler closes, and reads it before the answer."""

    def closed(self, code: int, reason: str) -> None:
        """Handle that the handler has closed, with the code a browser's `CloseEvent` has.

        The reason is `FAILED` where a browser would have failed the connection.
        """


_NOBODY: Final = PeerListener()


class Peer:
    """A browser in front of one WebSocket handler, without the network between them.

    The handler runs in the web application of this server with everything it does by itself:
    routing, authentication, authorisation, origin check, its own `prepare`, `get`, `open`,
    `on_message`, `on_close`, pings. tornado's own protocol object reads and closes; only what the
    handler sends skips it.
    """

    __slots__ = (
        "_answer",
        "_close_sent",
        "_close_timer",
        "_connection",
        "_gone",
        "_listener",
        "_log",
        "_loop",
        "_opened",
        "_overdue_bytes",
        "_stream",
        "_told",
        "_writes",
    )

    def __init__(self, listener: PeerListener, log: Logger) -> None:
        """Begin unconnected; belongs to the running event loop.

        Args:
            listener: Who owns it.
            log: Where failures of the listener go.
        """
        self._listener = listener
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._stream = MemoryStream(self)
        self._connection: MemoryConnection | None = None
        self._answer: Future[None] | None = self._loop.create_future()
        self._opened = False
        self._told = False  # the listener knows of the end, or brought it about
        self._close_sent = False
        self._close_timer: asyncio.TimerHandle | None = None
        # What was unread when a browser would have left; who has read of it since goes on.
        self._overdue_bytes = inf
        self._gone: Future[None] | None = None
        self._writes = PendingWrites(self._loop)

    # -- For the owner -------------------------------------------------------------------

    async def open(
        self,
        application: Application,
        target: str,
        subprotocols: Sequence[str],
        caller: Caller,
        timeout_s: float,
    ) -> None:
        """Send the upgrade request and wait for its answer. If cancelled, the peer is aborted.

        Args:
            application: Where the endpoint is looked up.
            target: Path and query as a browser sends them.
            subprotocols: What is offered.
            caller: In whose name.
            timeout_s: How long the endpoint may take.

        Raises:
            PeerRefusedError: It refused, or has not answered in time (504).
        """
        answer = self._answer
        assert answer is not None  # noqa: S101
        # A fresh context: the handler must not take the page's own handler for its own.
        ContextVariables().run(self._request, application, target, subprotocols, caller)
        late = PeerRefusedError(GATEWAY_TIMEOUT)
        timer = self._loop.call_later(timeout_s, self._settle, late, context=ContextVariables())
        try:
            await answer
        finally:
            timer.cancel()
            self._answer = None
            if not self._opened:
                self.abort()

    def send(self, record: str | bytes) -> None:
        """Send a message to the handler, without waiting; drop it if the peer is closing."""
        if self._close_sent:
            return
        if isinstance(record, str):
            self._stream.feed(TEXT, record.encode())
        else:
            self._stream.feed(BINARY, record)

    @property
    def unread_bytes(self) -> int:
        """What was sent and the handler has not read."""
        return self._stream.unread_bytes

    async def writable(self) -> None:
        """Wait until the handler has read most of what was sent, or the peer is gone."""
        if self._stream.unread_bytes >= UNREAD_LIMIT_BYTES:
            await self._stream.drained(UNREAD_LIMIT_BYTES // 2)

    def pause(self) -> None:
        """Let writes of the handler wait from now on; a handler that does not await goes on."""
        self._writes.pause()

    def resume(self) -> None:
        """Let the writes that wait go on."""
        self._writes.resume()

    def close(self, code: int = CloseCode.NO_STATUS, reason: str = "") -> None:
        """Close as a browser does: what was sent is read first.

        The handler has 5 s for its answer. One that has more to read then may go on, until it has
        read nothing for 30 s, or writes without having read since the last look.

        Args:
            code: 1005 for a close without a code, 1006 for `abort`, else 1000 to 4999.
            reason: Text of at most 123 UTF-8 bytes.
        """
        self._told = True
        if code == CloseCode.ABNORMAL or not self._opened:
            self.abort()
            return
        self._send_close(format_close(code, reason))

    def hurry(self, timeout_s: float) -> None:
        """Cut the line unless the handler has answered the close by then."""
        if not self._stream.closed():
            self._close_after(timeout_s, self.abort)

    def abort(self) -> None:
        """Cut the line: the handler sees what it sees when a browser's network is gone."""
        self._told = True
        if not self._opened and self._connection is not None:
            self._connection.close()
        self._stream.close()

    def fail(self) -> None:
        """Cut the line at both ends: the owner is told 1006."""
        self._tell(CloseCode.ABNORMAL, "")
        self.abort()

    async def gone(self) -> None:
        """Wait until the stream is closed by the handler's side or by `abort`."""
        if not self._stream.closed():
            self._gone = self._gone or self._loop.create_future()
            await asyncio.shield(self._gone)

    # -- For the connection and the stream -----------------------------------------------

    def answered(self, status: int, headers: HTTPHeaders) -> None:
        """Note the head of the answer."""
        if status == 101:
            self._opened = True
            if not self._told:
                self._listener.opened(headers.get("Sec-WebSocket-Protocol", ""))
        self._settle(None if status == 101 else PeerRefusedError(status))

    def upgraded(self, handler: RequestHandler | None) -> None:
        """Take the short way for what the handler sends."""
        self._connection = None
        take_short_way(handler)

    def message_written(self, opcode: int, message: str | bytes) -> Future[None]:
        """Take a message of the handler."""
        if not self._told:
            self._hand_over(opcode, message)
        elif self._stream.unread_bytes >= self._overdue_bytes:
            self.abort()
        return self._writes.add(len(message))

    def frame_written(self, opcode: int, payload: bytes) -> Future[None]:
        """Take a frame: a control frame, or a message that came the long way."""
        if opcode in (TEXT, BINARY):
            return self.message_written(opcode, payload)
        if opcode == PING:
            self._stream.feed(PONG, payload)
        elif opcode == CLOSE:
            self._close_received(payload)
        elif opcode != PONG:
            self._log.warning("A guarded endpoint was cut off: it writes frames of its own making.")
            self.fail()
        done: Future[None] = self._loop.create_future()
        done.set_result(None)
        return done

    def all_read(self) -> None:
        """Tell the owner."""
        self._listener.all_read()

    def stream_closed(self) -> None:
        """Fail the writes that wait, and tell the owner unless it knows."""
        self._writes.fail()
        if self._close_timer is not None:
            self._close_timer.cancel()
        if self._gone is not None:
            self._gone.set_result(None)
        self._settle(PeerRefusedError(500))
        self._tell(CloseCode.ABNORMAL, "")
        # A handler that hangs for ever keeps this for ever, but not a session that has ended.
        self._listener = _NOBODY

    # -- Private: the handshake ----------------------------------------------------------

    def _request(
        self, application: Application, target: str, subprotocols: Sequence[str], caller: Caller
    ) -> None:
        line = RequestStartLine("GET", with_plain_names(target), "HTTP/1.1")
        headers = peer_headers(caller, subprotocols)
        context = Context(caller.remote_ip, caller.protocol)
        self._connection = MemoryConnection(self, self._stream, context)
        try:
            request = HTTPServerRequest(
                connection=self._connection, start_line=line, headers=headers
            )
            delegate = application.find_handler(request)
            delegate.headers_received(line, headers)
            delegate.finish()
        except HTTPInputError:
            self._settle(PeerRefusedError(400))
        except Exception:
            # A server would log this and drop the connection.
            self._log.exception("A guarded endpoint failed.")
            self._settle(PeerRefusedError(500))

    def _settle(self, error: PeerRefusedError | None) -> None:
        answer = self._answer
        if answer is None or answer.done():
            return
        if error is None:
            answer.set_result(None)
        else:
            answer.set_exception(error)

    # -- Private: what the handler sends -------------------------------------------------

    def _hand_over(self, opcode: int, message: str | bytes) -> None:
        if opcode == TEXT and isinstance(message, bytes):
            try:
                message = message.decode()
            except UnicodeDecodeError:
                self._fail_connection(INVALID_DATA, "invalid UTF-8")
                return
        try:
            self._listener.message(message)
        except Exception:
            self._log.exception("A message of a guarded endpoint could not be passed on.")
            self.fail()

    # -- Private: closing ----------------------------------------------------------------

    def _close_received(self, payload: bytes) -> None:
        """Read a close frame as a browser does, and answer with the same."""
        parsed = parse_close(payload)
        if parsed is None:
            self._fail_connection(PROTOCOL_ERROR, "broken close frame")
            return
        if not self._told:
            self._listener.closing()
        self._tell(*parsed)
        self._send_close(payload)

    def _fail_connection(self, code: int, reason: str) -> None:
        """Give up as a browser does on nonsense: 1006 for the page, a code for the handler."""
        self._tell(CloseCode.ABNORMAL, FAILED)
        self._send_close(format_close(code, reason))

    def _send_close(self, payload: bytes) -> None:
        if self._close_sent or self._stream.closed():
            return
        self._close_sent = True
        self._stream.feed(CLOSE, payload)
        self._wait_for_answer(0.0)

    def _close_after(self, timeout_s: float, close: Callable[[], None]) -> None:
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._close_timer = self._loop.call_later(timeout_s, close, context=ContextVariables())

    def _wait_for_answer(self, busy_s: float) -> None:
        """Cut the line when no answer comes, but let a busy handler read what was sent before.

        As from a socket of which the other end is gone: what has come can be read.
        """
        unread_bytes = self._stream.unread_bytes

        def look() -> None:
            left_bytes = self._stream.unread_bytes
            self._overdue_bytes = left_bytes
            waited_s = 0.0 if left_bytes < unread_bytes else busy_s + CLOSE_TIMEOUT_S
            if waited_s >= (BUSY_TIMEOUT_S if left_bytes else CLOSE_TIMEOUT_S):
                self.abort()
            else:
                self._wait_for_answer(waited_s)

        self._close_after(CLOSE_TIMEOUT_S, look)

    def _tell(self, code: int, reason: str) -> None:
        if not self._told:
            self._told = True
            if self._opened:
                self._listener.closed(code, reason)
