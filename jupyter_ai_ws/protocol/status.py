"""Where a connection stands, and what a user may tune about it (rules L, S, R)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .limits import (
    ANSWER_TIMEOUT_MS,
    BASE_DELAY_MS,
    DELAY_CAP_MS,
    HEARTBEAT_INTERVAL_MS,
    HIDDEN_HEARTBEAT_INTERVAL_MS,
    MAX_ATTEMPTS,
    SLEEP_AFTER_MS,
)

State = Literal[
    "idle", "connecting", "connected", "waiting", "probing", "sleeping", "stopped", "disposed"
]
"""What is going on; the diagram is in section S."""

Question = Literal["none", "attempts", "permanent"]
"""Whether a person is needed: attempts used up (R9), or a cause that does not mend itself (R5)."""


@dataclass(frozen=True)
class Status:
    """Where the connection stands, whole and immutable.

    Attributes:
        state: What is going on.
        cause: Why it is not connected; "" while it is or nothing has failed.
        attempt: Attempts spent since they were last given back (R8).
        next_try_ms: When the next try starts; None: none is waiting.
        cut_ms: When the connection was lost; None while connected.
        question: Whether a person is needed.
    """

    state: State = "idle"
    cause: str = ""
    attempt: int = 0
    next_try_ms: float | None = None
    cut_ms: float | None = None
    question: Question = "none"


@dataclass
class ConnectorOptions:
    """What may be changed at any time, with effect at once.

    Attributes:
        heartbeat_interval_ms: Time without proof after which a shown page pings (L2).
        hidden_heartbeat_interval_ms: The same while hidden.
        answer_timeout_ms: How long an answer may take (L3).
        base_delay_ms: First delay that doubles (R2).
        delay_cap_ms: Where doubling stops.
        max_attempts: Attempts before the user is asked (R9); 0: never by their number.
        retry_while_asking: Whether tries go on behind the question (R9).
        sleep_after_ms: Hidden and unused so long, the page parks itself (L8); 0: never.
        local: Whether the server is on this machine, where no herd is to be feared (R2).
    """

    heartbeat_interval_ms: float = HEARTBEAT_INTERVAL_MS
    hidden_heartbeat_interval_ms: float = HIDDEN_HEARTBEAT_INTERVAL_MS
    answer_timeout_ms: float = ANSWER_TIMEOUT_MS
    base_delay_ms: float = BASE_DELAY_MS
    delay_cap_ms: float = DELAY_CAP_MS
    max_attempts: int = MAX_ATTEMPTS
    retry_while_asking: bool = True
    sleep_after_ms: float = SLEEP_AFTER_MS
    local: bool = True
