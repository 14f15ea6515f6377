"""The sessions of one server: the acceptor with a clock, timers and real sockets (H, L6, P)."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextvars import Context
from math import inf
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from .protocol.acceptor import Acceptor, AcceptorListener, AcceptorOptions, HeldListener
from .protocol.acceptor import HeldSession as GenericHeldSession
from .protocol.limits import CloseCode
from .services import ServiceRegistry, ServiceRunner
from .ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from logging import Logger

    from jupyter_server.auth import User

    from .guard.caller import Caller
    from .principal import Principal
    from .protocol.channel import Channel
    from .protocol.handshake import ResumeRequest

__all__ = ["HeldSession", "SessionServer", "Socket"]

UNWRITTEN_LIMIT_BYTES: Final = 1024 * 1024
"""P4: what may wait in the write buffer of a socket."""
CLOSE_TIMEOUT_S: Final = 2.0
"""How long pages may take to answer the close at shutdown."""


class Socket(Protocol):
    """What the sessions need of a WebSocket."""

    unwritten_bytes: int
    """What waits in the write buffer."""

    def write_frames(self, frames: Sequence[str | bytes]) -> None:
        """Write frames in order, without waiting; do nothing if the socket is gone."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close with a code and a reason, without waiting."""

    def cut(self) -> None:
        """Abort without a close."""


HeldSession: TypeAlias = GenericHeldSession[Socket]


def monotonic_ms() -> float:
    """Return the time by which sessions are judged, in milliseconds."""
    return time.monotonic() * 1000


