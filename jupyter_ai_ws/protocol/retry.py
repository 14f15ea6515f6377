"""The one decision point for retrying, asking and stopping (R1, R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from .limits import CloseCode
from .members import parse_json

if TYPE_CHECKING:
    from collections.abc import Sequence

CloseCause: TypeAlias = Literal[
    "network",
    "restarting",
    "protocol",
    "session-lost",
    "version",
    "silent",
    "taken",
    "too-many",
]
ProbeAnswer: TypeAlias = Literal[
    "ok", "incompatible", "login", "missing", "stopped", "down", "unreachable", "busy"
]


class CloseVerdict(NamedTuple):
    """What the end of a socket means (R1)."""

    session: Literal["kept", "ended"]
    """Whether the session can be resumed."""
    spread: bool
    """Whether many pages were cut together (R2)."""
    spends_attempt: bool
    """Whether the next try counts as an attempt."""
    ask: bool
    """Whether the user is asked at once."""
    cause: CloseCause


ProbeAction: TypeAlias = Literal["open", "retry", "ask", "stop"]
"""What to do after a probe (R4); "ask" and "stop": waiting will not mend it, once it has been said
twice (R5)."""

_CAUSES: Final[dict[int, CloseCause]] = {
    1001: "restarting",
    1002: "protocol",
    1003: "protocol",
    1007: "protocol",
    1009: "protocol",
    1010: "protocol",
    1012: "restarting",
    1013: "restarting",
    4400: "protocol",
    4404: "session-lost",
    4406: "version",
    4408: "silent",
    4409: "taken",
    4410: "session-lost",
    4429: "too-many",
}
"""The table of R1; what is not in it is "network"."""

# The rows of R4 that the status alone decides.
_STATUSES: Final[dict[int, ProbeAnswer]] = {
    401: "login",
    403: "login",
    404: "missing",
    424: "stopped",
}

# The rest of the table of R4; other answers are permanent.
_ACTIONS: Final[dict[ProbeAnswer, ProbeAction]] = {
    "ok": "open",
    "down": "retry",
    "unreachable": "retry",
    "busy": "retry",
}


def classify_close(code: int | None) -> CloseVerdict:
    """Judge the end of a socket (R1).

    Args:
        code: The close code; `None` for a time-out (S2) or a verdict (L3).

    Returns:
        What it means.
    """
    cause: CloseCause = _CAUSES.get(code or 0, "network")
    return CloseVerdict(
        session="ended" if cause in ("protocol", "session-lost", "taken") else "kept",
        spread=cause == "restarting",
        spends_attempt=code != CloseCode.UNKNOWN,
        ask=cause in ("version", "too-many"),
        cause=cause,
    )


def classify_probe(
    status: int | None, body: str | None, redirected: bool, protocols: Sequence[str]
) -> ProbeAnswer:
    """Name a probe's answer (R4). A probe that timed out is "busy" without this.

    Args:
        status: The HTTP status in the end; `None` if there was no connection, 0 if
            a redirect was not followed.
        body: The body, if it could be read.
        redirected: Whether a redirect was followed or seen.
        protocols: The subprotocols that the page speaks.

    Returns:
        The cause of that table.
    """
    if status is None:
        return "unreachable"
    if status == 200:
        offered = _protocols_of(body)
        if offered is None:
            return "login"
        return "ok" if any(name in offered for name in protocols) else "incompatible"
    # A hub redirects first and then says 404, 424 or 503: the last word counts.
    if (redirected and not status) or 300 <= status < 400:
        return "login"
    return _STATUSES.get(status, "down")


def decide(answer: ProbeAnswer, welcomed_before: bool) -> ProbeAction:
    """Say what to do after a probe (R4).

    Args:
        answer: What the probe found.
        welcomed_before: Whether this page ever had a session.

    Returns:
        What to do next.
    """
    if answer == "missing" and not welcomed_before:
        return "stop"
    return _ACTIONS.get(answer, "ask")


def _protocols_of(body: str | None) -> list[Any] | None:
    """Return the subprotocols that a healthy server offers, if it is one."""
    try:
        health = parse_json(body or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(health, dict) or health.get("status") != "ok":
        return None
    protocols = health.get("protocols")
    if isinstance(protocols, list) and all(isinstance(name, str) for name in protocols):
        return protocols
    return None
