"""What the shell keeps beside each session."""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from .protocol.held import HeldListener
from .protocol.held import HeldSession as GenericHeldSession
from .protocol.limits import CloseCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_server.auth import User

    from .guard.caller import Caller
    from .protocol.server_end import ServerChannel
    from .sessions import SessionServer

__all__ = ["HeldSession", "SessionShell", "Socket", "shell_of"]

FRESH_MS: Final = 10_000
"""A page whose socket is this young has no other credentials than those it came with."""
RENEWAL_INTERVAL_MS: Final = 600_000
"""An endpoint that is forbidden to the page, and asked again and again, costs a socket so often."""
RENEWALS: Final = 16
"""How many endpoints may cost a socket in that time."""


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


class SessionShell(HeldListener[Socket]):
    """What the shell keeps for one session."""

    _kept_bytes = 0
    # Of the class as long as a session is idle: there may be thousands.
    _came: asyncio.Event | None = None
    _renewed_ms: dict[str, float] | None = None
    _traffic = 0, 0

    def __init__(self, server: SessionServer) -> None:
        """Begin without a user and without a timer."""
        self.user: User
        self.caller: Caller
        self.attached_ms: float | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.due_ms = inf
        self._server = server
        self.services: set[asyncio.Task[None]] = set()

    def came(self, user: User, caller: Caller) -> None:
        """Note who the page is now, and with what it came.

        Args:
            user: Who asked for the socket.
            caller: What the request showed.
        """
        self.user = user
        self.caller = caller
        self._keep(caller.size_bytes)
        if self._came is not None:
            self._came.set()
            self._came = None

    def ended(self) -> None:
        """Note that the session has ended."""
        self._keep(0)

    async def renew_caller(self, caller: Caller, refused_by: str) -> bool:
        """Let the page come back on a new socket, with the credentials it has now.

        Browsers take those of the last login with each request. A socket that is kept has the old
        ones, and only the page can bring others.

        Args:
            caller: With whom an endpoint was asked, in vain.
            refused_by: Path of the endpoint. It is renewed for once in 10 min, or until it is
                `caller_served`.

        Returns:
            Whether it is worth to ask again with `self.caller`. While the page is away this waits.
        """
        if self.caller is not caller:
            return True
        if self.attached_ms is not None:
            now_ms = self._server.clock()
            if now_ms - self.attached_ms < FRESH_MS or not self._may_renew(refused_by, now_ms):
                return False
            reason = "the credentials are renewed"
            self._server.acceptor.drop_socket(self.held, CloseCode.NORMAL, reason, now_ms)
        if self._came is None:
            self._came = asyncio.Event()
        await self._came.wait()
        return True

    def caller_served(self, served_by: str) -> None:
        """Note that an endpoint takes the page's credentials.

        Args:
            served_by: Path of the endpoint.
        """
        if self._renewed_ms is not None:
            self._renewed_ms.pop(served_by, None)

    def _keep(self, size_bytes: int) -> None:
        """Account for the headers of the page (P2); not the session's: idle ones have nothing."""
        self._server.acceptor.account(size_bytes - self._kept_bytes)
        self._kept_bytes = size_bytes

    def _may_renew(self, path: str, now_ms: float) -> bool:
        """Note that the socket is renewed for an endpoint, if it may be."""
        lately = {
            each: renewed_ms
            for each, renewed_ms in (self._renewed_ms or {}).items()
            if now_ms - renewed_ms < RENEWAL_INTERVAL_MS
        }
        may = path not in lately and len(lately) < RENEWALS
        if may:
            lately[path] = now_ms
        self._renewed_ms = lately
        return may

    def used(self) -> bool:
        """Tell whether a service and its page had to do with each other since the last call.

        Records count when they move and, while the page is away, when they are queued. Heartbeats
        and acknowledgements do not.
        """
        session = self.held.session
        traffic = session.units_moved, session.memory_bytes
        if traffic == self._traffic:
            return False
        self._traffic = traffic
        return True

    def channel_requested(self, channel: ServerChannel) -> None:
        self._server.runner.start(channel, self.user, self)

    def handler_failed(self, error: Exception) -> None:
        self._server.log.error("A listener of an AI session failed.", exc_info=error)

    @property
    def overdraft(self) -> float:
        """By how much of itself the memory budget is exceeded now (P2); 0 if it is kept."""
        return self._server.overdraft

    def hold(self, delta_bytes: int) -> None:
        """Account for memory that a service holds for the page; ends with the session (P2)."""
        self.held.session.hold(delta_bytes)

    def at_once(self, act: Callable[[], None]) -> None:
        """Do something; what it writes does not wait for the end of the turn (F5)."""
        self._server.flusher.at_once(act)

    def cut(self) -> None:
        """Abort the socket, if there is one."""
        if self.held.socket is not None:
            self.held.socket.cut()


def shell_of(held: HeldSession) -> SessionShell:
    """Return the shell of a session.

    Args:
        held: A session of a `SessionServer`.
    """
    shell = held.session.listener
    assert isinstance(shell, SessionShell)  # noqa: S101
    return shell
