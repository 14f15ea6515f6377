"""The one decision point for retrying, asking and stopping (R1, R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

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


class ProbeVerdict(NamedTuple):
    """What a probe's answer means (R4)."""

    action: Literal["open", "retry", "ask", "stop"]
    permanent: bool
    """Whether waiting will not mend it, once it has been said twice (R5)."""
    cause: ProbeAnswer


_NETWORK: Final = CloseVerdict("kept", False, True, False, "network")
_RESTARTING: Final = CloseVerdict("kept", True, True, False, "restarting")
_PROTOCOL: Final = CloseVerdict("ended", False, True, False, "protocol")

# The table of R1; codes that are not in it count as 1006.
_CLOSES: Final[dict[int, CloseVerdict]] = {
    1000: _NETWORK,
    1001: _RESTARTING,
    1002: _PROTOCOL,
    1003: _PROTOCOL,
    1005: _NETWORK,
    1006: _NETWORK,
    1007: _PROTOCOL,
    1008: _NETWORK,
    1009: _PROTOCOL,
    1010: _PROTOCOL,
    1011: _NETWORK,
    1012: _RESTARTING,
    1013: _RESTARTING,
    1014: _NETWORK,
    1015: _NETWORK,
    #                session, spread, spends_attempt, ask, cause
    4400: _PROTOCOL,
    4404: CloseVerdict("ended", False, False, False, "session-lost"),
    4406: CloseVerdict("kept", False, True, True, "version"),
    4408: CloseVerdict("kept", False, True, False, "silent"),
    4409: CloseVerdict("ended", False, True, False, "taken"),
    4410: CloseVerdict("ended", False, True, False, "session-lost"),
    4429: CloseVerdict("kept", False, True, True, "too-many"),
}

# The rows of R4 that the status alone decides.
_STATUSES: Final[dict[int, ProbeAnswer]] = {
    401: "login",
    403: "login",
    404: "missing",
    424: "stopped",
}

# The rest of the table of R4.
_ANSWERS: Final[dict[ProbeAnswer, ProbeVerdict]] = {
    "ok": ProbeVerdict("open", False, "ok"),
    "incompatible": ProbeVerdict("ask", True, "incompatible"),
    "login": ProbeVerdict("ask", True, "login"),
    "missing": ProbeVerdict("ask", True, "missing"),
    "stopped": ProbeVerdict("ask", True, "stopped"),
    "down": ProbeVerdict("retry", False, "down"),
    "unreachable": ProbeVerdict("retry", False, "unreachable"),
    "busy": ProbeVerdict("retry", False, "busy"),
}


def classify_close(code: int | None) -> CloseVerdict:
    """Judge the end of a socket (R1).

    Args:
        code: The close code; `None` for a time-out (S2) or a verdict (L3).

    Returns:
        What it means.
    """
    return _NETWORK if code is None else _CLOSES.get(code, _NETWORK)


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


def decide(answer: ProbeAnswer, welcomed_before: bool) -> ProbeVerdict:
    """Say what to do after a probe (R4).

    Args:
        answer: What the probe found.
        welcomed_before: Whether this page ever had a session.

    Returns:
        What to do next.
    """
    if answer == "missing" and not welcomed_before:
        return ProbeVerdict("stop", True, "missing")
    return _ANSWERS[answer]


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