class SessionServer(AcceptorListener[Socket]):
    """Everything a server process holds for its pages.

    The methods of `AcceptorListener` are the one place where sessions are seen to come and go;
    events and metrics hook in there.
    """

    def __init__(
        self,
        options: AcceptorOptions,
        registry: ServiceRegistry,
        log: Logger,
        *,
        ping_interval_s: float = 15.0,
        clock: Callable[[], float] = monotonic_ms,
    ) -> None:
        """Hold no session yet.

        Args:
            options: What the operator tuned.
            registry: The services that pages may open.
            log: Where failures go.
            ping_interval_s: Seconds between WebSocket pings (L6).
            clock: A monotonic clock, in milliseconds.
        """
        self.log = log
        self.clock = clock
        self.ping_interval_s = ping_interval_s
        self.runner = ServiceRunner(registry, log)
        self.acceptor: Acceptor[Socket] = Acceptor(
            secrets.token_hex(8),
            self,
            lambda: _SessionShell(self),
            lambda: secrets.token_hex(8),
            options,
        )
        self.ticker = Ticker(self.tick, lambda: bool(self.acceptor.sessions))
        self.sockets: dict[Socket, asyncio.Event] = {}
        self._dirty: dict[HeldSession, None] = {}
        self._flush_handle: asyncio.Handle | None = None
        self._stopped = False

    @property
    def instance(self) -> str:
        """Names this process (H8)."""
        return self.acceptor.instance

    # -- For handlers --------------------------------------------------------------------

    def socket_opened(self, socket: Socket) -> bool:
        """Note a socket, attached or not; tell whether it may stay."""
        self.sockets[socket] = asyncio.Event()
        if self._stopped:
            socket.close(CloseCode.GOING_AWAY, "the server is shutting down")
        return not self._stopped

    def attach(
        self,
        socket: Socket,
        principal: Principal,
        user: User,
        caller: Caller,
        request: ResumeRequest,
    ) -> HeldSession | None:
        """Answer an upgrade request (H4).

        Args:
            socket: The new socket.
            principal: Whose sessions it may reach.
            user: Who asks.
            caller: What the request showed, for guarded endpoints.
            request: What for.

        Returns:
            The session the socket is attached to; `None` if it was closed instead.
        """
        admission = self.acceptor.request(principal, request, socket, self.clock())
        held = admission.held
        if held is not None:
            _shell(held).user = user
            _shell(held).caller = caller
        socket.write_frames(admission.frames)
        if held is None:
            socket.close(admission.code, admission.reason)
            return None
        self._arm(held)
        self.ticker.start()
        return held

    def receive(self, held: HeldSession, socket: Socket, message: str | bytes) -> None:
        """Take in a message."""
        try:
            self.acceptor.receive(held, socket, message, self.clock())
        except Exception:
            # A page would replay what cannot be taken in for ever (B1).
            self.log.exception("A message could not be taken in.")
            self.acceptor.end(held, "internal error", CloseCode.PROTOCOL_ERROR)
        self._arm(held)

    def byte_seen(self, held: HeldSession, socket: Socket) -> None:
        """Note a ping or pong of the WebSocket layer (L6)."""
        self.acceptor.byte_seen(held, socket, self.clock())

    def socket_closed(
        self, held: HeldSession | None, socket: Socket, code: int, reason: str, *, too_big: bool
    ) -> None:
        """Note that a socket is gone, after a message over the limit or otherwise (M, P1).

        A page that goes while it is authenticated was never opened.
        """
        gone = self.sockets.pop(socket, None)
        if gone is not None:
            gone.set()
        if held is None:
            return
        if too_big and held.socket is socket:
            self.acceptor.end(held, "M: message over 64 KiB", CloseCode.TOO_BIG)
        self.acceptor.detached(held, socket, self.clock(), code, reason)

    def bye(self, principal: Principal, request: ResumeRequest) -> None:
        """Take in a `bye` that came beside the socket (H10)."""
        if request.epoch is not None:
            now_ms = self.clock()
            self.acceptor.bye(principal, request.sid, request.epoch, request.serial, now_ms)

    # -- Time ----------------------------------------------------------------------------

    def tick(self) -> None:
        """Expire sessions and park silent ones."""
        self.acceptor.tick(self.clock())

    async def stop(self) -> None:
        """Close every socket with 1001, end every session and leave nothing behind (P3)."""
        self._stopped = True
        reason = "the server is shutting down"
        for held in list(self.acceptor.sessions.values()):
            self.acceptor.drop_socket(held, CloseCode.GOING_AWAY, reason, self.clock())
            self.acceptor.end(held, reason, CloseCode.GOING_AWAY)
        self.ticker.stop()
        await self.runner.stop()
        await self._sockets_gone()
        for socket in list(self.sockets):
            socket.cut()
        await self._sockets_gone()

    async def _sockets_gone(self) -> None:
        waits = [asyncio.create_task(event.wait()) for event in self.sockets.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=CLOSE_TIMEOUT_S)
            for wait in late:
                wait.cancel()

    def _arm(self, held: HeldSession) -> None:
        """See to it that the session is ticked when it wants to be."""
        shell = _shell(held)
        due_ms = held.session.next_ms
        if due_ms >= shell.due_ms or self._stopped:
            return
        if shell.timer is not None:
            shell.timer.cancel()
        shell.due_ms = due_ms
        delay_s = max(0.0, due_ms - self.clock()) / 1000
        loop = asyncio.get_running_loop()
        shell.timer = loop.call_later(delay_s, self._tick_session, held, context=Context())

    def _tick_session(self, held: HeldSession) -> None:
        shell = _shell(held)
        shell.timer = None
        shell.due_ms = inf
        held.session.tick(self.clock())
        self._arm(held)

    # -- From the acceptor ---------------------------------------------------------------

    def close_socket(self, socket: Socket, code: int, reason: str) -> None:
        socket.close(code, reason)

    def session_created(self, held: HeldSession) -> None:
        self.log.debug("AI session %s begins.", held.epoch)

    def session_ended(self, held: HeldSession, code: int, reason: str) -> None:
        self.log.debug("AI session %s ends with %d: %s.", held.epoch, code, reason)
        self._dirty.pop(held, None)
        timer = _shell(held).timer
        if timer is not None:
            timer.cancel()

    def flush_wanted(self, held: HeldSession) -> None:
        self._dirty[held] = None
        if self._flush_handle is None:
            loop = asyncio.get_running_loop()
            self._flush_handle = loop.call_soon(self._flush, context=Context())

    def budget_exceeded(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self.acceptor.enforce_budget, context=Context())

    def _flush(self) -> None:
        """Write what one turn of the event loop has brought together (F5)."""
        self._flush_handle = None
        dirty, self._dirty = self._dirty, {}
        now_ms = self.clock()
        for held in dirty:
            self._write(held, now_ms)

    def _write(self, held: HeldSession, now_ms: float) -> None:
        try:
            frames = self.acceptor.flush(held, now_ms)
        except Exception:
            # The others must not wait for ever because of this one.
            self.log.exception("A session could not be written.")
            self.acceptor.end(held, "internal error", CloseCode.PROTOCOL_ERROR)
            return
        socket = held.socket
        if socket is not None and frames:
            socket.write_frames(frames)
            if socket.unwritten_bytes > UNWRITTEN_LIMIT_BYTES:
                self.acceptor.drop_socket(held, CloseCode.SILENT, "P4: not read", now_ms)
        self._arm(held)


class _SessionShell(HeldListener[Socket]):
    """What the shell keeps for one session."""

    def __init__(self, server: SessionServer) -> None:
        """Begin without a user and without a timer."""
        self.user: User
        self.caller: Caller
        self.timer: asyncio.TimerHandle | None = None
        self.due_ms = inf
        self._server = server

    def channel_requested(self, channel: Channel) -> None:
        self._server.runner.start(channel, self.user, self._cut, lambda: self.caller)

    def handler_failed(self, error: Exception) -> None:
        self._server.log.error("A listener of an AI session failed.", exc_info=error)

    def _cut(self) -> None:
        if self.held.socket is not None:
            self.held.socket.cut()


def _shell(held: HeldSession) -> _SessionShell:
    shell = held.session.listener
    assert isinstance(shell, _SessionShell)  # noqa: S101
    return shell
