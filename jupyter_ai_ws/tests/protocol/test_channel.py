"""Queue, credit and closing: W3 to W5, X1 to X7."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.errors import (
    ChannelClosedError,
    QueueFullError,
    RecordTooLargeError,
)
from jupyter_ai_ws.protocol.frames import decode
from jupyter_ai_ws.protocol.limits import (
    CLOSE_STALL_MS,
    CREDIT_BYTES,
    CREDIT_QUANTUM_BYTES,
    MIB,
)

from .pair import Owner, Pair, take_all

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.channel import Channel

KIB_16 = "x" * 16_384


def ending(channel: Channel) -> tuple[str, int, str] | None:
    """How a channel ended."""
    final = channel.final
    return None if final is None else (final.kind, final.code, final.reason)


# -- W: queue and credit ------------------------------------------------------------------


def test_w3_a_record_enters_a_queue_that_is_not_full_and_then_whole() -> None:
    pair = Pair()
    page, _ = pair.open()
    page.queue_limit_bytes = 100
    page.send("x" * 83)
    writable = [page.writable]
    page.send("x" * 10_000)
    writable.append(page.writable)
    assert writable == [True, False]
    with pytest.raises(QueueFullError):
        page.send("not taken")
    assert page.queue_cost == 99 + 10_016


def test_w3_the_owner_is_told_when_a_full_queue_has_emptied_to_half() -> None:
    pair = Pair()
    page, server = pair.open()
    owner = Owner(page)
    page.queue_limit_bytes = 250_000
    page.send("x" * 300_000)
    frames = pair.page.flush(0)
    assert owner.events == []  # 128 KiB have moved, 170,000 bytes wait
    for frame in frames:
        pair.server.receive(decode(frame), 0)
    pair.settle()
    assert owner.events == ["writable"]
    assert len(take_all(server)) == 1


def test_w3_who_waits_for_room_is_told_although_another_sent_meanwhile() -> None:
    pair = Pair()
    page, _ = pair.open()
    owner = Owner(page)
    page.queue_limit_bytes = 250_000
    page.send("x" * 300_000)
    frames = pair.page.flush(0)
    page.send("y")  # the queue is below its limit, not yet half empty
    for frame in frames:
        pair.server.receive(decode(frame), 0)
    pair.settle()
    assert owner.events == ["writable"]


def test_x4_after_its_own_close_an_owner_gets_nothing_more_though_the_other_was_first() -> None:
    pair = Pair()
    page, server = pair.open()
    server.send("waits")
    server.close(3000, "done")
    pair.settle()
    page.close(3001, "enough")
    assert page.take() is None
    assert ending(page) == ("closed", 3000, "done")


def test_w3_a_record_over_16_mib_is_not_taken() -> None:
    pair = Pair()
    page, _ = pair.open()
    with pytest.raises(RecordTooLargeError):
        page.send(b"x" * (16 * MIB + 1))
    assert page.queue_cost == 0


def test_w4_a_record_starts_below_the_limit_and_then_goes_whole() -> None:
    pair = Pair()
    page, server = pair.open()
    page.send("x" * (MIB - 1_100))
    page.send("y" * 500_000)
    page.send("no credit left")
    for _ in range(4):
        pair.settle()
    assert server.inbox_cost > CREDIT_BYTES
    assert page.queue_cost == 14 + 16
    assert [len(record) for record in take_all(server)] == [MIB - 1_100, 500_000]
    pair.settle()
    assert take_all(server) == ["no credit left"]


def test_w4_no_record_starts_when_the_credit_is_used_up_to_the_byte() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(64):
        page.send("x" * (16_384 - 16))
    page.send("waits")
    for _ in range(12):
        pair.settle()
    assert server.inbox_cost == CREDIT_BYTES
    assert page.queue_cost == 5 + 16


def test_w4_a_record_starts_when_a_byte_of_credit_is_left() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(63):
        page.send("x" * (16_384 - 16))
    page.send("x" * (16_384 - 17))
    page.send("goes")
    for _ in range(12):
        pair.settle()
    assert server.inbox_cost == CREDIT_BYTES - 1 + 4 + 16
    assert page.queue_cost == 0


def test_w5_credit_is_due_when_the_records_taken_cost_256_kib() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(17):
        page.send(KIB_16)
    pair.settle()
    for count in range(1, 16):
        server.take()
        assert server.taken == count
    pair.settle()
    assert page.peer_taken == 0
    assert 15 * 16_400 < CREDIT_QUANTUM_BYTES <= 16 * 16_400
    server.take()
    pair.settle()
    assert page.peer_taken == 16


def test_w5_credits_that_wait_merge() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(60):
        page.send(KIB_16)
    for _ in range(4):
        pair.settle()
    sent = pair.server.log.end
    take_all(server)
    pair.settle()
    assert page.peer_taken == 60
    assert pair.server.log.end == sent + 1


# -- X: closing ---------------------------------------------------------------------------


def test_x2_a_graceful_close_stands_behind_the_queue() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(20):
        page.send(KIB_16)
    page.close(3000, "done")
    assert page.state == "closing"
    with pytest.raises(ChannelClosedError):
        page.send("too late")
    for _ in range(4):
        pair.settle()
    assert len(take_all(server)) == 20
    assert ending(server) == ending(page) == ("closed", 3000, "done")


def test_x2_an_abort_discards_the_queue() -> None:
    pair = Pair()
    page, server = pair.open()
    page.send("dropped")
    page.abort(3001, "stop")
    assert page.queue_cost == 0
    pair.settle()
    assert take_all(server) == []
    assert ending(server) == ending(page) == ("closed", 3001, "stop")


def test_x2_a_close_before_accept_is_an_abort() -> None:
    pair = Pair()
    page = pair.page.open("test")
    page.send("dropped")
    pair.carry()
    page.close(3000, "changed my mind")
    pair.carry()
    (server,) = pair.server_says.requested
    server.accept()  # too late: nothing happens
    pair.carry()
    assert ending(server) == ending(page) == ("closed", 3000, "changed my mind")


@pytest.mark.parametrize("how", ["close", "abort"])
def test_x2_the_server_refuses_by_closing_before_accept(how: str) -> None:
    pair = Pair()
    page = pair.page.open("test")
    pair.carry()
    (server,) = pair.server_says.requested
    getattr(server, how)(4500, "failed")
    server.refuse(4404, "again")
    pair.carry()
    assert ending(server) == ending(page) == ("refused", 4500, "failed")


def test_x3_a_close_is_answered_at_once_whatever_the_consumer_does() -> None:
    pair = Pair()
    page, server = pair.open()
    page.send("in memory")
    pair.carry()
    server.send(KIB_16)
    page.close(3000, "done")
    pair.carry()
    assert ending(page) == ending(server) == ("closed", 3000, "done")
    assert server.queue_cost == 0
    assert take_all(server) == ["in memory"]


def test_x3_unfinished_records_are_dropped_with_the_channel() -> None:
    pair = Pair()
    page, server = pair.open()
    page.send("x" * 400_000)
    pair.page.flush(0)
    page.abort()
    pair.connect()
    for _ in range(4):
        pair.settle()
    assert ending(server) == ("closed", 1000, "")
    assert pair.server.memory_bytes == 0


def test_x4_after_its_own_close_an_owner_gets_only_the_final_event() -> None:
    pair = Pair()
    page, server = pair.open()
    server.send("unread")
    pair.carry()
    page.send("last")
    owner = Owner(page)
    page.close()
    assert page.take() is None
    assert page.taken == 1
    server.send("on its way")
    pair.settle()
    assert owner.events == ["closed"]
    assert page.take() is None


def test_x5_open_and_close_that_never_left_cancel_out() -> None:
    pair = Pair()
    page = pair.page.open("test")
    owner = Owner(page)
    page.close(3000, "never mind")
    assert ending(page) == ("closed", 3000, "never mind")
    assert owner.events == ["closed"]
    assert pair.carry() == 0
    assert pair.page.open("next").number == 2


def stall(pair: Pair) -> tuple[Channel, Channel]:
    """A page's channel that closes and waits for credit."""
    page, server = pair.open()
    page.send("x" * MIB)
    page.send("waits for credit")
    page.close(3000, "done")
    for _ in range(12):
        pair.settle()
    assert page.state == "closing"
    return page, server


