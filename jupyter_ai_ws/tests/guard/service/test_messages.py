"""Both ends see what they see through a socket of their own."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.guard.gathering import ANSWERS, GATHER_LENGTH
from jupyter_ai_ws.handlers import WsHandler
from jupyter_ai_ws.protocol.limits import UNIT_OVERHEAD_BYTES

from ...page import Page
from ...raw_socket import until
from ..turns import turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ai_ws.sessions import SessionServer

    from .world import World

MIB = 1024 * 1024


async def test_carries_both_types_and_the_close_of_a_stranger(world: World) -> None:
    channel = world.page.open("guard", path=world.path + "?x=1", protocols=["a", "b"])
    assert await channel.answer() == {"protocol": "b"}
    for record in ("grüß dich", b"\x00\xff", "", "x" * 100_000, bytes(10 * MIB)):
        await channel.send(record)
        assert await channel.receive(1) == [record]
    await channel.send('{"do": "end", "code": 4321, "reason": "as asked"}')
    final = await channel.final()
    assert (final.kind, final.code, final.reason) == ("closed", 4321, "as asked")


async def test_first_message_after_a_silence_leaves_before_the_handler_goes_on(
    world: World, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = await world.open()
    await turns()
    # However little time that took, it was a silence.
    monkeypatch.setattr("jupyter_ai_ws.flusher.HOT_S", 0)
    before = sessions.bytes_sent
    guarded.stranger.write_message("first")
    assert sessions.bytes_sent == before + len("1\x1efirst")
    assert await guarded.channel.receive(1) == ["first"]


def numbers(first: int, end: int) -> list[str | bytes]:
    return [str(number) for number in range(first, end)]


@pytest.mark.usefixtures("patient")
async def test_answer_of_a_peer_takes_along_what_was_gathered_before_it(world: World) -> None:
    guarded = await world.open()
    for number in numbers(0, ANSWERS + 3):
        guarded.stranger.write_message(number)
    assert await guarded.channel.receive(ANSWERS) == numbers(0, ANSWERS)
    await turns()
    assert guarded.channel.channel.empty
    await guarded.channel.send("a question")
    assert await guarded.channel.receive(4) == [*numbers(ANSWERS, ANSWERS + 3), "a question"]


@pytest.mark.usefixtures("patient")
async def test_nothing_gathered_is_left_when_the_page_has_closed(world: World) -> None:
    guarded = await world.open()
    for number in numbers(0, ANSWERS + 1):
        guarded.stranger.write_message(number)
    await guarded.channel.receive(ANSWERS)
    gathering = guarded.stream.owner._listener._gathering
    assert gathering._timer is not None
    guarded.channel.channel.close(4321)
    await guarded.stranger.closed.wait()
    assert gathering._timer is None
    assert gathering._records == []


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("end", ["end", "cut"])
async def test_what_was_gathered_comes_before_the_end_of_the_peer(end: str, world: World) -> None:
    guarded = await world.open()
    for number in numbers(0, ANSWERS + 3):
        guarded.stranger.write_message(number)
    getattr(guarded.stranger, end)()
    assert await guarded.channel.receive(ANSWERS + 3) == numbers(0, ANSWERS + 3)
    assert (await guarded.channel.final()).code == (1005 if end == "end" else 1006)


@pytest.mark.usefixtures("patient")
async def test_gathered_stream_comes_in_order_in_few_frames(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Turns that follow each other so fast share frames anyhow.
    monkeypatch.setattr("jupyter_ai_ws.flusher.HOT_S", 0)
    guarded = await world.open()
    frames: list[str | bytes] = []
    write_frames = WsHandler.write_frames

    def note(self: WsHandler, written: Sequence[str | bytes]) -> None:
        frames.extend(written)
        write_frames(self, written)

    monkeypatch.setattr(WsHandler, "write_frames", note)
    await guarded.order("emit", count=1000)
    await until(lambda: guarded.stranger.written == 1000)
    await guarded.channel.send("all?")
    records = await guarded.channel.receive(1001)
    assert [int(str(record).rstrip("x")) for record in records[:-1]] == list(range(1000))
    assert records[-1] == "all?"
    full = 1000 * (10 + UNIT_OVERHEAD_BYTES) // GATHER_LENGTH
    streamed = [frame for frame in frames if str(frame).startswith("1")]
    # What came first, those that were full, and the answer with what was gathered before it.
    assert len(streamed) <= (ANSWERS + 1) + full + 1


@pytest.mark.parametrize(
    ("order", "code", "reason"),
    [
        ({"do": "end"}, 1005, ""),
        ({"do": "end", "code": 1011, "reason": "no"}, 1011, "no"),
        ({"do": "cut"}, 1006, ""),
        ({"do": "end", "code": 1005}, 1006, "failed"),
        ({"do": "end", "code": 403, "reason": "no"}, 1006, "403 no"),
        ({"do": "end", "code": 5000}, 1006, "5000 "),
        ({"do": "broken"}, 1006, ""),
    ],
)
async def test_page_learns_how_the_peer_has_ended(
    order: dict[str, Any], code: int, reason: str, world: World
) -> None:
    guarded = await world.open()
    await guarded.order(**{"what": order.pop("do"), **order})
    final = await guarded.channel.final()
    assert (final.kind, final.code, final.reason) == ("closed", code, reason)
    await guarded.stranger.closed.wait()


@pytest.mark.parametrize("code", [1005, 1000, 1001, 1008, 1011, 3000, 4001, 4401, 4999])
async def test_peer_that_closes_at_once_was_open_before(code: int, world: World) -> None:
    guarded = await world.open(f"?leave={0 if code == 1005 else code}")
    final = await guarded.channel.final()
    reason = "" if code == 1005 else "leave"
    assert (final.kind, final.code, final.reason) == ("closed", code, reason)


@pytest.mark.parametrize(("code", "seen"), [(1000, 1000), (1005, None), (1006, None), (4321, 4321)])
async def test_peer_learns_how_the_page_has_closed(
    code: int, seen: int | None, world: World, sessions: SessionServer
) -> None:
    guarded = await world.open()
    await guarded.channel.send("last")
    guarded.channel.channel.close(code, "")
    await guarded.stranger.closed.wait()
    if code != 1006:
        assert guarded.stranger.read == 1
    assert guarded.stranger.close_code == seen
    await until(lambda: sessions.runner.running == 0)


async def test_handler_runs_in_a_context_and_with_a_request_of_its_own(world: World) -> None:
    parameters = {"headers": {"Cookie": "forged"}, "Host": "evil", "remote_ip": "6.6.6.6"}
    guarded = await world.open("?a=b", protocols=[], **parameters)
    await guarded.order("tell")
    told = json.loads((await guarded.channel.receive(1))[0])
    assert told["own_context"]
    assert told["query"] == "a=b"
    assert told["cookie"] is None
    assert told["from"][:2] == ["127.0.0.1", "http"]
    upgrade = {"Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Upgrade"}
    assert set(told["headers"]) == {"Authorization", "Host", "User-Agent"} | upgrade


async def test_forged_headers_of_the_session_do_not_reach_a_handler(
    world: World, jp_ws_fetch: Any
) -> None:
    forged = {
        "Forwarded": "for=6.6.6.6;proto=https",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-User": "root",
        "X-Real-Ip": "6.6.6.6",
        "X-Scheme": "https",
    }
    names = list(forged)  # the client adds its own
    page = Page(partial(jp_ws_fetch, headers=forged))
    await page.connect()
    channel = page.open("guard", path=world.path)
    await channel.send('{"do": "tell"}')
    told = json.loads((await channel.receive(1))[0])
    await page.dispose()
    assert told["from"][:2] == ["127.0.0.1", "http"]
    assert not {name.title() for name in names} & set(told["headers"])


async def test_handler_sees_who_the_page_is_now(world: World, jp_ws_fetch: Any) -> None:
    agents = iter(["before", "after"])

    async def fetch(*parts: str, **options: Any) -> Any:
        return await jp_ws_fetch(*parts, headers={"User-Agent": next(agents)}, **options)

    page = Page(fetch)
    page.impatient = True
    await page.connect()
    for agent in ("before", "after"):
        channel = page.open("guard", path=world.path)
        await channel.send('{"do": "tell"}')
        assert json.loads((await channel.receive(1))[0])["agent"] == agent
        page.cut()
        if agent == "before":
            await page.until("waiting")
            await page.until("connected")
    await page.dispose()
