"""Records put together again from their fragments (C4, C5)."""

from __future__ import annotations

from .errors import broken
from .limits import RECORD_LIMIT_BYTES, RECORD_LIMIT_UNITS
from .units import MORE, WHOLE, Unit


class Reassembler:
    """The unfinished record of one channel; it outlives sockets (C5)."""

    __slots__ = ("_bytes", "_cost", "_pieces")

    def __init__(self) -> None:
        """Begin without a piece."""
        self._pieces: list[str | bytes] = []
        self._bytes = 0
        self._cost = 0

    @property
    def cost(self) -> int:
        """Cost of the pieces held (C7); 0 between records."""
        return self._cost

    def add(self, unit: Unit) -> str | bytes | None:
        """Take the next unit of the channel.

        Args:
            unit: The unit, in the order of the socket.

        Returns:
            The record if this unit completes one.

        Raises:
            ProtocolError: A whole record inside another (C4), text and bytes in
                one record (F4), too many units (F7) or bytes (M).
        """
        pieces = self._pieces
        form = unit.form
        if not pieces and form != MORE:
            return unit.payload
        if form == WHOLE:
            broken("C4", "whole record inside a fragmented one")
        payload = unit.payload
        if pieces and isinstance(payload, str) is not isinstance(pieces[0], str):
            broken("F4", "text and binary fragments in one record")
        pieces.append(payload)
        self._bytes += unit.size
        self._cost += unit.cost
        if len(pieces) > RECORD_LIMIT_UNITS:
            broken("F7", "record of too many units")
        if self._bytes > RECORD_LIMIT_BYTES:
            broken("M", "record too large")
        if form == MORE:
            return None
        record = _join(pieces)
        self._pieces = []
        self._bytes = 0
        self._cost = 0
        return record


def _join(pieces: list[str | bytes]) -> str | bytes:
    """Join pieces of one type."""
    if isinstance(pieces[0], str):
        return "".join(pieces)  # type: ignore[arg-type]
    return b"".join(pieces)  # type: ignore[arg-type]
