"""A session as the server keeps it (rules H, P)."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Generic, TypeVar

from .session import SessionListener

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .acceptor import Acceptor
    from .server_end import ServerSession

Socket = TypeVar("Socket")


class HeldListener(SessionListener, Generic[Socket]):
    """Connects a session to its acceptor; shells extend it with `channel_requested`."""

    acceptor: Acceptor[Socket]
    held: HeldSession[Socket]

    def flush_wanted(self) -> None:
        self.acceptor.listener.flush_wanted(self.held)

    def memory_changed(self, delta: int) -> None:
        self.acceptor.account(delta)


class HeldSession(Generic[Socket]):
    """A session as the server keeps it.

    Attributes:
        principal: Whose it is (H2).
        sid: The page's name for it; not a credential.
        epoch: The server's name for it (H1).
        session: The stream.
        socket: The attached socket; None while parked.
        serial: Highest serial of an upgrade request seen.
        heard: Whether any frame of the page has arrived (H5).
        bye: Whether the page said that it is gone (H10).
        last_byte_ms: When the socket last brought anything, pongs included (L6).
        parked_ms: When it was last parked.
        expires_ms: When it ends by itself; infinity while attached (P1).
        resumes: How often a socket was attached after the first.
    """

    def __init__(self, principal: Hashable, sid: str, epoch: str, session: ServerSession) -> None:
        """Hold a session that no socket is attached to yet."""
        self.principal = principal
        self.sid = sid
        self.epoch = epoch
        self.session = session
        self.socket: Socket | None = None
        self.serial = 0
        self.heard = False
        self.bye = False
        self.last_byte_ms = 0.0
        self.parked_ms = 0.0
        self.expires_ms = inf
        self.resumes = 0


def rank(held: HeldSession[Socket]) -> tuple[int, float]:
    """Order sessions as they end when memory is short (P2).

    Parked ones first, the oldest; then attached, the largest; then parked and empty.
    """
    memory_bytes = held.session.memory_bytes
    if held.socket is not None:
        return 1, -memory_bytes
    return (0 if memory_bytes else 2), held.parked_ms
