"""Frames in and out of a session: A2, B1, C6, F1, F5, W1, W6, Z1 to Z5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.errors import (
    ProtocolError,
    QueueFullError,
    RecordTooLargeError,
    SessionEndedError,
)
from jupyter_ai_ws.protocol.frames import Ack, Pong, decode, encode_control
from jupyter_ai_ws.protocol.limits import CREDIT_BYTES, LOG_LIMIT_BYTES

from .pair import Owner, Pair, take_all

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.channel import Channel

OPEN = '0\x1e{"type":"open","channel":%d,"service":"s","parameters":{}}'
ACCEPT = '0\x1e{"type":"accept","channel":%d,"parameters":{}}'
REFUSE = '0\x1e{"type":"refuse","channel":%d,"code":4404,"reason":""}'
CLOSE = '0\x1e{"type":"close","channel":%d,"code":1000,"reason":""}'
CREDIT = '0\x1e{"type":"credit","channel":%d,"taken":%d}'
WELCOME = (
    '{"type":"welcome","resumed":true,"epoch":"e","instance":"i","received":0,"serial":1,'
    '"limits":{}}'
)


def rejects(pair: Pair, end: str, rule: str, *frames: str) -> None:
    """The last of the frames breaks the rule."""
    session = getattr(pair, end)
    for frame in frames[:-1]:
        session.receive(decode(frame), pair.now_ms)
    with pytest.raises(ProtocolError) as error:
        session.receive(decode(frames[-1]), pair.now_ms)
    assert error.value.rule == rule


@pytest.mark.parametrize("end", ["page", "server"])
@pytest.mark.parametrize(
    ("rule", "frames"),
    [
        ("F1", [WELCOME]),
        ("F1", ['{"type":"bye"}']),
        ("A3", ['{"type":"ack","received":99}']),
        ("A3", ['{"type":"ack","received":1}', '{"type":"ack","received":0}']),
        ("A3", ['{"type":"ping","id":1,"received":99}']),
        ("A3", ['{"type":"pong","id":1,"received":99}']),
        ("Z3", ["7\x1erecord"]),
        ("Z3", [CLOSE % 7]),
        ("Z3", [CREDIT % (7, 0)]),
        ("Z3", [CLOSE % 1, CLOSE % 1]),
        ("Z3", [CLOSE % 1, "1\x1erecord"]),
        ("Z3", [CLOSE % 1, CREDIT % (1, 0)]),
        ("W5", [CREDIT % (1, 1)]),
        ("C4", ["1+\x1ehalf", "1\x1ewhole"]),
        ("F6", ["0\x1e{}"]),
    ],
)
def test_b1_both_ends_reject(end: str, rule: str, frames: list[str]) -> None:
    pair = Pair()
    pair.open()
    rejects(pair, end, rule, *frames)


@pytest.mark.parametrize(
    ("end", "rule", "frames"),
    [
        ("server", "Z2", [OPEN % 1]),
        ("server", "Z2", [OPEN % 5, OPEN % 4]),
        ("server", "Z", [ACCEPT % 1]),
        ("server", "Z", [REFUSE % 1]),
        ("server", "Z5", [OPEN % 2, "2\x1erecord"]),
        ("page", "Z", [OPEN % 2]),
        ("page", "Z3", [ACCEPT % 1]),
        ("page", "Z3", [REFUSE % 1]),
        ("page", "Z3", [ACCEPT % 2]),
    ],
)
def test_b1_one_end_rejects(end: str, rule: str, frames: list[str]) -> None:
    pair = Pair()
    pair.open()
    rejects(pair, end, rule, *frames)


@pytest.mark.parametrize(
    ("rule", "frame"), [("Z5", "1\x1erecord"), ("Z3", CLOSE % 1)], ids=["unit", "close"]
)
def test_b1_the_page_rejects_before_accept(rule: str, frame: str) -> None:
    pair = Pair()
    pair.page.open("test")
    pair.carry()
    rejects(pair, "page", rule, frame)


@pytest.mark.parametrize("frame", ["1\x1erecord", CREDIT % (1, 0), CLOSE % 1, REFUSE % 1])
def test_z3_what_follows_a_refuse_is_an_error(frame: str) -> None:
    pair = Pair()
    pair.page.open("test")
    pair.carry()
    rejects(pair, "page", "Z3", REFUSE % 1, frame)


def test_z3_what_comes_for_a_channel_this_end_closed_is_ignored() -> None:
    pair = Pair()
    page, _ = pair.open()
    page.abort()
    frames = pair.page.flush(0)
    for frame in ("1\x1eon its way", CREDIT % (1, 0), CLOSE % 1):
        pair.page.receive(decode(frame), 0)
    assert page.final is not None
    assert len(frames) == 1


def test_z3_the_last_256_closed_channels_are_remembered() -> None:
    pair = Pair()
    for _ in range(257):
        page, _ = pair.open()
        page.abort()
        pair.settle()
    pair.server.receive(decode("1\x1eold enough to be just gone"), pair.now_ms)
    rejects(pair, "server", "Z3", "2\x1estill remembered")


def test_w4_a_record_without_credit_is_an_error() -> None:
    pair = Pair()
    pair.open()
    unit = "1+\x1e" + "x" * 16_368  # with its head a cost of 16 KiB
    for _ in range(CREDIT_BYTES // 16_384 - 1):
        pair.server.receive(decode(unit), 0)
    pair.server.receive(decode("1.\x1e" + "x" * 16_367), 0)
    pair.server.receive(decode("1+\x1ea byte was left"), 0)
    pair.server.receive(decode("1.\x1e"), 0)
    rejects(pair, "server", "W4", "1\x1ex")


def test_w4_credit_is_used_up_to_the_byte() -> None:
    pair = Pair()
    pair.open()
    for _ in range(CREDIT_BYTES // 16_384):
        pair.server.receive(decode("1\x1e" + "x" * 16_368), 0)
    rejects(pair, "server", "W4", "1\x1ex")


def test_m_too_much_on_channel_0_is_an_error() -> None:
    pair = Pair(max_channels=0)
    pair.server.detach()

    def flood() -> None:
        for number in range(1, 100_000):
            pair.server.receive(decode(OPEN % number), 0)

    with pytest.raises(ProtocolError, match=r"^M"):
        flood()


def test_m_the_page_opens_no_more_when_too_much_waits() -> None:
    pair = Pair()
    pair.page.detach()

    def open_many() -> None:
        for _ in range(1_000):
            pair.page.open("test", {"x": "x" * 10_000})

    with pytest.raises(QueueFullError):
        open_many()


def test_z1_parameters_over_16_kib_are_refused_before_they_are_sent() -> None:
    pair = Pair()
    with pytest.raises(RecordTooLargeError):
        pair.page.open("test", {"x": "x" * 17_000})
    assert pair.carry() == 0
    page, server = pair.open()
    assert page.number == server.number == 1


@pytest.mark.parametrize("service", ["", "x" * 129])
def test_z4_a_wrong_service_name_is_not_sent(service: str) -> None:
    pair = Pair()
    with pytest.raises(ValueError, match="1 to 128"):
        pair.page.open(service)
    assert pair.carry() == 0


def test_z5_the_page_sends_no_unit_before_accept() -> None:
    pair = Pair()
    page = pair.page.open("test")
    page.send("waits")
    pair.carry()
    (server,) = pair.server_says.requested
    assert server.empty
    server.accept({"model": "m"})
    pair.carry()
    assert take_all(server) == ["waits"]
    assert page.answer == {"model": "m"}


def test_m_one_channel_too_many_is_refused_with_4429() -> None:
    pair = Pair(max_channels=1)
    pair.open()
    page = pair.page.open("test")
    pair.carry()
    assert page.final is not None
    assert (page.final.kind, page.final.code) == ("refused", 4429)


def test_f5_what_one_turn_writes_leaves_in_one_frame() -> None:
    pair = Pair()
    page, _ = pair.open()
    pair.settle()
    for number in range(100):
        page.send(str(number))
    assert len(pair.page.flush(0)) == 1


def test_w1_units_move_only_behind_what_is_written_again() -> None:
    pair = Pair()
    page, server = pair.open()
    page.send("lost with the line")
    pair.page.flush(0)
    pair.page.detach()
    page.send("waits in the queue")
    assert pair.page.flush(0) == []
    assert page.queue_cost > 0
    pair.connect()
    pair.carry()
    assert take_all(server) == ["lost with the line", "waits in the queue"]


def test_w2_no_more_than_128_kib_is_in_flight() -> None:
    pair = Pair()
    page, _ = pair.open()
    page.send("x" * 1_000_000)
    pair.page.flush(0)
    assert LOG_LIMIT_BYTES - 16_400 < pair.page.log.cost <= LOG_LIMIT_BYTES


def test_w6_channels_take_turns_by_16_kib_and_channel_0_goes_first() -> None:
    pair = Pair()
    first, _ = pair.open()
    second, _ = pair.open()
    pair.settle()
    first.send(b"a" * 40_000)
    second.send(b"b" * 40_000)
    pair.page.open("third")
    frames = pair.page.flush(pair.now_ms)
    assert isinstance(frames[0], str)
    assert [frame[2:3] for frame in frames[1:]] == [b"a", b"b", b"a", b"b", b"a", b"b"]


@pytest.mark.parametrize(("size", "ack_first"), [(4_000, False), (4_100, True)])
def test_a2_an_owed_acknowledgement_goes_before_bulk(size: int, ack_first: bool) -> None:
    pair = Pair()
    page, server = pair.open()
    pair.settle()
    server.send("token")
    for frame in pair.server.flush(pair.now_ms):
        pair.page.receive(decode(frame), pair.now_ms)
    page.send("x" * size)
    frames = [decode(frame) for frame in pair.page.flush(pair.now_ms)]
    assert isinstance(frames[0], Ack) is ack_first
    assert not isinstance(frames[-1], Ack)


def test_a2_every_inbound_frame_checks_whether_an_acknowledgement_is_due() -> None:
    pair = Pair()
    _, server = pair.open()
    pair.settle()
    server.send("token")
    for frame in pair.server.flush(pair.now_ms):
        pair.page.receive(decode(frame), pair.now_ms)
    wanted = pair.page_says.flushes
    pair.page.receive(decode(encode_control(Pong(1, pair.page.log.start))), 999)
    assert pair.page_says.flushes == wanted + 1
    assert decode(pair.page.flush(999)[0]) == Ack(pair.page.receipts.received)


def test_c6_an_exception_of_a_handler_stops_nothing() -> None:
    pair = Pair()
    page, server = pair.open()

    class Failing(Owner):
        def readable(self, channel: Channel) -> None:
            raise RuntimeError

    Failing(server)
    page.send("one")
    page.send("two")
    pair.carry()
    assert len(pair.server_says.errors) == 2
    assert take_all(server) == ["one", "two"]


@pytest.mark.parametrize("how", ["detach", "end"])
def test_c6_a_detach_does_not_stop_the_routing_but_the_end_does(how: str) -> None:
    pair = Pair()
    page, server = pair.open()

    class Leaving(Owner):
        def readable(self, channel: Channel) -> None:
            super().readable(channel)
            if how == "detach":
                pair.server.detach()
            else:
                pair.server.end("enough")

    owner = Leaving(server)
    page.send("one")
    page.send("two")
    pair.carry()
    assert take_all(server) == (["one", "two"] if how == "detach" else ["one"])
    assert ("discontinuity" in owner.events) is (how == "end")


def test_c5_reassembly_survives_sockets() -> None:
    pair = Pair()
    page, server = pair.open()
    record = "日" * 100_000
    page.send(record)
    frames = pair.page.flush(0)
    for frame in frames[:3]:
        pair.server.receive(decode(frame), 0)
    pair.connect()
    pair.settle()
    assert take_all(server) == [record]


def test_h9_nothing_happens_after_the_end() -> None:
    pair = Pair()
    page, _ = pair.open()
    owner = Owner(page)
    page.send("never")
    pair.page.end("gone")
    pair.page.end("again")
    assert owner.events == ["discontinuity"]
    assert pair.page.flush(0) == []
    with pytest.raises(SessionEndedError):
        pair.page.open("test")
