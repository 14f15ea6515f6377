"""HTTP and WebSocket handlers: thin shells over the sessions."""

from __future__ import annotations

import json
import socket as sockets
import struct
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final

import tornado
from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from ._version import __version__
from .direct_write import write_directly
from .frame_head import BINARY, TEXT, frame_head
from .guard.caller import Caller
from .principal import principal_of
from .protocol.errors import ProtocolError
from .protocol.handshake import parse_request
from .protocol.limits import MESSAGE_LIMIT_BYTES, SUBPROTOCOL, CloseCode
from .sessions import UNWRITTEN_LIMIT_BYTES
from .strict_handler import StrictHandler

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Sequence

    from tornado.iostream import IOStream
    from tornado.websocket import WebSocketProtocol

    from .sessions import HeldSession, SessionServer

__all__ = ["HealthHandler", "WsHandler"]

NO_PING_TIMEOUT_S: Final = 0.0 if tornado.version_info >= (6, 5) else inf
"""Switches off tornado's verdict on pongs; `None` would mean one ping interval.

A pong can stand behind the bulk on a slow line for longer than that.
"""

UNCOPIED_BYTES: Final = 64 * 1024
"""From this size on a system call more costs less than a copy."""

PING_HEAD_BYTES: Final = 16
"""What an unread pong is taken to cost beyond its payload (P4): its head and its bookkeeping."""


class HealthHandler(StrictHandler, APIHandler):
    """The probe: says whether the server half is there, and takes a last `bye` (R4, H10)."""

    auth_resource = "jupyter_ai_ws"
    _track_activity = False

    def initialize(self, sessions: SessionServer) -> None:
        """Take the sessions of this server."""
        self._sessions = sessions

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the probe."""
        answer = {
            "status": "ok",
            "protocols": [SUBPROTOCOL],
            "instance": self._sessions.instance,
            "version": __version__,
        }
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer))

    @web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Take in the `bye` of a page that is closed while it is cut."""
        principal = principal_of(self)
        fields = {**_decoded(self.request.body_arguments), "received": ["0"]}
        try:
            request = parse_request(fields)
        except ProtocolError as error:
            raise web.HTTPError(400, error.reason) from None
        if request.epoch is None:
            raise web.HTTPError(400, "H10: field epoch is missing")
        self._sessions.bye(principal, request)
        self.set_status(204)
        self.finish()


class _Protocol(WebSocketProtocol13):
    """Remembers the code with which tornado itself closes, and who began."""

    closed_with: int | None = None
    closed_by_page = False

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        if self.closed_with is None:
            self.closed_with = code
        if self.client_terminated and not self.server_terminated:
            self.closed_by_page = True  # a close frame came; on a broken line both are set
        super().close(code, reason)


