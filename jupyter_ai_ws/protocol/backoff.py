"""How long to wait before a retry (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import FIRST_SPREAD_MS, RESTART_SPREAD_MS, SLOW_AFTER_MS, SLOW_DELAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable


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


def later_delay_ms(
    retry: int,
    since_cut_ms: float,
    base_delay_ms: float,
    delay_cap_ms: float,
    random: Callable[[], float],
) -> float:
    """Return the delay of a later retry.

    Args:
        retry: 1 for the retry after the first one, then 2, 3 and so on.
        since_cut_ms: Time since the connection was lost.
        base_delay_ms: Upper bound of the second retry's delay; doubles each time.
        delay_cap_ms: What doubling never passes; below the base it counts as the base.
        random: Returns a number in [0, 1).

    Returns:
        Milliseconds between half the upper bound and the upper bound.
    """
    cap_ms = max(delay_cap_ms, base_delay_ms)
    if since_cut_ms < SLOW_AFTER_MS:
        # 2**30 ms are twelve days: no cap lies beyond.
        bound_ms = min(base_delay_ms * (1 << min(retry - 1, 30)), cap_ms)
    else:
        bound_ms = max(SLOW_DELAY_MS, cap_ms)
    return bound_ms * (1 + random()) / 2
