"""How much services may do before they let others run."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Final

__all__ = ["Pace"]

RECORD_COST: Final = 256
"""What a record costs beside its size: to move a small one takes as long as to copy so much."""
TURN_COST: Final = 512 * 1024
"""What all services together may move in a turn of the event loop."""
LEAST_COST: Final = 2 * 1024
"""What each may, however many they are."""


class Pace:
    """Shares the turns of the event loop among the services that never have to wait.

    A turn is shared by those that moved something in it or in the last one. How many that will be
    nobody knows when it begins: the first of many may have moved more than the last.
    """

    __slots__ = ("_last_count", "count", "limit", "turn")

    def __init__(self) -> None:
        """Begin without a service."""
        self.turn = 0
        """Changes with each turn in which something moves."""
        self.limit = TURN_COST
        """What one service may move in this turn; the record that exceeds it may go."""
        self.count = 0
        """Services that have moved something in this turn."""
        self._last_count = 0

    def join(self) -> None:
        """Count a service, at the first record that it moves in a turn."""
        if not self.count:
            asyncio.get_running_loop().call_soon(self._end_turn, context=Context())
        self.count += 1
        if self.count > self._last_count:
            self.limit = max(LEAST_COST, TURN_COST // self.count)

    def _end_turn(self) -> None:
        self.turn += 1
        self._last_count, self.count = self.count, 0
        self.limit = max(LEAST_COST, TURN_COST // self._last_count)
