"""What was counted: units kept until acknowledged, and units received (rules C2, A1-A4, W2)."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from .errors import broken
from .limits import (
    ACK_BYTES,
    ACK_DELAY_MS,
    ACK_UNITS,
    BULK_BYTES,
    FAST_BYTES_PER_MS,
    FAST_FOR_MS,
    FAST_LOG_LIMIT_BYTES,
    LOG_LIMIT_BYTES,
    UNIT_LIMIT_BYTES,
)
from .units import cost_of

if TYPE_CHECKING:
    from .units import Unit


class SendLog:
    """Units of one direction, counted and kept until the other end has them in memory.

    Attributes:
        start: Number of the first unit kept; all before it are acknowledged.
        end: Number the next unit will get.
        cost: Cost of the units kept, in bytes (C7).
        fast: Whether the line is fast (W2).
    """

    __slots__ = (
        "_full_end",
        "_full_ms",
        "_in_flight",
        "_position",
        "_units",
        "cost",
        "end",
        "fast",
        "start",
    )

    def __init__(self) -> None:
        """Begin empty."""
        self._units: list[Unit] = []
        self._position = 0
        self._in_flight = 0  # cost of what this socket was given and has not acknowledged
        # When it was last full, and before which unit all is to be acknowledged then.
        self._full_ms = 0.0
        self._full_end = 0
        self.fast = False
        self.start = 0
        self.end = 0
        self.cost = 0

    def append(self, unit: Unit) -> bool:
        """Count a unit if it may be (W1, W2); it is written after those that are `unwritten`.

        Returns:
            Whether it was counted.
        """
        fits = self.cost + unit.cost <= self._limit
        if fits:
            self._units.append(unit)
            self.end += 1
            self.cost += unit.cost
        return fits

    def rewind(self, received: int) -> list[Unit]:
        """Start on a new socket whose other end has counted `received` units.

        Returns:
            The units acknowledged by that.

        Raises:
            ProtocolError: `received` is outside the log (H4, H7).
        """
        if not self.start <= received <= self.end:
            broken("H7", f"received {received} is outside {self.start} to {self.end}")
        released = self._release(received)
        self._position = self.start
        self._in_flight = 0
        self._full_end = 0
        self.fast = False
        return released

    def acknowledge(self, received: int, now_ms: float) -> list[Unit]:
        """Forget the units before `received` and return them.

        Raises:
            ProtocolError: More than was written to this socket, or less than before (A3).
        """
        if not self.start <= received <= self._position:
            broken("A3", f"received {received}, not {self.start} to {self._position}")
        if self.start < self._full_end <= received:
            self.fast = (now_ms - self._full_ms) * FAST_BYTES_PER_MS <= self._limit
        released = self._release(received)
        self._in_flight -= cost_of(released)
        return released

    def expire(self, now_ms: float) -> None:
        """Forget that the line was fast if that was long ago (W2); before units are added."""
        if now_ms - self._full_ms >= FAST_FOR_MS:
            self.fast = False

    def unwritten(self, now_ms: float) -> list[Unit]:
        """Return the units not yet written to this socket; they count as written (A4).

        Of what a line that was fast has left, a new socket, or a line that is slow now, gets
        128 KiB at a time: the page's pongs would stand behind the rest (W2).
        """
        skipped = self._position - self.start
        if self.cost > self._limit:
            return self._fitting(skipped)
        self._position = self.end
        self._in_flight = self.cost
        if self._full_end <= self.start and self.cost > self._limit - 2 * UNIT_LIMIT_BYTES:
            self._full_end = self.end
            self._full_ms = now_ms
        return self._units[skipped:]

    def _release(self, received: int) -> list[Unit]:
        count = received - self.start
        released = self._units[:count]
        del self._units[:count]
        for unit in released:
            self.cost -= unit.cost
        self.start = received
        return released

    def _fitting(self, skipped: int) -> list[Unit]:
        """Return those after the first ones that may be in flight, too (W2)."""
        units, limit = self._units, self._limit
        end = skipped
        while end < len(units) and self._in_flight + units[end].cost <= limit:
            self._in_flight += units[end].cost
            end += 1
        self._position = self.start + end
        return units[skipped:end]

    @property
    def waits(self) -> bool:
        """Whether units wait until others are acknowledged on this socket (W2)."""
        return self._position < self.end

    @property
    def _limit(self) -> int:
        """How much cost may be kept (W2)."""
        return FAST_LOG_LIMIT_BYTES if self.fast else LOG_LIMIT_BYTES


class Receipts:
    """What has been received and how much of it the other end knows (A1, A2).

    Attributes:
        received: Units counted in this session.
        next_ms: When an acknowledgement falls due by time; infinity when none is owed.
    """

    __slots__ = ("_cost", "_told", "next_ms", "received")

    def __init__(self) -> None:
        """Begin with nothing received."""
        self.received = 0
        self.next_ms = inf
        self._told = 0
        self._cost = 0

    def count(self, units: int, cost: int, now_ms: float) -> None:
        """Count the units of one frame."""
        self.received += units
        self._cost += cost
        if self.next_ms == inf:
            self.next_ms = now_ms + ACK_DELAY_MS

    def due(self, now_ms: float, behind_cost: int = 0) -> bool:
        """Tell whether an acknowledgement must be written now.

        Args:
            now_ms: The time.
            behind_cost: Cost of the units that are written after it.
        """
        owed = self.received - self._told
        return (
            now_ms >= self.next_ms
            or owed >= ACK_UNITS
            or self._cost >= ACK_BYTES
            or (owed > 0 and behind_cost >= BULK_BYTES)
        )

    def tell(self) -> int:
        """Return the cursor to write and remember that the other end is told."""
        self._told = self.received
        self._cost = 0
        self.next_ms = inf
        return self.received
