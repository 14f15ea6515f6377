"""What only the server's end of a session does: M, P2, X2, X3, Z."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.errors import RecordTooLargeError
from jupyter_ai_ws.protocol.frames import decode
from jupyter_ai_ws.protocol.server_end import ServerSession
from jupyter_ai_ws.protocol.session import SessionListener

from .pair import Owner, Pair, Recorder, take_all
from .vectors import broken_rule

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.channel import Channel
    from jupyter_ai_ws.protocol.server_end import ServerChannel

OPEN = '0\x1e{"type":"open","channel":1,"service":"s","parameters":{}}'


def ending(channel: Channel) -> tuple[str, int, str] | None:
    """How a channel ended."""
    final = channel.final
    return None if final is None else (final.kind, final.code, final.reason)


def give(session: ServerSession, frame: str) -> None:
    """Hand a frame to the server's end."""
    session.receive(decode(frame), 0)


# -- ServerSession ------------------------------------------------------------------------


def test_p2_all_memory_is_given_back() -> None:
    pair = Pair()
    page, server = pair.open()
    pair.settle()
    at_rest = pair.server.memory_bytes
    for _ in range(20):
        page.send("x" * 50_000)
        server.send("x" * 50_000)
    assert pair.server.memory_bytes > 1_000_000
    for _ in range(20):
        pair.settle()
        take_all(page)
        take_all(server)
    pair.settle()
    assert pair.server.memory_bytes == pair.server_says.memory == at_rest
    page.close()
    pair.settle()
    assert pair.server.memory_bytes == pair.server_says.memory == 0


