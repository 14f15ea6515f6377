"""The server's side of sessions: who may attach, what is kept and for how long (rules H, P)."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Generic

from .errors import ProtocolError
from .frames import Bye, Welcome, decode, encode_control
from .held import HeldListener, HeldSession, Socket, rank
from .limits import (
    BYE_TTL_MS,
    SERVER_SILENCE_MS,
    SESSION_TTL_MS,
    UNHEARD_TTL_MS,
    CloseCode,
)
from .server_end import ServerSession

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .handshake import ResumeRequest

Frame = str | bytes


@dataclass(frozen=True)
class AcceptorOptions:
    """What an operator may tune; the numbers are of `docs/protocol.md`, section M."""

    session_ttl_ms: float = SESSION_TTL_MS
    memory_budget_bytes: int = 256 * 1024 * 1024
    max_sessions_per_principal: int = 1000
    max_channels: int = 256
    limits: dict[str, int] = field(default_factory=dict)


class AcceptorListener(Generic[Socket]):
    """What the acceptor asks of its shell, and tells it. The base does nothing."""

    def close_socket(self, socket: Socket, code: int, reason: str) -> None:
        """Close a socket that no longer belongs to a session; never call back into `acceptor`."""

    def session_created(self, held: HeldSession[Socket]) -> None:
        """Handle a new session; its `session.listener` is a `HeldListener`."""

    def session_attached(self, held: HeldSession[Socket]) -> None:
        """Handle that a socket was attached: the first, or by a resume (see `held.resumes`)."""

    def session_parked(self, held: HeldSession[Socket], code: int, reason: str) -> None:
        """Handle that the socket is gone, and with which close; attached and parked alternate."""

    def session_ended(self, held: HeldSession[Socket], code: int, reason: str) -> None:
        """Handle the end of a session.

        Args:
            held: The session; a socket that was attached is closed with the same code.
            code: `UNKNOWN` when it expired (P1), `ENDED` when memory was short (P2), `STALE` when
                it was replaced before its page was heard (H4), `PROTOCOL_ERROR` (B1), or the
                code that the shell gave to `Acceptor.end`.
            reason: The same in words.
        """

    def flush_wanted(self, held: HeldSession[Socket]) -> None:
        """Arrange for `Acceptor.flush(held)` in this turn of the event loop."""

    def budget_exceeded(self) -> None:
        """Arrange for `Acceptor.enforce_budget` soon."""


@dataclass(frozen=True)
class Admission(Generic[Socket]):
    """The answer to an upgrade request: frames to write, then either attached or closed.

    Attributes:
        held: The session the socket is attached to; None: close with `code`.
        frames: What to write at once, `welcome` first.
        code: Close code when not attached.
        reason: Close reason when not attached.
    """

    held: HeldSession[Socket] | None
    frames: list[Frame]
    code: int = 0
    reason: str = ""


class Acceptor(Generic[Socket]):
    """All sessions of one server process.

    Attributes:
        instance: Names the process (H8).
        sessions: By principal and sid.
        memory_bytes: What all sessions hold together (P2).
    """

    def __init__(
        self,
        instance: str,
        listener: AcceptorListener[Socket],
        make_listener: Callable[[], HeldListener[Socket]],
        make_epoch: Callable[[], str],
        options: AcceptorOptions | None = None,
    ) -> None:
        """Begin without sessions.

        Args:
            instance: Names this process.
            listener: The shell.
            make_listener: Makes the listener of a new session.
            make_epoch: Draws 16 hexadecimal digits at random.
            options: Limits; the defaults unless given.
        """
        self.instance = instance
        self.listener = listener
        self.options = options or AcceptorOptions()
        self.sessions: dict[tuple[Hashable, str], HeldSession[Socket]] = {}
        self.memory_bytes = 0
        self._make_listener = make_listener
        self._make_epoch = make_epoch
        self._per_principal: dict[Hashable, int] = {}
        self._over_budget = False

    # -- Sockets -------------------------------------------------------------------------

    def request(
        self, principal: Hashable, request: ResumeRequest, socket: Socket, now_ms: float
    ) -> Admission[Socket]:
        """Judge an upgrade request and attach the socket when it may be (H4)."""
        held = self.sessions.get((principal, request.sid))
        if request.epoch is not None and (held is None or held.epoch != request.epoch):
            lost = Welcome(False, None, self.instance, 0, request.serial, {})
            return self._reject(CloseCode.UNKNOWN, "no such session", [encode_control(lost)])
        if held is not None and request.serial <= held.serial:
            return self._reject(CloseCode.STALE, "a later request came first")
        if request.epoch is not None and held is not None:
            return self._resume(held, request, socket, now_ms)
        if held is not None and held.heard:
            return self._reject(CloseCode.STALE, "the session id is in use")
        if held is not None:
            self.end(held, "replaced before its page was heard", CloseCode.STALE)
        count = self._per_principal.get(principal, 0)
        if count >= self.options.max_sessions_per_principal:
            return self._reject(CloseCode.TOO_MANY, f"{count} sessions are open already")
        held = self._create(principal, request.sid)
        return self._attach(held, request, socket, now_ms, resumed=False)

    def receive(
        self, held: HeldSession[Socket], socket: Socket, message: Frame, now_ms: float
    ) -> None:
        """Take in a message of a socket; of one no longer attached it is dropped (H6)."""
        if held.socket is not socket:
            return
        held.heard = True
        held.last_byte_ms = now_ms
        try:
            frame = decode(message)
            if isinstance(frame, Bye):
                self._said_bye(held, now_ms)
            else:
                held.session.receive(frame, now_ms)
        except ProtocolError as error:
            self.end(held, error.reason, CloseCode.PROTOCOL_ERROR)

    def byte_seen(self, held: HeldSession[Socket], socket: Socket, now_ms: float) -> None:
        """Note that the socket brought something that is no message, such as a pong (L6)."""
        if held.socket is socket:
            held.last_byte_ms = now_ms

    def flush(self, held: HeldSession[Socket], now_ms: float) -> list[Frame]:
        """Return what to write to `held.socket` now."""
        return held.session.flush(now_ms)

    def detached(
        self,
        held: HeldSession[Socket],
        socket: Socket,
        now_ms: float,
        code: int = CloseCode.ABNORMAL,
        reason: str = "",
    ) -> None:
        """Park the session of a socket that is gone, closed with that code (P1)."""
        if held.socket is socket:
            self._park(held, code, reason, now_ms)

    def bye(self, principal: Hashable, sid: str, epoch: str, serial: int, now_ms: float) -> None:
        """Take in a `bye` that came beside the socket (H10)."""
        held = self.sessions.get((principal, sid))
        if held is not None and held.epoch == epoch and serial >= held.serial:
            held.serial = serial  # overtaken requests revoke nothing
            self._said_bye(held, now_ms)

    # -- Time and memory -----------------------------------------------------------------

    def tick(self, now_ms: float) -> None:
        """Do what has fallen due: expiry, silent sockets (P1, L6). Call every few seconds."""
        for held in list(self.sessions.values()):
            if now_ms >= held.expires_ms:
                self.end(held, "the session expired", CloseCode.UNKNOWN)
            elif held.socket is not None and now_ms - held.last_byte_ms >= SERVER_SILENCE_MS:
                self.drop_socket(held, CloseCode.SILENT, "nothing came for 45 s", now_ms)

    def drop_socket(self, held: HeldSession[Socket], code: int, reason: str, now_ms: float) -> None:
        """Close the attached socket and park the session (P4, L6)."""
        if held.socket is not None:
            socket = held.socket
            self._park(held, code, reason, now_ms)
            self.listener.close_socket(socket, code, reason)

    def account(self, delta: int) -> None:
        """Account for memory a session took or gave back (P2)."""
        self.memory_bytes += delta
        if self.memory_bytes > self.options.memory_budget_bytes and not self._over_budget:
            self._over_budget = True
            self.listener.budget_exceeded()

    def enforce_budget(self) -> None:
        """End sessions until the budget is kept: oldest parked first, then largest (P2)."""
        try:
            for held in sorted(self.sessions.values(), key=rank):
                if self.memory_bytes <= self.options.memory_budget_bytes:
                    break
                self.end(held, "the server ran out of memory for sessions", CloseCode.ENDED)
        finally:
            self._over_budget = False

    def end(self, held: HeldSession[Socket], reason: str, code: int) -> None:
        """End a session; its socket, if any, is closed with `code`."""
        key = (held.principal, held.sid)
        if self.sessions.get(key) is not held:
            return
        del self.sessions[key]
        left = self._per_principal[held.principal] - 1
        if left:
            self._per_principal[held.principal] = left
        else:
            del self._per_principal[held.principal]
        socket, held.socket = held.socket, None
        held.session.end(reason)
        if socket is not None:
            self.listener.close_socket(socket, code, reason)
        self.listener.session_ended(held, code, reason)

    # -- Private -------------------------------------------------------------------------

    def _reject(
        self, code: int, reason: str, frames: list[Frame] | None = None
    ) -> Admission[Socket]:
        return Admission(None, frames or [], code, reason)

    def _create(self, principal: Hashable, sid: str) -> HeldSession[Socket]:
        listener = self._make_listener()
        session = ServerSession(listener, self.options.max_channels)
        held: HeldSession[Socket] = HeldSession(principal, sid, self._make_epoch(), session)
        listener.acceptor = self
        listener.held = held
        self.sessions[principal, sid] = held
        self._per_principal[principal] = self._per_principal.get(principal, 0) + 1
        self.listener.session_created(held)
        return held

    def _resume(
        self, held: HeldSession[Socket], request: ResumeRequest, socket: Socket, now_ms: float
    ) -> Admission[Socket]:
        log = held.session.log
        if not log.start <= request.received <= log.end:
            reason = f"H4: received {request.received} is outside {log.start} to {log.end}"
            self.end(held, reason, CloseCode.PROTOCOL_ERROR)
            return self._reject(CloseCode.PROTOCOL_ERROR, reason)
        held.resumes += 1
        return self._attach(held, request, socket, now_ms, resumed=True)

    def _attach(
        self,
        held: HeldSession[Socket],
        request: ResumeRequest,
        socket: Socket,
        now_ms: float,
        *,
        resumed: bool,
    ) -> Admission[Socket]:
        self.drop_socket(held, CloseCode.STALE, "a later socket took over", now_ms)
        session = held.session
        held.socket = socket
        held.serial = request.serial
        held.bye = False
        held.last_byte_ms = now_ms
        held.expires_ms = inf
        session.attach(request.received, now_ms)
        welcome = Welcome(
            resumed,
            held.epoch,
            self.instance,
            session.receipts.tell(),
            request.serial,
            self.options.limits,
        )
        self.listener.session_attached(held)
        return Admission(held, [encode_control(welcome), *session.flush(now_ms)])

    def _said_bye(self, held: HeldSession[Socket], now_ms: float) -> None:
        held.bye = True
        if held.socket is None:
            held.expires_ms = min(held.expires_ms, now_ms + BYE_TTL_MS)
        else:
            self.drop_socket(held, CloseCode.NORMAL, "bye", now_ms)

    def _park(self, held: HeldSession[Socket], code: int, reason: str, now_ms: float) -> None:
        held.socket = None
        held.session.detach()
        held.parked_ms = now_ms
        if held.bye:
            ttl_ms: float = BYE_TTL_MS
        elif held.heard:
            ttl_ms = self.options.session_ttl_ms
        else:
            ttl_ms = UNHEARD_TTL_MS
        held.expires_ms = now_ms + ttl_ms
        self.listener.session_parked(held, code, reason)
