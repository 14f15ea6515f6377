"""What sessions go through, for those who count and report it."""

from __future__ import annotations

from logging import DEBUG, WARNING
from typing import TYPE_CHECKING, Final

from .protocol.limits import CloseCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger

    from .session_shell import HeldSession

__all__ = [
    "END_CAUSES",
    "PARK_CAUSES",
    "Observers",
    "SessionObserver",
    "end_cause",
    "park_cause",
    "short_id",
]

_PARK_CAUSES: Final[dict[int, str]] = {
    CloseCode.NORMAL: "closed",
    CloseCode.GOING_AWAY: "closed",
    CloseCode.NO_STATUS: "closed",
    CloseCode.ABNORMAL: "broken",
    CloseCode.SILENT: "silent",
    CloseCode.STALE: "taken_over",
}
_END_CAUSES: Final[dict[int, str]] = {
    CloseCode.ENDED: "evicted",
    CloseCode.STALE: "replaced",
    CloseCode.GOING_AWAY: "shutdown",
    CloseCode.TOO_BIG: "too_big",
    CloseCode.PROTOCOL_ERROR: "protocol_error",
}
PARK_CAUSES: Final = ("bye", "closed", "broken", "silent", "taken_over", "other")
"""Why a session lost its socket, see `park_cause`."""
END_CAUSES: Final = ("expired", "bye", "unheard", *_END_CAUSES.values(), "other")
"""Why a session ended, see `end_cause`."""


class SessionObserver:
    """Is told what the sessions of a server go through. The base does nothing.

    Times are those of the session server's clock, in milliseconds. What a method raises is logged
    and harms nobody.
    """

    def created(self, held: HeldSession, now_ms: float) -> None:
        """Handle a new session."""

    def resumed(self, held: HeldSession, now_ms: float) -> None:
        """Handle that a session got another socket; `held.parked_ms` is still that of the last."""

    def parked(self, held: HeldSession, code: int, now_ms: float) -> None:
        """Handle that the socket of a session is gone, closed with that code."""

    def ended(self, held: HeldSession, code: int, now_ms: float) -> None:
        """Handle the end of a session; its channels and its memory are gone already."""

    def refused(self, code: int) -> None:
        """Handle that an upgrade request was answered by closing its socket with that code."""


class Observers:
    """All observers of a server."""

    def __init__(self, log: Logger) -> None:
        """Begin without one.

        Args:
            log: Where it goes when one fails.
        """
        self._observers: list[SessionObserver] = []
        self._failed: set[SessionObserver] = set()
        self._log = log

    def add(self, observer: SessionObserver) -> None:
        """Tell this one too, from now on.

        Args:
            observer: The new one.
        """
        self._observers.append(observer)

    def tell(self, tell: Callable[[SessionObserver], None]) -> None:
        """Tell all; one that fails harms neither the others nor the sessions.

        Args:
            tell: Calls the method.
        """
        for observer in self._observers:
            try:
                tell(observer)
            except Exception:  # noqa: PERF203 each for itself
                # Loud once: what fails for one session is likely to fail for every one.
                level = DEBUG if observer in self._failed else WARNING
                self._failed.add(observer)
                self._log.log(level, "AI sessions could not be counted or reported.", exc_info=True)


def park_cause(held: HeldSession, code: int) -> str:
    """Say in a word why a session lost its socket.

    Args:
        held: The session.
        code: With which its socket was closed.

    Returns:
        "bye": the page was closed for good. "closed": the page closed the socket, or the server
        shuts down or wants new credentials. "broken": the line broke without a close. "silent":
        an end neither wrote nor read (4408). "taken_over": the page came back on another socket
        first. "other".
    """
    if held.bye and code == CloseCode.NORMAL:
        return "bye"
    return _PARK_CAUSES.get(code, "other")


def end_cause(held: HeldSession, code: int) -> str:
    """Say in a word why a session ended.

    Args:
        held: The session.
        code: With which it was ended.

    Returns:
        "expired": its page was away for too long. "bye": its page was closed. "unheard": nothing
        ever came from its page. "evicted": memory was short. "replaced": its page asked again
        before it was heard. "shutdown": the server stops. "too_big", "protocol_error": its page
        broke a rule. "other".
    """
    if code == CloseCode.UNKNOWN:
        if held.bye:
            return "bye"
        return "expired" if held.heard else "unheard"
    return _END_CAUSES.get(code, "other")


def short_id(held: HeldSession) -> str:
    """Return what a session is called in logs and events.

    Args:
        held: The session.

    Returns:
        The first 8 digits of its id: enough to find it again, too few to ask for it.
    """
    return held.sid[:8]
