"""One handler driven in memory, looked at from the side of the guard."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from concurrent.futures import ThreadPoolExecutor
from math import inf
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_ai_ws.frame_head import CLOSE
from jupyter_ai_ws.guard import peer as peer_module
from jupyter_ai_ws.guard.caller import Caller
from jupyter_ai_ws.guard.peer import UNREAD_LIMIT_BYTES, Peer, PeerListener, PeerRefusedError

from ..raw_socket import until
from .turns import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


class Handler(WebSocketHandler):
    """Writes or waits as it is told."""

    def initialize(self) -> None:
        self.settings["made"].append(self)
        self.written = 0
        self.read: list[str | bytes] = []
        self.failed: list[str] = []
        self.gate = asyncio.Event()
        self.closed = asyncio.Event()
        self.variable = VARIABLE.get()

    def on_message(self, message: str | bytes) -> Any:
        self.read.append(message)
        if isinstance(message, str) and message.startswith("held up by"):
            return self.wait_for_thread(message.split()[-1])
        return self.act(*str(message).split()) if isinstance(message, str) else None

    async def act(self, what: str, count: str = "1") -> None:
        if what in ("wait", "gated"):
            await self.gate.wait()
        for _ in range(int(count)):
            try:
                if what in ("await", "gated"):
                    await self.write_message("x")
                elif what == "flood":
                    self.write_message("x" * 1000)
                elif what == "thread":
                    await asyncio.to_thread(self.act_in_thread)
                elif what == "impatient":
                    await asyncio.wait_for(self.write_message("x"), 0.001)
            except (WebSocketClosedError, asyncio.TimeoutError) as error:
                self.failed.append(type(error).__name__)
                continue
            self.written += 1

    def act_in_thread(self) -> None:
        """Do what extensions should not do, and some do."""

        async def write() -> None:
            await self.write_message("x")
            await self.write_message(b"x", binary=True)

        asyncio.run(write())
        with pytest.raises(RuntimeError, match="no running event loop"):
            self.write_message("y")

    def wait_for_thread(self, end: str) -> None:
        """Let another thread write, hold up the loop meanwhile, and end behind that."""

        async def write() -> None:
            for number in range(5):
                await self.write_message(str(number))

        with ThreadPoolExecutor() as executor:
            executor.submit(asyncio.run, write()).result()
        if end == "close":
            self.close(4000)
        elif end == "abort":
            assert self.ws_connection is not None
            self.ws_connection._abort()
        else:
            self.write_message(end)

    def on_close(self) -> None:
        self.closed.set()


class Slow(Handler):
    """Does not answer the upgrade request before its gate is open."""

    async def prepare(self) -> None:
        self.went_away = asyncio.Event()
        await self.gate.wait()

    def on_connection_close(self) -> None:
        self.went_away.set()


class Listener(PeerListener):
    """Notes everything, and acts on each message."""

    def __init__(self) -> None:
        self.messages: list[str | bytes] = []
        self.ended: list[tuple[int, str]] = []
        self.act: Callable[[], None] = lambda: None

    def message(self, record: str | bytes) -> None:
        self.messages.append(record)
        self.act()

    def closed(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))


class CountingPeer(Peer):
    """Counts the frames the handler makes."""

    frames: list[int]

    def frame_written(self, opcode: int, payload: bytes) -> asyncio.Future[None]:
        self.frames.append(opcode)
        return super().frame_written(opcode, payload)


class Pair:
    """A peer, its owner, and the handler behind it."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.listener = Listener()
        self.peer = CountingPeer(self.listener, logging.getLogger("test"))
        self.peer.frames = []
        self.application = Application(
            [("/ws", Handler), ("/slow", Slow)],
            log_function=lambda handler: None,
            made=self.handlers,
        )

    async def open(self, target: str = "/ws") -> Handler:
        await self.peer.open(self.application, target, [], caller(), 5)
        return self.handlers[-1]


def caller(uri: str = "/", **headers: str) -> Caller:
    line = RequestStartLine("GET", uri, "HTTP/1.1")
    given = HTTPHeaders({"Host": "example.test", **headers})
    return Caller(HTTPServerRequest(headers=given, start_line=line))


async def test_no_data_frame_is_made() -> None:
    pair = Pair()
    await pair.open()
    pair.peer.send("flood 1000")
    await until(lambda: len(pair.listener.messages) == 1000)
    pair.peer.close(1000)
    await pair.peer.gone()
    assert pair.peer.frames == [CLOSE]


async def test_messages_of_another_thread_arrive_as_through_a_socket() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.send("thread")
    await until(lambda: handler.written == 1)
    assert pair.listener.messages == ["x", b"x", "y"]