def test_x6_a_close_that_waits_for_credit_becomes_an_abort_after_60_s() -> None:
    pair = Pair()
    page, server = stall(pair)
    pair.now_ms = pair.page.next_ms - 1
    pair.page.tick(pair.now_ms)
    pair.carry()
    assert page.state == "closing"
    assert CLOSE_STALL_MS - 3_000 < pair.now_ms <= CLOSE_STALL_MS + 3_000
    pair.now_ms += 1
    pair.page.tick(pair.now_ms)
    pair.carry()
    assert ending(page) == ending(server) == ("closed", 1006, "not taken")
    assert len(take_all(server)) == 1


def test_x6_a_new_socket_or_credit_begins_the_60_s_anew() -> None:
    pair = Pair()
    page, server = stall(pair)
    pair.now_ms += CLOSE_STALL_MS - 5_000
    pair.connect()
    pair.carry()
    due_ms = pair.page.next_ms
    assert due_ms >= pair.now_ms + CLOSE_STALL_MS
    take_all(server)
    pair.carry()
    assert ending(page) == ("closed", 3000, "done")
    assert take_all(server) == ["waits for credit"]


def test_x7_both_ends_that_close_get_their_own_code() -> None:
    pair = Pair()
    page, server = pair.open()
    page.abort(3001, "page")
    server.abort(3002, "server")
    pair.carry()
    assert ending(page) == ("closed", 3001, "page")
    assert ending(server) == ("closed", 3002, "server")


