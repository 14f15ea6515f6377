"""What the shell keeps beside each session."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Protocol, TypeAlias

from .protocol.held import HeldListener
from .protocol.held import HeldSession as GenericHeldSession

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from jupyter_server.auth import User

    from .guard.caller import Caller
    from .protocol.server_end import ServerChannel
    from .sessions import SessionServer

__all__ = ["HeldSession", "SessionShell", "Socket", "shell_of"]


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

    def __init__(self, server: SessionServer) -> None:
        """Begin without a user and without a timer."""
        self.user: User
        self.caller: Caller
        self.attached_ms: float | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.due_ms = inf
        self._server = server
        self._services: set[asyncio.Task[None]] = set()

    def channel_requested(self, channel: ServerChannel) -> None:
        self._server.runner.start(channel, self.user, self, self._services)

    def handler_failed(self, error: Exception) -> None:
        self._server.log.error("A listener of an AI session failed.", exc_info=error)

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
