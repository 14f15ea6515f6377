"""How many endpoints are asked at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from typing import Final

__all__ = ["Gate"]

PEERS_PER_TURN: Final = 8
"""To ask an endpoint takes a millisecond: its whole handler runs."""


class Gate:
    """Lets a few through in each turn of the event loop, in the order in which they came."""

    def __init__(self) -> None:
        """Begin open."""
        self._passed = 0  # in this turn
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Go on at once, or wait behind those that came before."""
        if self._waiting or self._passed == PEERS_PER_TURN:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
        else:
            self._pass()

    def _pass(self) -> None:
        if not self._passed:
            asyncio.get_running_loop().call_soon(self._end_turn, context=Context())
        self._passed += 1

    def _end_turn(self) -> None:
        self._passed = 0
        while self._waiting and self._passed < PEERS_PER_TURN:
            future = self._waiting.popleft()
            if not future.done():  # else it has given up
                future.set_result(None)
                self._pass()
