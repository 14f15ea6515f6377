"""The life of a service: from `open` to the end of its channel."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server import CallContext

from jupyter_ai_ws.protocol.errors import ChannelClosedError
from jupyter_ai_ws.protocol.limits import CloseCode
from jupyter_ai_ws.services import runner as runner_module
from jupyter_ai_ws.services.runner import ServiceRunner
from jupyter_ai_ws.session_shell import shell_of

from ..guard.turns import turns
from ..raw_socket import until, welcomed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_ai_ws.services import ServerChannel, ServiceRegistry
    from jupyter_ai_ws.sessions import HeldSession, SessionServer

    from ..conftest import Connect
    from ..page import Page, PageChannel

    Serve = Callable[[Callable[[ServerChannel], Awaitable[None]]], Awaitable[PageChannel]]


@pytest.fixture
def serve(page: Page, services: ServiceRegistry) -> Serve:
    """Return a function that opens a channel to a service, registered under its own name."""

    async def serve(service: Callable[[ServerChannel], Awaitable[None]]) -> PageChannel:
        name = service.__name__
        if services.get(name) is None:
            services.register(name, service)
            await page.connect()
        return page.open(name)

    return serve


class Trace:
    """What a service went through."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.cancelled = False
        self.records: list[str | bytes] = []


