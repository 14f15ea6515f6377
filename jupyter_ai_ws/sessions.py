"""The sessions of one server: the acceptor with a clock, timers and real sockets (H, L6, P)."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextvars import Context
from math import inf
from typing import TYPE_CHECKING, Final

from .flusher import Flusher
from .observer import Observers, short_id
from .protocol.acceptor import Acceptor, AcceptorListener, AcceptorOptions
from .protocol.limits import UNIT_LIMIT_BYTES, CloseCode
from .protocol.text import utf8_length
from .services.runner import ServiceRunner
from .session_shell import HeldSession, SessionShell, Socket, shell_of
from .ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger

    from jupyter_server.auth import User

    from .guard.caller import Caller
    from .principal import Principal
    from .protocol.handshake import ResumeRequest
    from .services.registry import ServiceRegistry

__all__ = ["HeldSession", "SessionServer", "Socket"]

UNWRITTEN_LIMIT_BYTES: Final = 1024 * 1024
"""P4: what may wait in the write buffer of a socket."""
CLOSE_TIMEOUT_S: Final = 2.0
"""How long pages may take to answer the close at shutdown."""


def monotonic_ms() -> float:
    """Return the time by which sessions are judged, in milliseconds."""
    return time.monotonic() * 1000


class SessionServer(AcceptorListener[Socket]):
    """Everything a server process holds for its pages.

    Attributes:
        observers: Told what sessions go through; metrics and events are among them.
        bytes_sent: Payload of all WebSocket messages written.
        bytes_received: Payload of all WebSocket messages received.
        flusher: Decides when what waits is written.
    """

    def __init__(
        self,
        options: AcceptorOptions,
        registry: ServiceRegistry,
        log: Logger,
        *,
        ping_interval_s: float = 15.0,
        clock: Callable[[], float] = monotonic_ms,
        used: Callable[[], None] = lambda: None,
    ) -> None:
        """Hold no session yet.

        Args:
            options: What the operator tuned.
            registry: The services that pages may open.
            log: Where failures go.
            ping_interval_s: Seconds between WebSocket pings (L6).
            clock: A monotonic clock, in milliseconds.
            used: Called every few seconds in which services and pages exchanged records.
        """
        self.log = log
        self.clock = clock
        self.ping_interval_s = ping_interval_s
        self._used = used
        # Twice: a channel may be opened in the moment in which another ends.
        self.runner = ServiceRunner(
            registry,
            log,
            max_services=2 * options.max_channels,
            account=lambda delta_bytes: self.acceptor.account(delta_bytes),
        )
        self.acceptor: Acceptor[Socket] = Acceptor(
            secrets.token_hex(8),
            self,
            lambda: SessionShell(self),
            lambda: secrets.token_hex(8),
            options,
        )
        self.ticker = Ticker(self.tick, lambda: bool(self.acceptor.sessions))
        self.sockets: set[Socket] = set()
        self._sockets_gone: asyncio.Future[None] | None = None
        self.observers = Observers(log)
        self.bytes_sent = 0
        self.bytes_received = 0
        self._dirty: dict[HeldSession, None] = {}
        self.flusher = Flusher(self._flush)
        self._stopped = False

    @property
    def instance(self) -> str:
        """Names this process (H8)."""
        return self.acceptor.instance

    @property
    def within_budget(self) -> bool:
        """Whether all sessions, and what ended ones have left, fit into the budget (P2)."""
        return self.acceptor.memory_bytes <= self.acceptor.options.memory_budget_bytes

    @property
    def overdraft(self) -> float:
        """By how much of itself the budget is exceeded until sessions are ended for it (P2)."""
        budget_bytes = self.acceptor.options.memory_budget_bytes
        return max(0, self.acceptor.memory_bytes - budget_bytes) / budget_bytes

    # -- For handlers --------------------------------------------------------------------

    def socket_opened(self, socket: Socket) -> bool:
        """Note a socket, attached or not; tell whether it may stay."""
        self.sockets.add(socket)
        if self._stopped:
            self.refuse(socket, CloseCode.GOING_AWAY, "the server is shutting down")
        return not self._stopped

    def refuse(self, socket: Socket, code: int, reason: str) -> None:
        """Answer an upgrade request by closing its socket."""
        self.observers.tell(lambda observer: observer.refused(code))
        socket.close(code, reason)

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
        try:
            admission = self.acceptor.request(principal, request, socket, self.clock())
            held = admission.held
            if held is not None:
                shell_of(held).came(user, caller)
            socket.write_frames(admission.frames)
        except Exception:
            held = self.acceptor.sessions.get((principal, request.sid))
            if held is not None and held.socket is socket:
                self._give_up(held)
            raise
        if held is None:
            self.refuse(socket, admission.code, admission.reason)
            return None
        self._arm(held)
        self.ticker.start()
        return held

    def receive(self, held: HeldSession, socket: Socket, message: str | bytes) -> None:
        """Take in a message."""
        size_bytes = utf8_length(message) if isinstance(message, str) else len(message)
        self.bytes_received += size_bytes
        try:
            self.acceptor.receive(held, socket, message, self.clock())
        except Exception:
            self.log.exception("A message could not be taken in.")
            self._give_up(held)
        if size_bytes >= UNIT_LIMIT_BYTES:
            self.flusher.hurry()  # who sends bulk waits for its acknowledgement
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
        self.sockets.discard(socket)
        if self._sockets_gone is not None and not self.sockets:
            self._sockets_gone.set_result(None)
            self._sockets_gone = None
        if held is None:
            return
        if too_big and held.socket is socket:
            self.acceptor.end(held, "M: message over 256 KiB", CloseCode.TOO_BIG)
        self.acceptor.detached(held, socket, self.clock(), code, reason)

    def bye(self, principal: Principal, request: ResumeRequest) -> None:
        """Take in a `bye` that came beside the socket (H10)."""
        if request.epoch is not None:
            now_ms = self.clock()
            self.acceptor.bye(principal, request.sid, request.epoch, request.serial, now_ms)

    def attached_ms(self, held: HeldSession) -> float | None:
        """Return when the socket of a session was attached; `None` while parked."""
        return shell_of(held).attached_ms

    # -- Time ----------------------------------------------------------------------------

    def tick(self) -> None:
        """Expire sessions, park silent ones, and tell whether any was used."""
        # All of them are looked at: it costs records nothing that way.
        if sum([shell_of(held).used() for held in self.acceptor.sessions.values()]):
            self._used()
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
        await self._wait_for_sockets()
        for socket in list(self.sockets):
            socket.cut()
        await self._wait_for_sockets()

    async def _wait_for_sockets(self) -> None:
        if self.sockets:
            self._sockets_gone = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._sockets_gone], timeout=CLOSE_TIMEOUT_S)
            self._sockets_gone = None

    def _arm(self, held: HeldSession) -> None:
        """See to it that the session is ticked when it wants to be."""
        shell = shell_of(held)
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
        shell = shell_of(held)
        shell.timer = None
        shell.due_ms = inf
        now_ms = self.clock()
        held.session.tick(now_ms)
        # What has fallen due is done by the flush that it wants, and that arms it again.
        if held.session.next_ms > now_ms:
            self._arm(held)

    # -- From the acceptor ---------------------------------------------------------------

    def close_socket(self, socket: Socket, code: int, reason: str) -> None:
        try:
            socket.close(code, reason)
        except Exception:
            # Whoever drops many sockets must get to the others.
            self.log.exception("A socket could not be closed.")
            socket.cut()

    def session_created(self, held: HeldSession) -> None:
        self.log.debug("AI session %s begins.", short_id(held))
        now_ms = self.clock()
        self.observers.tell(lambda observer: observer.created(held, now_ms))

    def session_attached(self, held: HeldSession) -> None:
        shell_of(held).attached_ms = now_ms = self.clock()
        if held.resumes:
            self.observers.tell(lambda observer: observer.resumed(held, now_ms))

    def session_parked(self, held: HeldSession, code: int, reason: str) -> None:
        now_ms = self.clock()
        self.observers.tell(lambda observer: observer.parked(held, code, now_ms))
        shell_of(held).attached_ms = None

    def session_ended(self, held: HeldSession, code: int, reason: str) -> None:
        self.log.debug("AI session %s ends with %d: %s.", short_id(held), code, reason)
        self._dirty.pop(held, None)
        shell = shell_of(held)
        if shell.timer is not None:
            shell.timer.cancel()
        shell.ended()
        self.runner.session_ended(shell, short_of_memory=code == CloseCode.ENDED)
        now_ms = self.clock()
        self.observers.tell(lambda observer: observer.ended(held, code, now_ms))

    def flush_wanted(self, held: HeldSession) -> None:
        self._dirty[held] = None
        self.flusher.want(held.session.log.cost)

    def budget_exceeded(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self._enforce_budget, context=Context())

    def _enforce_budget(self) -> None:
        """Drop what nobody may ask for any more first, then end sessions (P2)."""
        self.runner.leftovers.shrink(lambda: self.within_budget)
        self.acceptor.enforce_budget()

    def _flush(self) -> None:
        """Write what has come together (F5)."""
        dirty, self._dirty = self._dirty, {}
        now_ms = self.clock()
        for held in dirty:
            try:
                self._write(held, now_ms)
            except Exception:  # noqa: PERF203 the others must not wait for ever because of this one
                self.log.exception("A session could not be written.")
                self._give_up(held)

    def _give_up(self, held: HeldSession) -> None:
        """End a session that its page would come back to with the same failure for ever (B1)."""
        self.acceptor.end(held, "internal error", CloseCode.PROTOCOL_ERROR)

    def _write(self, held: HeldSession, now_ms: float) -> None:
        frames = self.acceptor.flush(held, now_ms)
        socket = held.socket
        if socket is not None and frames:
            socket.write_frames(frames)
            if socket.unwritten_bytes > UNWRITTEN_LIMIT_BYTES:
                self.acceptor.drop_socket(held, CloseCode.SILENT, "P4: not read", now_ms)
        self._arm(held)