@pytest.mark.parametrize("how", ["discard", "abort"])
def test_p2_records_that_nobody_will_have_are_taken_in_one_step(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair()
    page, server = pair.open()
    pair.settle()
    at_rest = pair.server.memory_bytes
    for _ in range(1_000):
        page.send("x" * 100)
    pair.settle()
    steps: list[int] = []
    monkeypatch.setattr(pair.server_says, "memory_changed", steps.append)
    getattr(server, how)()
    taken = server.taken
    assert (taken, server.inbox_cost, server.take()) == (1_000, 0, None)
    assert steps[0] == -1_000 * (100 + 16)
    assert len(steps) == (1 if how == "discard" else 2)  # its close waits
    assert how == "abort" or pair.server.memory_bytes == at_rest
    server.discard()
    assert server.taken == taken


def test_w5_records_that_are_discarded_give_their_credit_back() -> None:
    pair = Pair()
    page, server = pair.open()
    for _ in range(3):
        page.send("x" * 400_000)
    pair.settle()
    page.send("more")
    pair.settle()
    assert page.queue_cost
    server.discard()
    pair.settle()
    assert server.take() == "more"


def test_p2_what_waits_on_channel_0_counts_and_once_when_it_is_written() -> None:
    pair = Pair()
    pair.page.open("test")
    pair.settle()
    (server,) = pair.server_says.requested
    before = pair.server.memory_bytes
    server.accept({"text": "x" * 10_000})
    waiting = pair.server.memory_bytes
    assert 10_000 < waiting - before < 10_200
    pair.server.flush(0)
    assert pair.server.memory_bytes == waiting
    pair.server.end("gone")
    assert pair.server.memory_bytes == pair.server_says.memory == 0


SHAPES = {
    "deep lists": ",".join(["[" * 400 + "]" * 400] * 20),
    "empty lists": ",".join(["[]"] * 5_300),
    "empty objects": ",".join(["{}"] * 5_300),
    "deep objects": ",".join(['{"":' * 400 + "0" + "}" * 400] * 8),
    "members": "{" + ",".join(f'"{number}":1' for number in range(1_500)) + "}",
    "short texts": ",".join(f'"{number}"' for number in range(2_000)),
    "numbers": ",".join(["1.5"] * 4_000),
    "nothing": ",".join(["0"] * 8_000),
    "text with an emoji": '"' + "x" * 16_000 + '\U0001f600"',
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_p2_parameters_count_for_what_they_take(shape: str) -> None:
    session = ServerSession(SessionListener())
    text = f'0\x1e{{"type":"open","channel":%d,"service":"s","parameters":{{"a":[{shape}]}}}}'
    for number in range(1, 3):  # what is made once and for all is made by the first
        frame = decode(text % number)
        before_bytes = session.memory_bytes
        tracemalloc.start()
        session.receive(frame, 0)
        taken_bytes = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    counted_bytes = session.memory_bytes - before_bytes
    assert taken_bytes - 4_096 < 1.1 * counted_bytes


@pytest.mark.parametrize("how", ["close", "refuse", "end"])
def test_p2_the_parameters_of_a_channel_count_until_it_is_gone(how: str) -> None:
    pair = Pair()
    page = pair.page.open("test", {"text": "x" * 10_000})
    pair.settle()
    (server,) = pair.server_says.requested
    assert 10_000 < pair.server.memory_bytes < 10_400
    if how == "close":
        server.accept()
        page.close()
    elif how == "refuse":
        server.refuse(4403, "no")
    else:
        pair.server.end("gone")
    pair.settle()
    assert pair.server.memory_bytes == pair.server_says.memory == 0


def test_p2_nothing_is_held_after_the_end() -> None:
    pair = Pair()
    _, server = pair.open()
    server.send("never")
    pair.server.end("gone")
    pair.server.end("again")
    assert pair.server.memory_bytes == pair.server_says.memory == 0
    assert ending(server) == ("discontinuity", 1006, "gone")


def test_m_a_channel_too_many_is_refused_with_4429() -> None:
    pair = Pair(max_channels=1)
    pair.open()
    page = pair.page.open("test")
    pair.carry()
    assert page.final is not None
    assert (page.final.kind, page.final.code) == ("refused", 4429)
    assert len(pair.server_says.requested) == 1


@pytest.mark.parametrize("kind", ["accept", "refuse"])
def test_z_the_page_sends_no_answer(kind: str) -> None:
    pair = Pair()
    pair.ask()
    record = {"type": kind, "channel": 1, "parameters": {}, "code": 4000, "reason": ""}
    assert broken_rule(give, pair.server, f"0\x1e{json.dumps(record)}") == "Z"


def test_z2_no_channel_number_is_taken_twice() -> None:
    pair = Pair()
    give(pair.server, OPEN)
    assert broken_rule(give, pair.server, OPEN) == "Z2"


def test_c6_an_owner_may_raise_when_asked_for_a_channel() -> None:
    class Raiser(Recorder):
        def channel_requested(self, channel: ServerChannel) -> None:
            raise RuntimeError("deliberate")

    listener = Raiser()
    server = ServerSession(listener)
    server.attach(0, 0)
    give(server, OPEN)
    assert len(listener.errors) == 1
    assert len(server.channels) == 1


# -- ServerChannel ------------------------------------------------------------------------


def test_z_a_channel_is_accepted_once() -> None:
    page, server = Pair().ask()
    server.accept({"model": "m"})
    server.accept({"model": "again"})
    assert server.answer == {"model": "m"}
    assert (page.state, server.state) == ("opening", "open")


def test_z1_an_answer_has_at_most_16_kib() -> None:
    _, server = Pair().ask()
    with pytest.raises(RecordTooLargeError):
        server.accept({"text": "x" * 20_000})
    assert server.state == "opening"


@pytest.mark.parametrize("how", ["close", "abort"])
def test_x2_the_server_refuses_by_closing_before_accept(how: str) -> None:
    pair = Pair()
    page, server = pair.ask()
    owner = Owner(server)
    getattr(server, how)(4500, "failed")
    server.refuse(4404, "again")
    pair.carry()
    assert ending(page) == ending(server) == ("refused", 4500, "failed")
    assert owner.events == ["refused"]


def test_x3_a_close_may_come_before_accept() -> None:
    pair = Pair()
    page, server = pair.ask()
    page.close(3000, "changed my mind")
    pair.carry()
    server.accept()  # too late: nothing happens
    pair.carry()
    assert ending(server) == ending(page) == ("closed", 3000, "changed my mind")