class WsHandler(StrictHandler, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One socket of one page's AI connection.

    The order of the bases matters: with it a request without credentials gets a 403 instead
    of a redirect to the login page, and `allow_origin` is honoured.
    """

    auth_resource = "jupyter_ai_ws"

    def initialize(self, sessions: SessionServer) -> None:
        """Take the sessions of this server."""
        self.unwritten_bytes = 0
        self._unread_pings_bytes = 0
        self._sessions = sessions
        self._held: HeldSession | None = None
        self._protocol: _Protocol | None = None
        self._stream: IOStream | None = None

    # -- What tornado asks for -----------------------------------------------------------

    @property
    def ping_interval(self) -> float:
        """Seconds between WebSocket pings; the mixin's own value would be in milliseconds.

        They hold idle proxies open when a hidden tab's timers sleep.
        """
        return self._sessions.ping_interval_s

    @property
    def ping_timeout(self) -> float:
        """No verdict on pongs: silence is judged by the sessions (L6)."""
        return NO_PING_TIMEOUT_S

    @property
    def max_message_size(self) -> int:
        """The largest message; a larger one closes with 1009 (M)."""
        return MESSAGE_LIMIT_BYTES

    @ws_authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Upgrade to a WebSocket."""
        await super().get(*args, **kwargs)

    def set_default_headers(self) -> None:
        """Set none: the headers of a page mean nothing on a socket."""

    def get_compression_options(self) -> dict[str, Any] | None:
        """Leave `permessage-deflate` off."""
        return None

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Make tornado's protocol, of a kind that tells why it closed."""
        protocol = super().get_websocket_protocol()
        if isinstance(protocol, WebSocketProtocol13):
            self._protocol = _Protocol(self, False, protocol.params)
        return self._protocol

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Take the one version this server speaks, or none (V1)."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    # -- The life of a socket ------------------------------------------------------------

    def open(self, *args: str, **kwargs: str) -> None:
        """Attach to the session asked for, or say why not (H4).

        The mixin's `open` is left out on purpose: it would start a second pinger.
        """
        self._stream = self._protocol.stream if self._protocol is not None else None
        if self._stream is None or self._stream.closed():
            return  # gone while it was authenticated; `on_close` comes no more
        self.set_nodelay(True)
        if self._sessions.socket_opened(self):
            try:
                self._attach()
            except Exception:
                # Raised further, tornado would never call `on_close`.
                self.log.exception("An upgrade request could not be judged.")
                self._sessions.refuse(self, CloseCode.INTERNAL_ERROR, "internal error")
        # Read, and in the way of thousands of idle sockets. tornado parses cookies into many times
        # their size.
        self.request.arguments = self.request.query_arguments = {}
        self.request.headers.clear()
        vars(self.request).pop("_cookies", None)

    def _attach(self) -> None:
        principal = principal_of(self)
        if self.selected_subprotocol != SUBPROTOCOL:
            reason = f"V1: this server speaks {SUBPROTOCOL}"
            self._sessions.refuse(self, CloseCode.VERSION, reason)
            return
        try:
            request = parse_request(_decoded(self.request.query_arguments))
        except ProtocolError as error:
            self._sessions.refuse(self, CloseCode.PROTOCOL_ERROR, error.reason)
            return
        self._held = self._sessions.attach(
            self, principal, self.current_user, Caller(self.request), request
        )

    def on_message(self, message: str | bytes) -> None:
        """Hand over a message. Nothing is awaited, so that the next is read at once."""
        if self._held is not None:
            self._sessions.receive(self._held, self, message)

    def on_ping(self, data: bytes) -> None:
        """Note a sign of life; cut a socket that asks for pongs and does not read them (P4)."""
        if self._stream is not None and self._stream.writing():
            self._unread_pings_bytes += PING_HEAD_BYTES + len(data)
            if self._unread_pings_bytes > UNWRITTEN_LIMIT_BYTES:
                self.cut()
        else:
            self._unread_pings_bytes = 0
        self.on_pong(data)

    def on_pong(self, data: bytes) -> None:
        """Note a sign of life."""
        if self._held is not None:
            self._sessions.byte_seen(self._held, self)

    def on_close(self) -> None:
        """Let go of the session."""
        too_big = self._protocol is not None and self._protocol.closed_with == CloseCode.TOO_BIG
        by_page = self._protocol is not None and self._protocol.closed_by_page
        code = self.close_code or (CloseCode.NO_STATUS if by_page else CloseCode.ABNORMAL)
        self._sessions.socket_closed(
            self._held, self, code, self.close_reason or "", too_big=too_big
        )

    # -- What the sessions ask for -------------------------------------------------------

    def write_frames(self, frames: Sequence[str | bytes]) -> None:
        """Write frames in order, without waiting; do nothing if the socket is gone.

        Small ones go in one write: tornado's `write_message` costs a task and a system call each.
        """
        if self._stream is None or self.ws_connection is None or self.ws_connection.is_closing():
            return
        parts: list[bytes] = []
        for frame in frames:
            opcode, data = (TEXT, frame.encode()) if isinstance(frame, str) else (BINARY, frame)
            parts.append(frame_head(opcode, len(data)))
            self._sessions.bytes_sent += len(data)
            if len(data) < UNCOPIED_BYTES:
                parts.append(data)
            else:
                self._write(b"".join(parts))
                self._write(data)
                parts = []
        if parts:
            self._write(b"".join(parts))

    def _write(self, wire: bytes) -> None:
        if self._stream is None or self._stream.closed():
            return  # the write before has found it broken
        written = write_directly(self._stream, wire)
        if written is not None and not written.done():
            # Whole: what has left of it may be kept with the rest.
            self.unwritten_bytes += len(wire)
            written.add_done_callback(partial(self._written, len(wire)))

    def cut(self) -> None:
        """Abort the connection; what is on the way is lost, as on a broken line."""
        if self._stream is None or self._stream.closed():
            return
        with suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self._stream.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, linger)
        self._stream.close()

    def _written(self, size_bytes: int, written: Future[None]) -> None:
        self.unwritten_bytes -= size_bytes
        if not written.cancelled():
            written.exception()  # the socket is gone; `on_close` tells


def _decoded(arguments: dict[str, list[bytes]]) -> dict[str, list[str]]:
    return {
        name: [value.decode("utf-8", "replace") for value in values]
        for name, values in arguments.items()
    }