def test_x1_there_is_exactly_one_final_event() -> None:
    pair = Pair()
    page, server = pair.open()
    owners = Owner(page), Owner(server)
    page.close()
    page.close(3000)
    page.abort()
    pair.settle()
    for channel in (page, server):
        channel.abort()
        channel.close()
    pair.page.end("gone")
    pair.server.end("gone")
    assert [owner.events for owner in owners] == [["closed"], ["closed"]]


def test_x1_a_page_that_closes_a_refused_channel_hears_its_own_close() -> None:
    pair = Pair()
    page = pair.page.open("test")
    pair.carry()
    (server,) = pair.server_says.requested
    server.refuse(4403, "no")
    page.close(3000, "crossed")
    pair.settle()
    assert ending(page) == ("closed", 3000, "crossed")
    assert ending(server) == ("refused", 4403, "no")


@pytest.mark.parametrize("code", [999, 5000])
def test_z4_a_wrong_code_is_not_sent(code: int) -> None:
    pair = Pair()
    page, _ = pair.open()
    with pytest.raises(ValueError, match="close code"):
        page.close(code)
    assert page.state == "open"


def test_z4_a_long_reason_is_cut() -> None:
    pair = Pair()
    page, server = pair.open()
    page.close(3000, "日" * 100)
    pair.carry()
    assert ending(server) == ("closed", 3000, "日" * 41)


def test_h9_a_discontinuity_counts_what_became_of_the_records() -> None:
    pair = Pair()
    page, _ = pair.open()
    page.send("acknowledged")
    pair.settle()
    page.send("perhaps delivered")
    pair.page.flush(pair.now_ms)
    pair.page.detach()
    page.send("never written")
    page.send("x" * 400_000)
    pair.page.end("the server was restarted")
    final = page.final
    assert final is not None
    assert ending(page) == ("discontinuity", 1006, "the server was restarted")
    assert (final.acknowledged, final.perhaps_delivered, final.never_written) == (1, 1, 2)


def test_h9_a_record_of_which_only_a_part_was_written_counts_as_never_written() -> None:
    pair = Pair()
    page, _ = pair.open()
    page.send("x" * 400_000)
    pair.page.flush(0)
    pair.page.end("gone")
    final = page.final
    assert final is not None
    assert (final.acknowledged, final.perhaps_delivered, final.never_written) == (0, 0, 1)