@pytest.mark.parametrize("end", ["message", "close", "abort"])
async def test_messages_of_another_thread_arrive_before_what_the_loop_writes_next(
    end: str,
) -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.send(f"held up by {end}")
    expected: list[str | bytes] = [*map(str, range(5))]
    if end == "message":
        await until(lambda: len(pair.listener.messages) > 5)
        expected.append("message")
    elif end == "close":
        await until(lambda: bool(pair.listener.ended))
    else:
        await handler.closed.wait()
    assert pair.listener.messages == expected


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x81",
        b"\x01\x01x",
        b"\x80\x01x",
        b"\x81\x02x",
        b"\xc1\x01x",
        b"\x83\x00",
        b"\x81\x7e\x00",
    ],
)
async def test_frame_that_tornado_does_not_make_cuts_the_line(
    frame: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    pair = Pair()
    handler = await pair.open()
    stream: Any = handler.ws_connection and handler.ws_connection.stream
    stream.write(frame)
    await handler.closed.wait()
    assert (pair.listener.messages, pair.listener.ended) == ([], [(1006, "")])
    assert "frames of its own making" in caplog.text


async def test_handler_starts_with_a_context_of_its_own() -> None:
    VARIABLE.set("the page's own handler")
    assert (await Pair().open()).variable == "unset"


async def test_paused_handler_that_awaits_stops_after_one_write() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.pause()
    pair.peer.send("await 5")
    await turns()
    assert (len(pair.listener.messages), handler.written) == (1, 0)
    pair.peer.resume()
    await turns()
    assert (len(pair.listener.messages), handler.written) == (5, 5)


async def test_pause_that_comes_with_a_message_holds_the_next() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.listener.act = pair.peer.pause
    pair.peer.send("await 5")
    await turns()
    assert handler.written == 0


async def test_impatient_write_times_out_and_harms_no_other() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.pause()
    pair.peer.send("impatient 3")
    await until(lambda: len(handler.failed) == 3)
    pair.peer.resume()
    pair.peer.send("await 2")
    await turns()
    assert handler.failed == ["TimeoutError"] * 3
    assert (len(pair.listener.messages), handler.written) == (5, 2)


async def test_abort_while_paused_fails_the_write() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.pause()
    pair.peer.send("await")
    await turns()
    pair.peer.abort()
    await handler.closed.wait()
    assert handler.failed == ["WebSocketClosedError"]


async def test_abort_inside_a_write_fails_that_write() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.listener.act = pair.peer.abort
    pair.peer.send("await 2")
    await handler.closed.wait()
    assert handler.failed == ["WebSocketClosedError"] * 2
    assert len(pair.listener.messages) == 1


async def test_failure_of_the_owner_ends_with_1006_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pair = Pair()
    handler = await pair.open()
    pair.listener.act = lambda: 1 // 0  # type: ignore[assignment]
    pair.peer.send("await")
    await handler.closed.wait()
    assert pair.listener.ended == [(1006, "")]
    assert "could not be passed on" in caplog.text


async def test_awaited_writes_let_others_run() -> None:
    pair = Pair()
    await pair.open()
    pair.peer.send("await 100")
    ran = 0
    while len(pair.listener.messages) < 100:
        await asyncio.sleep(0)
        ran += 1
    assert ran >= 100


async def test_slow_handler_is_fed_no_more_than_its_limit() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.send("wait")
    fed = 0

    async def feed() -> None:
        nonlocal fed
        for _ in range(100):
            pair.peer.send(bytes(10_000))
            fed += 10_000
            await pair.peer.writable()

    feeding = asyncio.create_task(feed())
    await turns()
    assert UNREAD_LIMIT_BYTES <= fed < UNREAD_LIMIT_BYTES + 10_000
    handler.gate.set()
    await feeding
    pair.peer.close(1000)
    await handler.closed.wait()
    assert len(handler.read) == 101


async def test_feeding_ends_with_the_peer() -> None:
    pair = Pair()
    await pair.open()
    pair.peer.send("wait")
    pair.peer.send(bytes(UNREAD_LIMIT_BYTES))
    feeding = asyncio.create_task(pair.peer.writable())
    await turns()
    assert not feeding.done()
    pair.peer.abort()
    await feeding


async def test_handler_that_does_not_answer_a_close_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer_module, "CLOSE_TIMEOUT_S", 0.01)
    pair = Pair()
    handler = await pair.open()
    monkeypatch.setattr(handler.ws_connection, "close", lambda *_: None)
    pair.peer.close(1000)
    await pair.peer.gone()
    await handler.closed.wait()