async def test_service_that_raises_before_accept_is_refused_with_4500(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(channel: ServerChannel) -> None:
        raise RuntimeError("an inner secret")

    final = await (await serve(failing)).final()
    assert (final.kind, final.code) == ("refused", 4500)
    assert "secret" not in final.reason
    assert "an inner secret" in caplog.text


async def test_service_that_raises_after_accept_is_closed_with_1011(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(channel: ServerChannel) -> None:
        await channel.send("so far")
        raise RuntimeError("an inner secret")

    final = await (await serve(failing)).final()
    assert (final.kind, final.code) == ("closed", 1011)
    assert "an inner secret" in caplog.text


async def test_service_that_raises_loses_nothing_of_what_it_has_sent(serve: Serve) -> None:
    async def failing(channel: ServerChannel) -> None:
        for number in range(50):
            await channel.send(str(number))
        raise RuntimeError("the model failed")

    channel = await serve(failing)
    assert await channel.receive(50) == [str(number) for number in range(50)]
    assert (await channel.final()).code == 1011


async def test_service_that_is_no_coroutine_is_refused_with_4500(
    page: Page, services: ServiceRegistry
) -> None:
    services.register("wrong", lambda channel: None)  # type: ignore[arg-type, return-value]
    await page.connect()
    assert (await page.open("wrong").final()).code == 4500


async def test_service_that_returns_without_accepting_is_refused(serve: Serve) -> None:
    async def idle(channel: ServerChannel) -> None:
        pass

    assert (await (await serve(idle)).final()).code == 4500


async def test_service_that_returns_closes_behind_what_it_sent(serve: Serve) -> None:
    async def brief(channel: ServerChannel) -> None:
        await channel.send("all there is")

    channel = await serve(brief)
    assert await channel.receive(1) == ["all there is"]
    final = await channel.final()
    assert (final.kind, final.code) == ("closed", 1000)


async def test_service_that_waits_for_something_else_is_cancelled_when_the_page_closes(
    serve: Serve, sessions: SessionServer
) -> None:
    trace = Trace()

    async def thinking(channel: ServerChannel) -> None:
        await channel.accept()
        trace.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            trace.ended.set()

    channel = await serve(thinking)
    await trace.began.wait()
    await channel.answer()
    channel.channel.close()
    await trace.ended.wait()
    assert (await channel.final()).code == 1000
    await until(lambda: not sessions.runner.running)


async def test_service_that_waits_for_a_record_ends_by_itself_when_the_page_closes(
    serve: Serve,
) -> None:
    trace = Trace()

    async def reading(channel: ServerChannel) -> None:
        async for record in channel:
            trace.records.append(record)
        await asyncio.sleep(0)  # cleaning up may wait
        trace.ended.set()

    channel = await serve(reading)
    await channel.answer()
    await channel.send("one")
    channel.channel.close()
    await trace.ended.wait()
    assert trace.records == ["one"]


async def test_service_gets_what_came_before_the_close_although_it_was_busy(serve: Serve) -> None:
    trace = Trace()
    proceed = asyncio.Event()

    async def busy(channel: ServerChannel) -> None:
        await channel.accept()
        await proceed.wait()
        async for record in channel:
            trace.records.append(record)
        trace.ended.set()

    channel = await serve(busy)
    await channel.answer()
    await channel.send("left over")
    channel.channel.close()
    await channel.final()
    proceed.set()
    await trace.ended.wait()
    assert trace.records == ["left over"]


async def test_service_that_is_slow_with_what_is_left_receives_all_of_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LEFTOVER_TIME_S", 0.01)
    trace = Trace()
    look = ServiceRunner._look
    looked = asyncio.Event()

    def look_and_tell(self: ServiceRunner, *arguments: Any) -> None:
        look(self, *arguments)
        looked.set()

    async def slow(channel: ServerChannel) -> None:
        await channel.accept()
        await channel.wait_closed()
        async for record in channel:
            trace.records.append(record)
            looked.clear()
            await looked.wait()  # the time for one record is over
        trace.ended.set()

    monkeypatch.setattr(ServiceRunner, "_look", look_and_tell)
    channel = await serve(slow)
    await channel.answer()
    for number in range(5):
        await channel.send(str(number))
    channel.channel.close()
    await trace.ended.wait()
    assert trace.records == ["0", "1", "2", "3", "4"]


async def test_services_that_outlive_their_channels_are_bounded(
    serve: Serve, page: Page, sessions: SessionServer
) -> None:
    limit = 2 * sessions.acceptor.options.max_channels
    finish = asyncio.Event()

    async def stubborn(channel: ServerChannel) -> None:
        await channel.accept()
        while not finish.is_set():
            with suppress(asyncio.CancelledError):
                await finish.wait()

    for _ in range(limit):
        channel = await serve(stubborn)
        await channel.answer()
        channel.channel.close()
        await channel.final()
    assert sessions.runner.running == limit
    final = await page.open("stubborn").final()
    assert (final.kind, final.code) == ("refused", 4429)
    finish.set()
    await until(lambda: not sessions.runner.running)
    assert await page.open("echo").answer() == {}


async def test_service_that_never_looks_at_what_is_left_is_cancelled_in_the_end(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LEFTOVER_TIME_S", 0.01)
    trace = Trace()

    async def deaf(channel: ServerChannel) -> None:
        await channel.accept()
        try:
            await asyncio.Event().wait()
        finally:
            trace.ended.set()

    channel = await serve(deaf)
    await channel.answer()
    await channel.send("never read")
    channel.channel.close()
    await trace.ended.wait()


async def test_service_that_never_ends_after_the_last_record_left_is_cancelled_in_the_end(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LEFTOVER_TIME_S", 0.01)
    trace = Trace()

    async def stuck(channel: ServerChannel) -> None:
        await channel.accept()
        while channel.final is None:  # noqa: ASYNC110 it takes the record in the very next turn
            await asyncio.sleep(0)
        trace.records.append(await channel.receive())
        try:
            await asyncio.Event().wait()
        finally:
            trace.ended.set()

    channel = await serve(stuck)
    await channel.answer()
    await channel.send("the last")
    channel.channel.close()
    await trace.ended.wait()
    assert trace.records == ["the last"]


async def test_service_woken_in_the_turn_of_the_end_is_cancelled_in_the_end(
    serve: Serve, sessions: SessionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LEFTOVER_TIME_S", 0.01)
    trace = Trace()

    async def distracted(channel: ServerChannel) -> None:
        trace.records.append(await channel.receive())
        try:
            await asyncio.Event().wait()
        finally:
            trace.ended.set()

    channel = await serve(distracted)
    await channel.answer()
    (held,) = sessions.acceptor.sessions.values()
    assert held.socket is not None
    for record in ("1\x1ethe last", '0\x1e{"type":"close","channel":1,"code":1000,"reason":""}'):
        sessions.receive(held, held.socket, record)
    await trace.ended.wait()
    assert trace.records == ["the last"]


def end_by_refuse(channel: ServerChannel) -> None:
    channel.refuse(4403, "not for you")


def end_by_close(channel: ServerChannel) -> None:
    channel.close(4001, "done")


def end_by_abort(channel: ServerChannel) -> None:
    channel.abort(4001, "done")


OWN_ENDS = pytest.mark.parametrize("end", [end_by_refuse, end_by_close, end_by_abort])


@OWN_ENDS
async def test_service_that_ends_its_own_channel_goes_on(
    serve: Serve, page: Page, end: Callable[[ServerChannel], None]
) -> None:
    trace = Trace()
    clean_up = asyncio.Event()

    async def leaving(channel: ServerChannel) -> None:
        end(channel)
        await clean_up.wait()
        trace.ended.set()

    channel = await serve(leaving)
    await channel.final()
    await page.open("echo").answer()  # the page's half of the close has arrived before
    clean_up.set()
    await asyncio.wait_for(trace.ended.wait(), 5)


@OWN_ENDS
async def test_service_that_ends_its_own_channel_does_not_go_on_for_ever(
    serve: Serve, end: Callable[[ServerChannel], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "LEFTOVER_TIME_S", 0.01)
    trace = Trace()

    async def staying(channel: ServerChannel) -> None:
        end(channel)
        try:
            await asyncio.Event().wait()
        finally:
            trace.ended.set()

    await (await serve(staying)).final()
    await trace.ended.wait()


async def test_service_that_waits_for_a_record_in_another_task_learns_of_the_close(
    serve: Serve,
) -> None:
    trace = Trace()

    async def roundabout(channel: ServerChannel) -> None:
        await channel.accept()
        receiving = asyncio.create_task(channel.receive())
        try:
            await asyncio.wait([receiving], timeout=60)
        except asyncio.CancelledError:
            trace.cancelled = True
        with suppress(ChannelClosedError):
            await receiving
        trace.ended.set()

    channel = await serve(roundabout)
    await channel.answer()
    channel.channel.close()
    await trace.ended.wait()
    assert not trace.cancelled


async def test_what_a_service_has_left_counts_no_longer(
    serve: Serve, page: Page, sessions: SessionServer
) -> None:
    closed = asyncio.Event()

    async def leaving(channel: ServerChannel) -> None:
        await channel.receive()
        await closed.wait()

    channel = await serve(leaving)
    await channel.answer()
    for _ in range(10):
        await channel.send("never read")
    channel.channel.close()
    await channel.final()
    closed.set()
    await until(lambda: not sessions.runner.running)
    # Nothing but what channel 0 has written and the page will acknowledge soon.
    (held,) = sessions.acceptor.sessions.values()
    assert held.session.memory_bytes == held.session.log.cost


async def deaf_session(serve: Serve, sessions: SessionServer, finish: asyncio.Event) -> HeldSession:
    """End a session whose service has not received what its page had sent."""

    async def deaf(channel: ServerChannel) -> None:
        await channel.accept()
        await finish.wait()

    channel = await serve(deaf)
    (held,) = sessions.acceptor.sessions.values()
    await channel.answer()
    await channel.send("x" * 500_000)
    await until(lambda: held.session.channels[channel.channel.number].inbox_cost > 500_000)
    return held


async def test_what_an_ended_session_leaves_to_a_service_counts_until_that_is_gone(
    serve: Serve, sessions: SessionServer
) -> None:
    finish = asyncio.Event()
    held = await deaf_session(serve, sessions, finish)
    sessions.acceptor.end(held, "test", 4400)
    assert 500_000 < sessions.acceptor.memory_bytes < 600_000
    finish.set()
    await until(lambda: not sessions.runner.running)
    assert sum(
        each.session.memory_bytes + shell_of(each).caller.size_bytes
        for each in sessions.acceptor.sessions.values()
    ) == (sessions.acceptor.memory_bytes)


def told_of_what_was_dropped(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Return what the log says of records that no service received, and check that it is loud."""
    records = [record for record in caplog.records if "Memory is short" in record.message]
    assert {record.levelname for record in records} <= {"WARNING"}
    return [record.args for record in records]  # type: ignore[misc]


async def test_what_ended_sessions_leave_goes_before_any_other_session_ends_and_that_is_told(
    serve: Serve, sessions: SessionServer, caplog: pytest.LogCaptureFixture
) -> None:
    acceptor = sessions.acceptor
    held = await deaf_session(serve, sessions, asyncio.Event())
    assert told_of_what_was_dropped(caplog) == []
    acceptor.end(held, "test", 4400)
    await until(lambda: acceptor.sessions)  # the page came back with a new one
    acceptor.options = replace(acceptor.options, memory_budget_bytes=100_000)
    acceptor.account(0)
    await until(lambda: acceptor.memory_bytes < 100_000)
    assert len(acceptor.sessions) == 1
    ((size_bytes, service),) = told_of_what_was_dropped(caplog)
    assert (500_000 < size_bytes < 501_000, service) == (True, "deaf")


async def test_session_that_ends_for_lack_of_memory_leaves_nothing_and_that_is_told(
    serve: Serve, sessions: SessionServer, caplog: pytest.LogCaptureFixture
) -> None:
    acceptor = sessions.acceptor
    await deaf_session(serve, sessions, asyncio.Event())
    acceptor.options = replace(acceptor.options, memory_budget_bytes=100_000)
    acceptor.account(0)
    await until(lambda: acceptor.memory_bytes < 100_000)
    ((size_bytes, service),) = told_of_what_was_dropped(caplog)
    assert (500_000 < size_bytes < 501_000, service) == (True, "deaf")
    await until(lambda: not sessions.runner.running)  # it had nothing left to receive


@pytest.mark.parametrize("stops", [False, True])
async def test_service_that_cleans_up_is_not_cancelled_again(
    serve: Serve, sessions: SessionServer, stops: bool
) -> None:
    trace = Trace()
    stored = asyncio.Event()

    async def storing(channel: ServerChannel) -> None:
        await channel.accept()
        try:
            await asyncio.Event().wait()
        finally:
            trace.began.set()
            await stored.wait()
            trace.ended.set()

    channel = await serve(storing)
    (held,) = sessions.acceptor.sessions.values()
    await channel.answer()
    channel.channel.close()
    await trace.began.wait()
    if stops:
        stop = asyncio.ensure_future(sessions.runner.stop())
        await turns()
    else:
        sessions.acceptor.end(held, "for lack of memory", CloseCode.ENDED)
        await until(lambda: sessions.acceptor.sessions)
    stored.set()
    if stops:
        await stop
    await asyncio.wait_for(trace.ended.wait(), 5)


async def test_service_counts_while_it_runs(serve: Serve, sessions: SessionServer) -> None:
    async def waiting(channel: ServerChannel) -> None:
        await channel.receive()

    channel = await serve(waiting)
    await channel.answer()
    assert sessions.acceptor.memory_bytes > runner_module.SERVICE_BYTES
    await channel.send("")
    await until(lambda: not sessions.runner.running)
    assert sessions.acceptor.memory_bytes < runner_module.SERVICE_BYTES


async def test_service_that_sends_learns_that_the_page_has_closed(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    trace = Trace()

    async def flooding(channel: ServerChannel) -> None:
        try:
            while True:
                await channel.send("x" * 100_000)
                trace.began.set()
        finally:
            trace.ended.set()

    channel = await serve(flooding)
    await trace.began.wait()
    channel.channel.close()
    await trace.ended.wait()
    await channel.final()
    assert "failed" not in caplog.text


async def test_service_holds_nothing_of_the_socket_on_which_it_was_opened(
    connect: Connect, services: ServiceRegistry, sessions: SessionServer
) -> None:
    async def waiting(channel: ServerChannel) -> None:
        await channel.receive()

    services.register("waiting", waiting)
    sessions.ping_interval_s = 0.01  # the loop keeps even a cancelled timer until its time
    socket, welcome = await welcomed(connect)
    handler = weakref.ref(next(iter(sessions.sockets)))
    socket.open(1, "waiting")
    await socket.units(1)
    socket.abort()
    await until(lambda: not sessions.sockets)
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=1, serial=2)
    await again.welcome()
    assert sessions.runner.running == 1
    await until(lambda: gc.collect() >= 0 and handler() is None)


async def test_service_is_held_while_nobody_else_holds_it(serve: Serve) -> None:
    async def waiting(channel: ServerChannel) -> None:
        await channel.accept()
        await asyncio.get_running_loop().create_future()

    channel = await serve(waiting)
    await channel.answer()
    gc.collect()
    assert channel.channel.final is None


async def test_service_does_not_run_in_the_context_of_a_request(serve: Serve) -> None:
    async def looking(channel: ServerChannel) -> None:
        await channel.send(str(CallContext.get(CallContext.JUPYTER_HANDLER)))

    assert await (await serve(looking)).receive(1) == ["None"]


async def test_cancelled_by_itself_a_service_fails_its_channel(serve: Serve) -> None:
    async def giving_up(channel: ServerChannel) -> None:
        await channel.accept()
        raise asyncio.CancelledError

    assert (await (await serve(giving_up)).final()).code == 1011


async def test_service_that_raises_no_exception_proper_fails_its_channel(serve: Serve) -> None:
    class Outcome(BaseException):
        """As test frameworks and task groups raise it."""

    async def odd(channel: ServerChannel) -> None:
        await channel.accept()
        raise Outcome

    assert (await (await serve(odd)).final()).code == 1011


async def test_service_that_wants_the_process_to_exit_fails_its_channel_and_no_more(
    serve: Serve, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    async def exiting(channel: ServerChannel) -> None:
        await channel.accept()
        sys.exit(3)

    assert (await (await serve(exiting)).final()).code == 1011
    assert "Service 'exiting' failed." in caplog.text
    assert await page.open("echo").answer() == {}


async def test_stop_waits_for_clean_up_but_not_for_ever(
    serve: Serve,
    sessions: SessionServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(runner_module, "STOP_TIMEOUT_S", 0.01)
    monkeypatch.setattr(runner_module, "LAST_TIMEOUT_S", 0.01)
    let_go = asyncio.Event()
    woken = 0

    async def stubborn(channel: ServerChannel) -> None:
        nonlocal woken
        await channel.accept()
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()
            woken += 1

    await (await serve(stubborn)).answer()
    await sessions.runner.stop()
    assert "service stubborn does not stop" in caplog.text
    await turns()
    assert woken == 2
    let_go.set()
