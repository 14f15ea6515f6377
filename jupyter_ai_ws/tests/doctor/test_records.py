"""What became of numbered records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor.records import (
    Counts,
    StreamChecker,
    page_record,
    read_record,
)
from jupyter_ai_ws.services.self_test import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [
        ([1, 2, 3], Counts(3, 3)),
        ([], Counts(3, 0, lost=3)),
        ([1, 3], Counts(3, 2, lost=1)),
        ([1, 2, 2, 3], Counts(3, 3, doubled=1)),
        ([1, 3, 2], Counts(3, 3, reordered=1)),
        ([3, 2, 1, 1], Counts(3, 3, doubled=1, reordered=2)),
        ([0, 1, 2, 3, 4], Counts(3, 3, damaged=2)),
    ],
)
def test_every_deviation_is_counted(numbers: Sequence[int], counts: Counts) -> None:
    checker = StreamChecker(3, 20)
    for number in numbers:
        checker.take(number, text_of(number, 20))
    assert checker.counts() == counts
    assert checker.complete is (counts.arrived == 3)
    assert counts.clean is (numbers == [1, 2, 3])


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "other"), (None, None), (True, text_of(1, 20)), (1.0, text_of(1, 20)), ("1", "")],
)
def test_what_is_not_as_it_was_sent_counts_as_damaged(number: object, text: object) -> None:
    checker = StreamChecker(1, 20)
    checker.take(number, text)
    assert checker.counts() == Counts(1, 0, lost=1, damaged=1)


def test_counts_add_up() -> None:
    assert Counts(1, 2, 3, 4, 5, 6) + Counts(1, 1, 1, 1, 1, 1) == Counts(2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("payload_bytes", [0, 1, 9, 64, 2_000])
def test_text_has_its_length_and_a_page_record_reads_back(payload_bytes: int) -> None:
    text = text_of(12, payload_bytes)
    assert len(text) == payload_bytes
    assert read_record(page_record(12, payload_bytes)) == {"n": 12, "text": text, "page": True}


@pytest.mark.parametrize("record", ["", "[1]", "null", b"\xff", "[" * 100_000])
def test_what_is_no_record_has_no_members(record: str | bytes) -> None:
    assert read_record(record) == {}
