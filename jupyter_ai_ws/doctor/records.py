"""Numbered records, and what became of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..services.self_test import text_of
from .json_object import read_object

if TYPE_CHECKING:
    from ..protocol.channel import Record

__all__ = ["Counts", "StreamChecker", "page_record", "read_record"]


@dataclass(frozen=True)
class Counts:
    """What became of the records of one direction, or of both together.

    Attributes:
        expected: Records sent or to be sent.
        arrived: Of these, how many arrived, each counted once.
        lost: Those that did not.
        doubled: Arrivals of a record that had arrived before.
        reordered: Records that arrived after a later one.
        damaged: What is no record of this test, or has another text than it was sent with.
    """

    expected: int = 0
    arrived: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    damaged: int = 0

    @property
    def clean(self) -> bool:
        """Whether each record arrived once, in order, as it was sent."""
        return not (self.lost or self.doubled or self.reordered or self.damaged)

    def __add__(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(
            *(
                mine + theirs
                for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)
            )
        )


class StreamChecker:
    """Counts what is lost, doubled, out of order or damaged in one direction."""

    def __init__(self, expected: int, payload_bytes: int) -> None:
        """Expect records numbered 1 to `expected` with texts of `payload_bytes` characters."""
        self._expected = expected
        self._payload_bytes = payload_bytes
        self._seen = bytearray(expected + 1)
        self._highest = 0
        self.arrived = 0
        self._doubled = self._reordered = self._damaged = 0

    @property
    def complete(self) -> bool:
        """Whether every record has arrived."""
        return self.arrived == self._expected

    def take(self, number: Any, text: Any) -> None:
        """Take a record as it arrives."""
        known = type(number) is int and 1 <= number <= self._expected
        if not known or text != text_of(number, self._payload_bytes):
            self._damaged += 1
        elif self._seen[number]:
            self._doubled += 1
        else:
            self._seen[number] = 1
            self.arrived += 1
            self._reordered += int(number < self._highest)
            self._highest = max(self._highest, number)

    def counts(self) -> Counts:
        """Return what became of them so far: what has not arrived counts as lost."""
        lost = self._expected - self.arrived
        return Counts(
            self._expected, self.arrived, lost, self._doubled, self._reordered, self._damaged
        )


def page_record(number: int, payload_bytes: int) -> str:
    """Return a record of the page, for the server to send back."""
    return json.dumps({"n": number, "text": text_of(number, payload_bytes), "page": True})


def read_record(record: Record) -> dict[str, Any]:
    """Return the members of a record; none of what is not one."""
    return read_object(record) or {}
