"""How long to wait before a retry (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_SPREAD_MS: Final = 300
"""R2: the first retry on another host comes within this time."""
RESTART_SPREAD_MS: Final = 3_000
"""R2: the first retry after a restart comes within this time."""
BASE_MS: Final = 1_000
"""R2: upper bound of the second retry's delay; a setting."""
CAP_MS: Final = 8_000
"""R2: the largest upper bound; a setting."""
SLOW_AFTER_MS: Final = 120_000
"""R2: time since the cut after which retries are slow."""
SLOW_DELAY_MS: Final = 30_000
"""R2: upper bound of the slow delay."""


def first_delay_ms(local: bool, spread: bool, random: Callable[[], float]) -> float:
    """Return the delay of the first retry after a cut.

    Args:
        local: Whether the host is this machine.
        spread: Whether the close says that many pages were cut together (R1).
        random: Returns a number in [0, 1).

    Returns:
        Milliseconds.
    """
    if spread:
        return random() * RESTART_SPREAD_MS
    return 0.0 if local else random() * FIRST_SPREAD_MS


class BackOff:
    """Delays of the retries that follow the first one."""

    __slots__ = ("base_ms", "cap_ms")

    def __init__(self, base_ms: float = BASE_MS, cap_ms: float = CAP_MS) -> None:
        """Take the settings; both may be changed later.

        Args:
            base_ms: Upper bound of the first of these delays; doubles each time.
            cap_ms: What doubling never passes.
        """
        self.base_ms = base_ms
        self.cap_ms = cap_ms

    def delay_ms(self, retry: int, since_cut_ms: float, random: Callable[[], float]) -> float:
        """Return the delay before a retry.

        Args:
            retry: 1 for the retry after the first one, then 2, 3 and so on.
            since_cut_ms: Time since the connection was lost.
            random: Returns a number in [0, 1).

        Returns:
            Milliseconds between half the upper bound and the upper bound.
        """
        if since_cut_ms < SLOW_AFTER_MS:
            # 2**30 ms are twelve days: no cap lies beyond.
            bound = min(self.base_ms * (1 << min(retry - 1, 30)), self.cap_ms)
        else:
            bound = max(SLOW_DELAY_MS, self.cap_ms)
        return bound * (1 + random()) / 2
