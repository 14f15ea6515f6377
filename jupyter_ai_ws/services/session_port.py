"""The session as its channels see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from ..guard.caller import Caller

__all__ = ["SessionPort"]


class SessionPort(Protocol):
    """What a channel needs of the session it belongs to."""

    caller: Caller
    """What the latest upgrade request of the session showed."""
    services: set[asyncio.Task[None]]
    """What serves its channels; kept by the runner."""

    @property
    def overdraft(self) -> float:
        """By how much of itself the memory budget is exceeded now (P2); 0 if it is kept."""

    async def renew_caller(self, caller: Caller, refused_by: str) -> bool:
        """Let the page come with the credentials it has now; tell whether that can help."""

    def caller_served(self, served_by: str) -> None:
        """Note that an endpoint takes the page's credentials."""

    def hold(self, delta_bytes: int) -> None:
        """Account for memory that a service holds for the page; ends with the session (P2)."""

    def at_once(self, act: Callable[[], None]) -> None:
        """Do something; what it writes does not wait for the end of the turn (F5)."""

    def cut(self) -> None:
        """Abort the socket under the session."""