async def overdue(
    monkeypatch: pytest.MonkeyPatch,
    *,
    busy_with: str,
    then: Sequence[str] = ("last",),
    code: int = 1000,
) -> Handler:
    """Close a handler that is busy and has more to read, and let the time for its answer pass."""
    monkeypatch.setattr(peer_module, "CLOSE_TIMEOUT_S", 0.001)
    pair = Pair()
    handler = await pair.open()
    for message in (busy_with, *then):
        pair.peer.send(message)
    pair.peer.close(code)
    await until(lambda: pair.peer._overdue_bytes < inf)
    return handler


async def test_busy_handler_reads_what_was_sent_before_a_close_long_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = await overdue(monkeypatch, busy_with="wait 0", code=4321)
    await turns()
    assert not handler.closed.is_set()
    handler.gate.set()
    await handler.closed.wait()
    assert (handler.read, handler.close_code) == (["wait 0", "last"], 4321)


async def test_busy_handler_that_answers_what_it_reads_long_after_a_close_reads_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = await overdue(monkeypatch, busy_with="wait 0", then=["await"] * 3, code=4321)
    handler.gate.set()
    await handler.closed.wait()
    assert (len(handler.read), handler.failed, handler.close_code) == (4, [], 4321)


async def test_busy_handler_that_writes_long_after_a_close_learns_that_nobody_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = await overdue(monkeypatch, busy_with="gated")
    handler.gate.set()
    await handler.closed.wait()
    assert handler.failed == ["WebSocketClosedError"]


async def test_handler_that_reads_no_more_after_a_close_is_cut_off_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer_module, "CLOSE_TIMEOUT_S", 0.001)
    monkeypatch.setattr(peer_module, "BUSY_TIMEOUT_S", 0.01)
    pair = Pair()
    handler = await pair.open()
    pair.peer.send("wait")
    await turns()
    pair.peer.close(1000)
    await pair.peer.gone()
    handler.gate.set()
    await handler.closed.wait()


async def test_handler_that_has_to_hurry_is_cut_off_however_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer_module, "CLOSE_TIMEOUT_S", 3600)
    pair = Pair()
    handler = await pair.open()
    pair.peer.send("wait")
    await turns()
    pair.peer.close(1001)
    pair.peer.hurry(0.01)
    await pair.peer.gone()
    handler.gate.set()
    await handler.closed.wait()


async def test_endpoint_that_does_not_answer_in_time_counts_as_504() -> None:
    pair = Pair()
    with pytest.raises(PeerRefusedError) as refused:
        await pair.peer.open(pair.application, "/slow", [], caller(), 0.01)
    assert refused.value.status == 504
    (slow,) = pair.handlers
    assert isinstance(slow, Slow)
    await slow.went_away.wait()
    slow.gate.set()
    await turns()
    assert pair.listener.ended == []


async def test_open_that_is_cancelled_goes_away_as_a_browser_that_gives_up() -> None:
    pair = Pair()
    opening = asyncio.create_task(pair.open("/slow"))
    await turns()
    opening.cancel()
    (slow,) = pair.handlers
    assert isinstance(slow, Slow)
    await slow.went_away.wait()
    with pytest.raises(asyncio.CancelledError):
        await opening


async def test_handler_that_cannot_be_made_counts_as_500(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Handler):
        def initialize(self) -> None:
            raise RuntimeError("broken")

    pair = Pair()
    pair.application.add_handlers(".*", [("/broken", Broken)])
    with pytest.raises(PeerRefusedError) as refused:
        await pair.open("/broken")
    assert refused.value.status == 500
    assert "endpoint failed" in caplog.text


async def test_nothing_is_left_when_a_peer_is_gone() -> None:
    before = asyncio.all_tasks()
    for end in ("close", "abort"):
        pair = Pair()
        handler = await pair.open()
        if end == "close":
            pair.peer.close(1000)
        else:
            pair.peer.abort()
        await pair.peer.gone()
        await handler.closed.wait()
    await turns()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 3000, 4999])
async def test_end_that_the_owner_made_is_not_told_to_it(code: int) -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.close(code)
    await handler.closed.wait()
    await turns()
    assert pair.listener.ended == []
    assert handler.close_code == (None if code in (1005, 1006) else code)


async def test_what_is_sent_while_closing_is_dropped() -> None:
    pair = Pair()
    handler = await pair.open()
    pair.peer.close(1000)
    pair.peer.send("late")
    await handler.closed.wait()
    assert handler.read == []
