"""Counting and acknowledging: C2, A1 to A4, W2."""

from __future__ import annotations

from math import inf

import pytest

from jupyter_ai_ws.protocol.errors import ProtocolError
from jupyter_ai_ws.protocol.limits import (
    ACK_BYTES,
    BULK_BYTES,
    LOG_LIMIT_BYTES,
    UNIT_LIMIT_BYTES,
    UNIT_OVERHEAD_BYTES,
)
from jupyter_ai_ws.protocol.log import Receipts, SendLog
from jupyter_ai_ws.protocol.units import MORE, WHOLE, Unit

UNITS = [Unit(1, str(number), WHOLE, 17) for number in range(5)]


@pytest.fixture
def log() -> SendLog:
    """A log of five units, all written."""
    log = SendLog()
    for unit in UNITS:
        log.append(unit)
    log.unwritten(0.0)
    return log


def test_w1_what_is_counted_is_written_once() -> None:
    log = SendLog()
    for unit in UNITS[:2]:
        log.append(unit)
    assert log.unwritten(0.0) == UNITS[:2]
    log.append(UNITS[2])
    assert log.unwritten(0.0) == [UNITS[2]]
    assert log.unwritten(0.0) == []


def test_c2_units_are_counted_from_0(log: SendLog) -> None:
    assert (log.start, log.end, log.cost) == (0, 5, 5 * 17)


def test_a4_acknowledged_units_are_forgotten_and_returned(log: SendLog) -> None:
    assert log.acknowledge(2, 0.0) == UNITS[:2]
    assert log.acknowledge(2, 0.0) == []
    assert (log.start, log.end, log.cost) == (2, 5, 3 * 17)


@pytest.mark.parametrize("received", [1, 6])
def test_a3_an_acknowledgement_that_shrinks_or_runs_ahead_is_an_error(
    log: SendLog, received: int
) -> None:
    log.acknowledge(2, 0.0)
    with pytest.raises(ProtocolError, match=r"^A3"):
        log.acknowledge(received, 0.0)


def test_a3_what_was_not_written_to_this_socket_cannot_be_acknowledged(log: SendLog) -> None:
    log.rewind(1)
    with pytest.raises(ProtocolError, match=r"^A3"):
        log.acknowledge(2, 0.0)
    assert list(log.unwritten(0.0)) == UNITS[1:]
    assert log.acknowledge(5, 0.0) == UNITS[1:]


def test_a4_each_socket_gets_what_is_missing_once(log: SendLog) -> None:
    assert list(log.unwritten(0.0)) == []
    assert log.rewind(3) == UNITS[:3]
    assert list(log.unwritten(0.0)) == UNITS[3:]
    assert list(log.unwritten(0.0)) == []
    assert log.rewind(3) == []
    assert list(log.unwritten(0.0)) == UNITS[3:]


@pytest.mark.parametrize("received", [0, 6])
def test_h7_a_cursor_outside_the_log_is_an_error(log: SendLog, received: int) -> None:
    log.acknowledge(1, 0.0)
    with pytest.raises(ProtocolError, match=r"^H7"):
        log.rewind(received)


def test_w2_the_log_holds_128_kib() -> None:
    log = SendLog()
    log.append(Unit(1, "x", WHOLE, LOG_LIMIT_BYTES - 17))
    assert not log.append(Unit(1, "xx", WHOLE, 18))
    assert log.append(Unit(1, "x", WHOLE, 17))
    assert log.cost == LOG_LIMIT_BYTES


LARGE = Unit(1, bytes(UNIT_LIMIT_BYTES), MORE, UNIT_LIMIT_BYTES + UNIT_OVERHEAD_BYTES)


def _fill(log: SendLog, now_ms: float = 0.0) -> int:
    """Fill a log with as much as may be in flight, and write it; return how much there is."""
    while log.append(LARGE):
        pass
    log.unwritten(now_ms)
    return log.end - log.start


@pytest.mark.parametrize(("span_ms", "fast"), [(256.0, True), (257.0, False)])
def test_w2_a_line_is_fast_that_acknowledges_128_kib_within_256_ms(
    span_ms: float, fast: bool
) -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end - 1, span_ms)
    assert not log.fast
    log.acknowledge(log.end, span_ms)
    assert log.fast is fast


