"""When what an endpoint writes is handed on: answers at once, a stream picture by picture."""

from __future__ import annotations

import asyncio
from contextvars import Context
from math import inf
from typing import TYPE_CHECKING, Final

from ..protocol.limits import UNIT_OVERHEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Gathering"]

GATHER_S: Final = 1 / 60
"""Nothing is seen before the next picture of a screen, and most screens show 60 a second."""
GATHER_LENGTH: Final = 4 * 1024
"""So many characters or bytes cost more than the frame around them: nothing is saved by waiting."""
ANSWERS: Final = 16
"""How many records after one of the page's may be its answer, and do not wait."""
MAX_ANSWERS: Final = 1024
"""How many may not, if the page has sent many that were not answered."""


class Gathering:
    """Hands on the records of one endpoint in their order, those of a fast stream some together.

    What a stream of small records costs is mostly what its frames cost. At 200 a second one frame
    for each takes up to a third more of a processor than a socket of its own does, and one frame
    for three takes less than that (`bench/guard_server.py cpu`).
    """

    __slots__ = ("_answers", "_hand_on", "_handed_on_s", "_length", "_loop", "_records", "_timer")

    def __init__(self, hand_on: Callable[[list[str | bytes]], None]) -> None:
        """Begin with nothing gathered; belongs to the running event loop.

        Args:
            hand_on: Takes records, at least one, and raises nothing. It is called within `add` and
                `flush`, or by the event loop in a context of its own.
        """
        self._hand_on = hand_on
        self._loop = asyncio.get_running_loop()
        self._records: list[str | bytes] = []
        self._length = 0
        self._answers = ANSWERS
        self._handed_on_s = -inf
        self._timer: asyncio.TimerHandle | None = None

    def asked(self) -> None:
        """Note that the page has sent a record: what comes next may be its answer."""
        self._answers = min(max(self._answers + 1, ANSWERS), MAX_ANSWERS)

    def add(self, record: str | bytes) -> None:
        """Take a record, and hand it on now or within `GATHER_S` with what comes until then."""
        self._records.append(record)
        self._length += len(record) + UNIT_OVERHEAD_BYTES
        due_s = self._handed_on_s + GATHER_S
        if self._answers:
            self._answers -= 1
            self.flush()
        # Also with a timer: none runs while a handler that writes does not let it.
        elif self._length >= GATHER_LENGTH or self._loop.time() >= due_s:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_at(due_s, self.flush, context=Context())

    def flush(self) -> None:
        """Hand on what was gathered."""
        records = self._take()
        if records:
            self._handed_on_s = self._loop.time()
            self._hand_on(records)

    def drop(self) -> None:
        """Forget what was gathered: nobody takes it any more."""
        self._take()

    def _take(self) -> list[str | bytes]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        records, self._records = self._records, []
        self._length = 0
        return records
