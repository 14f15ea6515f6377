"""Units: what is counted, kept, replayed and paid for (section C)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from .errors import RecordTooLargeError
from .limits import RECORD_LIMIT_BYTES, UNIT_LIMIT_BYTES, UNIT_OVERHEAD_BYTES
from .text import utf8_length, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LAST",
    "MORE",
    "RS",
    "WHOLE",
    "Unit",
    "cost_of",
    "count_of",
    "split_record",
    "unit_cost",
    "utf8_length",
    "well_formed",
]

RS: Final = "\x1e"
"""F: separates the records of a text frame."""

WHOLE: Final = 0
"""Form: a whole record; a text one holds no RS and may share a frame."""
LAST: Final = 1
"""Form: the last fragment, or a whole record that has to stand alone."""
MORE: Final = 2
"""Form: a fragment after which more follow."""

_COST_LIMIT: Final = UNIT_LIMIT_BYTES + UNIT_OVERHEAD_BYTES


class Unit(msgspec.Struct, frozen=True, gc=False):
    """A whole record or a fragment of one (C1)."""

    channel: int
    payload: str | bytes
    """Well-formed text, or bytes; at most 16 KiB, or more where it stands for several (F2)."""
    form: int
    """`WHOLE`, `LAST` or `MORE`."""
    cost: int
    """Size plus 16 for each unit that it stands for (C7)."""

    @property
    def size(self) -> int:
        """Payload in UTF-8 bytes."""
        # Not kept: of small records there may be many.
        return self.cost - UNIT_OVERHEAD_BYTES * count_of((self,))


def unit_cost(size: int) -> int:
    """Return the cost of a unit, or of a fragment that stands for several (C7, F2)."""
    return size + UNIT_OVERHEAD_BYTES * (-(-size // UNIT_LIMIT_BYTES) or 1)


def count_of(units: Iterable[Unit]) -> int:
    """Count units; a fragment of more than 16 KiB stands for several (F2)."""
    count = 0
    for unit in units:
        count += 1 if unit.cost <= _COST_LIMIT else -(-unit.cost // _COST_LIMIT)
    return count


def cost_of(units: Iterable[Unit]) -> int:
    """Add up the costs of units (C7)."""
    cost = 0
    for unit in units:
        cost += unit.cost
    return cost


def split_record(channel: int, record: str | bytes) -> list[Unit]:
    """Cut a record into units (C1, C3, C4).

    Args:
        channel: The channel it goes to.
        record: Text, which is made well-formed, or bytes.

    Returns:
        The units in order, at least one.

    Raises:
        RecordTooLargeError: It is over 16 MiB, or over 16 KiB on channel 0 (Z1).
    """
    if isinstance(record, str):
        if len(record) <= UNIT_LIMIT_BYTES and record.isascii():
            form = LAST if RS in record else WHOLE
            return [Unit(channel, record, form, len(record) + UNIT_OVERHEAD_BYTES)]
        record = well_formed(record)
        data = record.encode()
    else:
        data = bytes(record)
    size = len(data)
    limit = RECORD_LIMIT_BYTES if channel else UNIT_LIMIT_BYTES
    if size > limit:
        raise RecordTooLargeError(size, limit)
    if size > UNIT_LIMIT_BYTES:
        return _fragments(channel, data, isinstance(record, str))
    if isinstance(record, str):
        form = LAST if RS in record else WHOLE
        return [Unit(channel, record, form, size + UNIT_OVERHEAD_BYTES)]
    return [Unit(channel, data, WHOLE, size + UNIT_OVERHEAD_BYTES)]


def _fragments(channel: int, data: bytes, is_text: bool) -> list[Unit]:
    """Cut data into fragments as large as may be, text between code points."""
    units = []
    size = len(data)
    start = 0
    while start < size:
        end = min(start + UNIT_LIMIT_BYTES, size)
        if is_text and end < size:
            while data[end] & 0xC0 == 0x80:
                end -= 1
        piece = data[start:end]
        payload = piece.decode() if is_text else piece
        form = MORE if end < size else LAST
        units.append(Unit(channel, payload, form, end - start + UNIT_OVERHEAD_BYTES))
        start = end
    return units