def test_w2_on_a_fast_line_the_log_holds_512_kib_until_it_gets_slow() -> None:
    log = SendLog()
    assert _fill(log) == 7
    log.acknowledge(log.end, 10.0)
    assert _fill(log) == 31
    log.acknowledge(log.end, 1025.0)
    assert not log.fast
    assert _fill(log) == 7


def test_w2_what_is_written_when_a_line_gets_slow_is_not_written_again() -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end, 10.0)
    _fill(log)
    full = log.end
    log.acknowledge(log.start + 15, 20.0)
    _fill(log)
    log.acknowledge(full, 2_000.0)
    assert not log.fast
    assert log.cost > LOG_LIMIT_BYTES
    assert log.unwritten(2_000.0) == []
    log.acknowledge(log.start + 8, 2_000.0)
    assert log.unwritten(2_000.0) == []


def _is_fast(log: SendLog, now_ms: float) -> bool:
    log.expire(now_ms)
    return log.fast


def test_w2_a_line_counts_as_fast_for_10_s_after_its_log_was_full() -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end, 10.0)
    assert _is_fast(log, 9_999.0)
    assert _fill(log, 9_999.0) == 31
    log.acknowledge(log.end, 10_009.0)
    assert _is_fast(log, 19_998.0)
    assert not _is_fast(log, 19_999.0)
    assert _fill(log, 19_999.0) == 7


def test_w2_what_was_in_flight_when_a_line_ceased_to_be_fast_is_written_once() -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end, 10.0)
    _fill(log)
    log.expire(10_000.0)
    assert log.unwritten(10_000.0) == []
    assert not log.append(LARGE)
    log.acknowledge(log.start + 25, 10_001.0)
    assert log.append(LARGE)
    assert log.unwritten(10_001.0) == [LARGE]
    log.acknowledge(log.end, 10_001.0)
    assert _fill(log, 10_002.0) == 7
    log.acknowledge(log.end, 10_003.0)
    assert log.fast


def test_w2_each_socket_begins_slow() -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end, 10.0)
    log.rewind(log.end)
    assert not log.fast


def test_w2_less_than_a_full_log_tells_nothing() -> None:
    log = SendLog()
    log.append(LARGE)
    log.unwritten(0.0)
    log.acknowledge(1, 0.0)
    assert not log.fast


def test_w2_what_a_former_socket_had_tells_nothing() -> None:
    log = SendLog()
    _fill(log)
    log.rewind(1)
    log.acknowledge(log.start, 0.0)
    assert not log.fast


def test_w2_what_a_fast_line_has_left_is_written_by_128_kib() -> None:
    log = SendLog()
    _fill(log)
    log.acknowledge(log.end, 10.0)
    assert _fill(log) == 31
    log.rewind(log.start)
    assert len(log.unwritten(0.0)) == 7
    assert log.unwritten(0.0) == []
    log.acknowledge(log.start + 2, 5.0)
    assert len(log.unwritten(5.0)) == 2
    while log.start < log.end:
        assert log.waits is (log.end - log.start > 7)
        log.acknowledge(log.start + 1, 5.0)
        log.unwritten(5.0)


def test_a2_an_acknowledgement_is_due_after_32_units() -> None:
    receipts = Receipts()
    receipts.count(31, 31 * 17, 0)
    assert not receipts.due(0)
    receipts.count(1, 17, 0)
    assert receipts.due(0)


def test_a2_an_acknowledgement_is_due_after_16_kib() -> None:
    receipts = Receipts()
    receipts.count(1, ACK_BYTES - 1, 0)
    assert not receipts.due(0)
    receipts.count(1, 1, 0)
    assert receipts.due(0)


def test_a2_an_acknowledgement_is_due_after_200_ms() -> None:
    receipts = Receipts()
    assert receipts.next_ms == inf
    receipts.count(1, 17, 100)
    receipts.count(1, 17, 250)
    assert receipts.next_ms == 300
    assert not receipts.due(299)
    assert receipts.due(300)


def test_a1_what_was_told_is_owed_no_more() -> None:
    receipts = Receipts()
    receipts.count(40, ACK_BYTES, 0)
    assert receipts.tell() == 40
    assert not receipts.due(1_000, BULK_BYTES)
    assert not receipts.due(1_000)
    assert receipts.next_ms == inf
