"""Channels as services see them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from jupyter_ai_ws.protocol.limits import QUEUE_LIMIT_BYTES, RECORD_LIMIT_BYTES
from jupyter_ai_ws.services import ChannelClosedError, RecordTooLargeError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry
    from jupyter_ai_ws.sessions import SessionServer

    from ..page import Page

Result = TypeVar("Result")
YIELD_BYTES = 64 * 1024


@pytest.fixture
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service yield after so many bytes."""
    monkeypatch.setattr("jupyter_ai_ws.services.pace.TURN_COST", YIELD_BYTES)


class Script:
    """A service whose steps a test writes, with what came of it."""

    def __init__(self, services: ServiceRegistry) -> None:
        self.channel: ServerChannel
        self.opened = asyncio.Event()
        self.leave = asyncio.Event()
        services.register("script", self)

    async def __call__(self, channel: ServerChannel) -> None:
        self.channel = channel
        self.opened.set()
        await self.leave.wait()


@pytest.fixture
def script(services: ServiceRegistry) -> Script:
    return Script(services)


async def test_channel_tells_service_parameters_user_and_state(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script", answer=42)
    await script.opened.wait()
    channel = script.channel
    assert channel.service == "script"
    assert channel.parameters == {"answer": 42}
    assert channel.user.username
    states: list[str] = [channel.state]
    await channel.accept({"welcome": "you"})
    states.append(channel.state)
    assert await opened.answer() == {"welcome": "you"}
    channel.close(1000, "done")
    states.append(channel.state)
    assert (await opened.final()).reason == "done"
    await channel.wait_closed()
    assert [*states, channel.state] == ["opening", "open", "closing", "closed"]


async def test_first_send_accepts(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    await script.channel.send("first")
    assert await opened.answer() == {}
    assert await opened.receive(1) == ["first"]


async def test_receive_accepts_and_returns_text_and_bytes(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    text = asyncio.create_task(script.channel.receive())
    await opened.answer()
    await opened.send("text")
    await opened.send(b"\0bytes")
    assert await text == "text"
    assert await script.channel.receive() == b"\0bytes"


async def test_refuse_is_final(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    script.channel.refuse(4403, "not you")
    final = await opened.final()
    assert (final.kind, final.code, final.reason) == ("refused", 4403, "not you")
    with pytest.raises(ChannelClosedError):
        await script.channel.send("too late")
    with pytest.raises(ChannelClosedError):
        await script.channel.receive()


async def test_send_waits_while_the_queue_is_full(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    sent = 0

    async def send_for_ever() -> None:
        nonlocal sent
        while True:
            await script.channel.send("x" * 100_000)
            sent += 1

    sender = asyncio.create_task(send_for_ever())
    await opened.answer()
    for _ in range(1000):  # far more turns than filling the queue takes
        await asyncio.sleep(0)
    stalled_at = sent
    assert QUEUE_LIMIT_BYTES / 100_000 <= sent < QUEUE_LIMIT_BYTES / 100_000 + 40
    await opened.receive(120)
    assert sent > stalled_at
    sender.cancel()


async def test_sends_that_wait_for_room_go_in_the_order_of_their_calls(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for _ in range(2):
        script.channel.send_nowait("x" * QUEUE_LIMIT_BYTES, limit_bytes=2 * QUEUE_LIMIT_BYTES)
    sends = [asyncio.create_task(script.channel.send(f"{number}")) for number in range(50)]
    await asyncio.sleep(0)
    assert not any(send.done() for send in sends)
    assert (await opened.receive(52))[2:] == [f"{number}" for number in range(50)]


@pytest.mark.usefixtures("_short_turns")
async def test_sends_at_once_to_a_free_queue_go_in_the_order_of_their_calls(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    sent = [f"{number} ".ljust(YIELD_BYTES // 2, "x") for number in range(20)]
    await asyncio.gather(*map(script.channel.send, sent))
    assert await opened.receive(20) == sent


async def test_send_in_the_turn_in_which_room_is_made_goes_behind_one_that_waits_for_it(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    channel = script.channel
    for _ in range(2):
        channel.send_nowait("x" * QUEUE_LIMIT_BYTES, limit_bytes=2 * QUEUE_LIMIT_BYTES)
    waiting = asyncio.create_task(channel.send("first"))

    async def send_as_soon_as_there_is_room() -> None:
        while not channel.writable:  # noqa: ASYNC110 it sends before whoever is woken
            await asyncio.sleep(0)
        assert not waiting.done()
        await channel.send("second")

    late = asyncio.create_task(send_as_soon_as_there_is_room())
    assert (await opened.receive(4))[2:] == ["first", "second"]
    await late


async def test_cancelled_send_lets_those_behind_it_go_on(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for _ in range(2):
        script.channel.send_nowait("x" * QUEUE_LIMIT_BYTES, limit_bytes=2 * QUEUE_LIMIT_BYTES)
    sends = [asyncio.create_task(script.channel.send(f"{number}")) for number in range(4)]
    await asyncio.sleep(0)
    sends[0].cancel()
    sends[2].cancel()
    assert (await opened.receive(4))[2:] == ["1", "3"]
    await script.channel.send("4")
    assert await opened.receive(1) == ["4"]


async def test_sends_that_wait_learn_of_the_end_one_and_all(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for _ in range(2):
        script.channel.send_nowait("x" * QUEUE_LIMIT_BYTES, limit_bytes=2 * QUEUE_LIMIT_BYTES)
    sends = [asyncio.create_task(script.channel.send(f"{number}")) for number in range(4)]
    await asyncio.sleep(0)
    await opened.answer()
    opened.channel.abort()
    ends = await asyncio.gather(*sends, return_exceptions=True)
    assert [type(end) for end in ends] == [ChannelClosedError] * 4


@pytest.mark.usefixtures("_short_turns")
async def test_send_of_a_service_that_never_waits_lets_others_run(
    page: Page, script: Script
) -> None:
    await page.connect()
    page.open("script")
    await script.opened.wait()
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count_turns())
    for _ in range(70):
        await script.channel.send("x" * 10_000)
    counter.cancel()
    assert turns >= 10


async def interrupted(call: Coroutine[None, None, Result]) -> asyncio.Task[Result]:
    """Let a call begin, and cancel it unless it has ended at once."""
    task = asyncio.create_task(call)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return task


@pytest.mark.usefixtures("_short_turns")
async def test_cancelled_receive_loses_no_record(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    await script.channel.accept()
    await opened.answer()
    sent = [str(number) * YIELD_BYTES for number in range(6)]
    for record in sent:
        await opened.send(record)
    opened.channel.close()
    await opened.final()
    received = []
    for _ in sent:
        call = await interrupted(script.channel.receive())
        received.append(await script.channel.receive() if call.cancelled() else call.result())
    assert received == sent


@pytest.mark.usefixtures("_short_turns")
async def test_cancelled_send_has_sent_nothing(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    sent = [str(number) * YIELD_BYTES for number in range(6)]
    for record in sent:
        if (await interrupted(script.channel.send(record))).cancelled():
            await script.channel.send(record)
    script.channel.close()
    assert await opened.receive(6) == sent
    assert (await opened.final()).kind == "closed"


async def test_record_over_the_limit_is_not_sent_and_the_channel_goes_on(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for kind in (bytes, bytearray):
        with pytest.raises(RecordTooLargeError):
            await script.channel.send(kind(RECORD_LIMIT_BYTES + 1))
    with pytest.raises(RecordTooLargeError):
        await script.channel.send("\u20ac" * (RECORD_LIMIT_BYTES // 3 + 1))
    await script.channel.send("small")
    assert await opened.receive(1) == ["small"]


@pytest.mark.parametrize(
    "record",
    [
        bytearray(b"abcd"),
        memoryview(b"abcd"),
        memoryview(b"a_b_c_d")[::2],
        memoryview(b"abcd").cast("I"),
    ],
)
async def test_what_holds_bytes_is_sent_as_they_are_now(
    page: Page, script: Script, record: bytearray | memoryview
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    await script.channel.send(record)
    script.channel.send_nowait(record)
    if isinstance(record, bytearray):
        record.clear()
    assert await opened.receive(2) == [b"abcd", b"abcd"]


@pytest.mark.parametrize(
    "record", [5, 200_000_000, True, None, 1.5, [1, 2, 3], {1: 2}, {65}, (byte for byte in b"no")]
)
async def test_what_is_neither_text_nor_bytes_is_not_sent(
    page: Page, script: Script, record: Any
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    with pytest.raises(TypeError, match=rf"{type(record).__name__}.* str or bytes"):
        await script.channel.send(record)
    with pytest.raises(TypeError, match=rf"{type(record).__name__}.* str or bytes"):
        script.channel.send_nowait(record)
    assert script.channel.state == "opening"
    await script.channel.send("text")
    assert await opened.receive(1) == ["text"]


def nested(levels: int) -> dict[str, Any]:
    """Return parameters of so many objects and lists within one another."""
    inner: list[Any] | dict[str, Any] = {}
    for level in range(levels - 1):
        inner = [inner] if level % 2 else {"inner": inner}
    return {"outer": inner} if isinstance(inner, list) else inner


def in_itself() -> dict[str, Any]:
    """Return parameters that JSON cannot write."""
    parameters: dict[str, Any] = {}
    parameters["again"] = [parameters, parameters]
    return parameters


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ([1], TypeError, "a dict, not list"),
        ([], TypeError, "a dict, not list"),
        ("abc", TypeError, "a dict, not str"),
        (0, TypeError, "a dict, not int"),
        (nested(102), ValueError, "deeper than 100"),
        (nested(10_000), ValueError, "deeper than 100"),
        (in_itself(), ValueError, "deeper than 100"),
        ({"when": object()}, TypeError, "JSON"),
        ({"share": float("nan")}, ValueError, "JSON"),
    ],
)
async def test_accept_with_wrong_parameters_fails_for_the_service_alone(
    page: Page, script: Script, parameters: Any, error: type[Exception], words: str
) -> None:
    await page.connect()
    bystander = page.open("echo")
    opened = page.open("script")
    await script.opened.wait()
    with pytest.raises(error, match=words):
        await script.channel.accept(parameters)
    assert script.channel.state == "opening"
    await script.channel.accept(nested(100))
    assert await opened.answer() == nested(100)
    await bystander.send("still there")
    assert await bystander.receive(1) == ["still there"]


@pytest.mark.parametrize(
    ("code", "reason", "error", "words"),
    [
        (1000.5, "", TypeError, "an int from 1000 to 4999, not 1000.5"),
        (1000.0, "", TypeError, "an int from 1000 to 4999, not 1000.0"),
        (True, "", TypeError, "an int from 1000 to 4999, not True"),
        ("1000", "", TypeError, "an int from 1000 to 4999, not '1000'"),
        (999, "", ValueError, "an int from 1000 to 4999, not 999"),
        (5000, "", ValueError, "an int from 1000 to 4999, not 5000"),
        (1000, None, TypeError, "a str, not NoneType"),
        (1000, 5, TypeError, "a str, not int"),
        (1000, b"bytes", TypeError, "a str, not bytes"),
    ],
)
async def test_end_with_a_wrong_code_or_reason_fails_for_the_service_alone(
    page: Page, script: Script, code: Any, reason: Any, error: type[Exception], words: str
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for end in (script.channel.refuse, script.channel.close, script.channel.abort):
        with pytest.raises(error, match=words):
            end(code, reason)
    assert script.channel.state == "opening"
    await script.channel.send("still there")
    for end in (script.channel.close, script.channel.abort):
        with pytest.raises(error, match=words):
            end(code, reason)
    assert await opened.receive(1) == ["still there"]


async def test_iteration_ends_after_the_records_that_came_before_the_close(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    await script.channel.accept()
    await opened.answer()
    for number in range(3):
        await opened.send(str(number))
    opened.channel.close(4000, "bye")
    assert (await opened.final()).code == 4000
    assert [record async for record in script.channel] == ["0", "1", "2"]
    final = await script.channel.wait_closed()
    assert (final.kind, final.code, final.reason) == ("closed", 4000, "bye")
    assert script.channel.final == final


async def test_close_of_the_service_ends_its_own_waits(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    waiting = asyncio.create_task(script.channel.receive())
    await opened.answer()
    script.channel.close()
    with pytest.raises(ChannelClosedError):
        await waiting
    with pytest.raises(ChannelClosedError):
        await script.channel.send("too late")
    assert (await opened.final()).code == 1000


@pytest.mark.parametrize("end", ["refuse", "close", "abort"])
async def test_code_that_a_channel_cannot_end_with_is_an_error_and_the_channel_goes_on(
    end: str, page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for code in (999, 5000):
        with pytest.raises(ValueError, match="code"):
            getattr(script.channel, end)(code)
    await script.channel.send("still here")
    assert await opened.receive(1) == ["still here"]


async def test_call_from_another_thread_is_refused_and_the_session_goes_on(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    channel = script.channel
    for call in (channel.refuse, channel.close, channel.abort, channel.cut_transport):
        with pytest.raises(RuntimeError, match="run_coroutine_threadsafe"):
            await asyncio.to_thread(call)
    for coroutine in (channel.send("from elsewhere"), channel.wait_closed(), channel.drain()):
        with pytest.raises(RuntimeError, match="run_coroutine_threadsafe"):
            await asyncio.to_thread(asyncio.run, coroutine)
    await script.channel.send("from here")
    assert await opened.receive(1) == ["from here"]


async def test_close_stands_behind_what_was_sent(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    for number in range(1000):
        await script.channel.send(str(number))
    script.channel.close()
    assert await opened.receive(1000) == [str(number) for number in range(1000)]
    assert (await opened.final()).kind == "closed"


async def test_abort_before_accept_opens_and_closes(page: Page, script: Script) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    script.channel.abort(4001, "no")
    assert (await opened.final()).code == 4001


async def test_cut_transport_resets_the_socket_and_loses_nothing(
    page: Page, script: Script
) -> None:
    await page.connect()
    opened = page.open("script")
    await script.opened.wait()
    await script.channel.send("before")
    script.channel.cut_transport()
    script.channel.cut_transport()
    await script.channel.send("after")
    assert await opened.receive(2) == ["before", "after"]
    assert page.core.resumes == 1


async def test_session_that_ends_tells_the_service_what_was_lost(
    page: Page, script: Script, sessions: SessionServer
) -> None:
    await page.connect()
    page.open("script")
    await script.opened.wait()
    await script.channel.send("x")
    (held,) = sessions.acceptor.sessions.values()
    sessions.acceptor.end(held, "as in a test", 4410)
    final = await script.channel.wait_closed()
    assert (final.kind, final.code) == ("discontinuity", 1006)
    assert final.never_written == 1
