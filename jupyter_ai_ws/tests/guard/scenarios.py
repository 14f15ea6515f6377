"""What a handler and a browser may do to each other, each to be played over TCP and in memory."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import tornado
from tornado.web import HTTPError, RequestHandler
from tornado.websocket import (
    WebSocketClosedError,
    WebSocketHandler,
    WebSocketProtocol13,
    _WebSocketParams,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .browser import Browser

MIB = 1024 * 1024
SILENT_AFTER_LATE_ERRORS = tornado.version_info < (6, 6)
"""Whether a coroutine `on_message` that raises leaves the socket open and unread."""


class World:
    """What both sides of one play share: the handler's log, and a gate it may wait at."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.gate = asyncio.Event()
        self._changed = asyncio.Event()

    def note(self, *entry: Any) -> None:
        self.log.append(entry)
        self._changed.set()

    async def noted(self, *entry: Any, count: int = 1) -> None:
        """Wait until the log holds this so often."""
        while self.log.count(entry) < count:
            self._changed.clear()
            await self._changed.wait()


class Noting(WebSocketHandler):
    """Notes what happens to it, and echoes."""

    def initialize(self) -> None:
        self.world: World = self.settings["world"]

    def open(self, *args: str, **kwargs: str) -> Any:
        self.world.note("open", args, kwargs)

    def on_message(self, message: str | bytes) -> Any:
        self.note_message(message)
        self.write_message(message, binary=isinstance(message, bytes))

    def note_message(self, message: str | bytes) -> None:
        self.world.note("message", described(message))

    def on_pong(self, data: bytes) -> None:
        self.world.note("pong", data)

    def on_close(self) -> None:
        self.world.note("close", self.close_code, self.close_reason)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        self.world.note("exception", typ.__name__)

    def try_to(self, what: str, act: Callable[[], Any]) -> None:
        try:
            result = act()
        except Exception as error:
            self.world.note(what, type(error).__name__)
        else:
            self.world.note(what, result if isinstance(result, bool) else "done")


def described(message: str | bytes) -> Any:
    """Return the message, or its type, size and hash."""
    if len(message) < 1000:
        return message
    data = message.encode() if isinstance(message, str) else message
    return type(message).__name__, len(message), hashlib.sha256(data).hexdigest()


class Scenario(NamedTuple):
    """One play."""

    name: str
    handler: type[RequestHandler]
    script: Callable[[Browser, World], Awaitable[None]]
    settings: dict[str, Any]
    counted: bool = True
    """Whether it matters how often something is noted in a row."""


SCENARIOS: list[Scenario] = []


def scenario(
    handler: type[RequestHandler], *, counted: bool = True, **settings: Any
) -> Callable[[Callable[[Browser, World], Awaitable[None]]], None]:
    """Put a script into the table, under its own name."""

    def add(script: Callable[[Browser, World], Awaitable[None]]) -> None:
        name = script.__name__.strip("_").replace("_", "-")
        SCENARIOS.append(Scenario(name, handler, script, settings, counted))

    return add


async def opened_and_closed(browser: Browser, world: World) -> None:
    await browser.open()
    browser.close(1000)


async def opened_and_ended(browser: Browser, world: World) -> None:
    await browser.open()
    await browser.ended()


async def only_opened(browser: Browser, world: World) -> None:
    await browser.open()


# -- Messages ----------------------------------------------------------------------------


@scenario(Noting)
async def both_types(browser: Browser, world: World) -> None:
    await browser.open()
    for record in ("grüß dich \N{GRINNING FACE}", b"\x00\xff", "", b"", "x" * 125, "x" * 126):
        browser.send(record)
        await browser.messages(1)
    browser.close(1000)


@scenario(Noting)
async def lengths_of_every_form(browser: Browser, world: World) -> None:
    await browser.open()
    for size in (127, 128, 65_535, 65_536, MIB, 10 * MIB):
        browser.send(bytes(size))
        browser.send("ä" * (size // 2))
        await browser.messages(2)
    browser.close(1000)


@scenario(Noting)
async def message_over_10_mib(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("before")
    await browser.messages(1)
    browser.send_too_big(10 * MIB + 1)
    await browser.ended()


@scenario(Noting, websocket_max_message_size=1000)
async def message_over_a_small_limit(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send(bytes(1000))
    await browser.messages(1)
    browser.send_too_big(1001)
    await browser.ended()


@scenario(Noting)
async def a_thousand_at_once(browser: Browser, world: World) -> None:
    await browser.open()
    for number in range(1000):
        browser.send(f"message {number}")
    await browser.messages(1000)
    browser.close(1000)


class Burst(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        for number in range(1000):
            self.write_message(f"message {number}")
        self.close()


scenario(Burst)(opened_and_ended)


class Awaiting(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        for number in range(300):
            await self.write_message(f"message {number}")
        self.close(1000, "done")


@scenario(Awaiting)
async def each_write_awaited(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


class Odd(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        write: Any = self.write_message
        self.try_to("dict", lambda: write({"a": ["ü", 1]}))
        self.try_to("text as bytes", lambda: write("ü".encode()))
        self.try_to("text in binary", lambda: write("ü", binary=True))
        self.try_to("dict in binary", lambda: write({"a": 1}, binary=True))
        self.try_to("dict to the protocol", lambda: self.protocol().write_message({"b": 2}))
        self.try_to("none", lambda: write(None))
        self.try_to("number", lambda: write(1))
        self.try_to("bytearray", lambda: write(bytearray(b"a"), binary=True))
        self.try_to("memoryview", lambda: write(memoryview(b"a"), binary=True))
        self.try_to("surrogate", lambda: write("\ud800"))
        self.write_message("last")

    def protocol(self) -> Any:
        assert self.ws_connection is not None
        return self.ws_connection


@scenario(Odd)
async def messages_of_odd_types(browser: Browser, world: World) -> None:
    await browser.open()
    await browser.messages(6)
    browser.close(1000)


class Subclassed(Noting):
    class Text(str):
        __slots__ = ()

    def open(self, *args: str, **kwargs: str) -> None:
        self.write_message(self.Text("grün"))
        self.write_message(self.Text("plain"))
        self.close()


@scenario(Subclassed)
async def text_of_a_subclass(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


class BadText(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.write_message("good")
        self.write_message(b"\xff\xfe")
        self.write_message("late")


@scenario(BadText)
async def text_that_is_no_utf8(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


# -- Subprotocols and the request ------------------------------------------------------------


class Choosing(Noting):
    choice: str | None = "b"

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        self.world.note("offered", subprotocols)
        return self.choice

    def open(self, *args: str, **kwargs: str) -> None:
        self.world.note("selected", self.selected_subprotocol)


class ChoosingNone(Choosing):
    choice = None


@scenario(Choosing)
async def subprotocol_chosen(browser: Browser, world: World) -> None:
    await browser.open(protocols=["a", "b"])
    browser.close(1000)


@scenario(ChoosingNone)
async def subprotocol_not_chosen(browser: Browser, world: World) -> None:
    await browser.open(protocols=["a", "b"])
    browser.close(1000)


@scenario(ChoosingNone)
async def no_subprotocol_offered(browser: Browser, world: World) -> None:
    await browser.open()
    browser.close(1000)


@scenario(Choosing)
async def subprotocol_that_was_not_offered(browser: Browser, world: World) -> None:
    await browser.open(protocols=["a"])


class Telling(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        request = self.request
        names = {name for name in request.headers if name != "Sec-Websocket-Key"}
        self.world.note("headers", sorted((name, request.headers[name]) for name in names))
        self.world.note("from", request.remote_ip, request.protocol, request.host, request.version)
        self.world.note("target", request.uri, request.path, request.query)
        self.world.note("arguments", request.arguments, self.get_argument("q", None))
        self.world.note("matched", args, kwargs, self.get_cookie("c"))
        self.world.note("full", request.full_url(), request.method, request.body)
        self.world.note("detached", request.connection.stream is None)  # type: ignore[union-attr]


@scenario(Telling)
async def request_as_the_handler_sees_it(browser: Browser, world: World) -> None:
    await browser.open("/room/a%20b%2Fc?q=1%2F2&q=x&token=y", Authorization="token abc")
    browser.close(1000)


@scenario(Telling)
async def same_origin_behind_a_rewritten_host(browser: Browser, world: World) -> None:
    await browser.open(Origin="https://outside.test", Sec_Fetch_Site="same-origin")
    browser.close(1000)


@scenario(Noting)
async def foreign_origin(browser: Browser, world: World) -> None:
    await browser.open(Origin="https://evil.test")


@scenario(Noting)
async def cross_site(browser: Browser, world: World) -> None:
    await browser.open(Origin="https://evil.test", Sec_Fetch_Site="cross-site")


@scenario(Noting)
async def broken_host(browser: Browser, world: World) -> None:
    await browser.open(Host="a,b", Origin="http://a,b")
    if browser.log[0].kind == "opened":  # tornado 6.2 does not mind
        browser.close(1000)


@scenario(Noting)
async def unknown_path(browser: Browser, world: World) -> None:
    await browser.open("/nowhere")


# -- Refusals ----------------------------------------------------------------------------


class Refusing(Noting):
    async def prepare(self) -> None:
        status = int(self.get_argument("status"))
        if self.get_argument("late", None):
            await asyncio.sleep(0)
        raise HTTPError(status)


def _refusal(status: int, late: str) -> None:
    async def script(browser: Browser, world: World) -> None:
        await browser.open(f"/ws?status={status}{late}")

    script.__name__ = f"refused_with_{status}{'_late' if late else ''}"
    scenario(Refusing)(script)


for _status in (400, 401, 403, 404, 426, 429, 500, 503):
    _refusal(_status, "")
    _refusal(_status, "&late=1")


class Redirecting(Noting):
    def prepare(self) -> None:
        self.redirect("/login")


@scenario(Redirecting)
async def redirect(browser: Browser, world: World) -> None:
    await browser.open()


class Plain(RequestHandler):
    def get(self, *args: str) -> None:
        self.settings["world"].note("get")
        self.finish("x" * 500_000)


@scenario(Plain)
async def plain_200_with_a_long_body(browser: Browser, world: World) -> None:
    await browser.open()


class Endless(RequestHandler):
    world: World

    async def get(self, *args: str) -> None:
        self.world = self.settings["world"]
        self.write("begin")
        await self.flush()
        await self.world.gate.wait()
        self.world.note("goes on")

    def on_connection_close(self) -> None:
        self.world.note("connection closed")
        self.world.gate.set()


@scenario(Endless)
async def answer_that_never_ends(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("connection closed")


class PostOnly(RequestHandler):
    def post(self, *args: str) -> None:
        self.settings["world"].note("post")


@scenario(PostOnly)
async def method_not_allowed(browser: Browser, world: World) -> None:
    await browser.open()


class BrokenFromTheStart(RequestHandler):
    def initialize(self) -> None:
        raise RuntimeError("broken")


class NoVersion(Noting):
    def get_websocket_protocol(self) -> None:
        return None


@scenario(NoVersion)
async def no_common_version(browser: Browser, world: World) -> None:
    await browser.open()


# -- Opening -----------------------------------------------------------------------------


class SlowPrepare(Noting):
    async def prepare(self) -> None:
        self.world.note("prepare")
        await self.world.gate.wait()
        self.world.note("prepared")

    def on_connection_close(self) -> None:
        self.world.note("connection closed")
        super().on_connection_close()


@scenario(SlowPrepare)
async def slow_prepare(browser: Browser, world: World) -> None:
    task = asyncio.ensure_future(browser.open())
    await world.noted("prepare")
    world.gate.set()
    await task
    browser.send("hello")
    await browser.messages(1)
    browser.close(1000)


class SlowOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        self.world.note("open")
        await self.world.gate.wait()
        self.world.note("opened")


@scenario(SlowOpen)
async def slow_open_holds_messages_back(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("early")
    await world.noted("open")
    await browser_turn(browser)
    world.gate.set()
    await browser.messages(1)
    browser.close(1000)


@scenario(SlowOpen)
async def close_while_open_runs(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("open")
    browser.close(3000, "tired")
    world.gate.set()


class WritingOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        await self.write_message("first")
        await asyncio.sleep(0)
        await self.write_message("second")


@scenario(WritingOpen)
async def open_that_writes(browser: Browser, world: World) -> None:
    await browser.open()
    await browser.messages(2)
    browser.close(1000)


class RaisingOpen(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.write_message("before")
        raise RuntimeError("broken")


@scenario(RaisingOpen)
async def open_that_raises(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


class RaisingLateOpen(Noting):
    async def open(self, *args: str, **kwargs: str) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")


@scenario(RaisingLateOpen)
async def open_that_raises_late(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


# -- Handling ----------------------------------------------------------------------------


class Raising(Noting):
    def on_message(self, message: str | bytes) -> None:
        self.note_message(message)
        raise RuntimeError("broken")


@scenario(Raising)
async def on_message_that_raises(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("one")
    browser.send("two")
    await browser.ended()


class RaisingLate(Noting):
    async def on_message(self, message: str | bytes) -> None:
        self.note_message(message)
        await asyncio.sleep(0)
        raise RuntimeError("broken")


@scenario(RaisingLate)
async def on_message_that_raises_late(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("one")
    browser.send("two")
    await world.noted("exception", "RuntimeError")
    if SILENT_AFTER_LATE_ERRORS:
        browser.abort()
    else:
        await browser.ended()


class Slow(Noting):
    async def on_message(self, message: str | bytes) -> None:
        self.world.note("begin", message)
        if message == "wait":
            await self.world.gate.wait()
        else:
            await asyncio.sleep(0)
        try:
            await self.write_message(message)
        except WebSocketClosedError:
            self.world.note("told", message)
        self.world.note("end", message)


@scenario(Slow)
async def on_message_stays_serial(browser: Browser, world: World) -> None:
    await browser.open()
    for record in ("wait", "one", "two", "three"):
        browser.send(record)
    await world.noted("begin", "wait")
    await browser_turn(browser)
    world.gate.set()
    await browser.messages(4)
    browser.close(1000)


@scenario(Slow)
async def close_while_on_message_runs(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("wait")
    await world.noted("begin", "wait")
    browser.close(3001, "bye")
    await browser_turn(browser)
    world.gate.set()


@scenario(Slow)
async def abort_while_on_message_runs(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("wait")
    await world.noted("begin", "wait")
    browser.abort()
    await browser_turn(browser)
    world.gate.set()


async def browser_turn(browser: Browser) -> None:
    """Let what is on the way arrive: TCP on this machine needs a few turns."""
    for _ in range(20):
        await asyncio.sleep(0.001)


# -- Pings and the stream -----------------------------------------------------------------


class Pinging(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.ping(b"one")
        self.ping("two")
        self.ping()
        self.try_to("long ping", lambda: self.ping(b"x" * 126))


@scenario(Pinging)
async def pings_of_the_handler(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("pong", b"")
    browser.close(1000)


@scenario(Noting, counted=False, websocket_ping_interval=0.05)
async def pings_of_tornado(browser: Browser, world: World) -> None:
    await browser.open()
    await world.noted("pong", b"", count=3)
    browser.close(1000)


class Stream(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.set_nodelay(True)
        stream: Any = self.ws_connection.stream  # type: ignore[union-attr]
        self.world.note("stream", stream.closed())
        stream.set_close_callback(lambda: self.world.note("stream closed", stream.closed()))

    def on_message(self, message: str | bytes) -> None:
        self.ws_connection.stream.close()  # type: ignore[union-attr]
        self.try_to("write", lambda: self.write_message("late"))


@scenario(Stream)
async def handler_closes_the_stream(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("now")
    await browser.ended()


@scenario(Stream)
async def stream_tells_of_an_abort(browser: Browser, world: World) -> None:
    await browser.open()
    browser.abort()
    await world.noted("stream closed", True)


# -- Closing by the handler ------------------------------------------------------------------


class Closing(Noting):
    def on_message(self, message: str | bytes) -> None:
        code, _, reason = str(message).partition(" ")
        self.write_message("before")
        act = {
            "none": lambda: self.close(),
            "reason": lambda: self.close(reason=reason),
        }.get(code, lambda: self.close(int(code), reason or None))
        self.try_to("closing", act)
        self.try_to("write", lambda: self.write_message("late"))
        self.try_to("close", lambda: self.close(1001, "again"))


def _closed_by_handler(command: str) -> None:
    async def script(browser: Browser, world: World) -> None:
        await browser.open()
        browser.send(command)
        await browser.ended()

    script.__name__ = f"handler_closes_with_{command}"
    scenario(Closing)(script)


for _command in (
    *("none", "reason why", "1000", "1001", "1011 broken", "3000", "4001 grüße", "4999"),
    *("999", "5000", "1004", "1005", "1006", "1015", "1000 " + "r" * 123),
):
    _closed_by_handler(_command)


@scenario(Closing)
async def close_reason_that_is_too_long(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("1000 " + "r" * 124)
    await browser.ended()


@scenario(Closing)
async def messages_behind_the_one_that_closes(browser: Browser, world: World) -> None:
    await browser.open()
    for record in ("1000", "3000", "3001"):
        browser.send(record)
    await browser.ended()


class ClosingOpen(Noting):
    def open(self, *args: str, **kwargs: str) -> None:
        self.world.note("open")
        self.close(4321, "not today")


@scenario(ClosingOpen)
async def open_that_closes(browser: Browser, world: World) -> None:
    await opened_and_ended(browser, world)


class RaisingClose(Noting):
    def on_close(self) -> None:
        super().on_close()
        raise RuntimeError("broken")


@scenario(RaisingClose)
async def on_close_that_raises(browser: Browser, world: World) -> None:
    await opened_and_closed(browser, world)


# -- Closing by the browser -------------------------------------------------------------------


def _closed_by_browser(code: int, reason: str) -> None:
    async def script(browser: Browser, world: World) -> None:
        await browser.open()
        browser.send("last")
        await browser.messages(1)
        browser.close(code, reason)

    script.__name__ = f"browser_closes_with_{code}_{reason}"
    scenario(Noting)(script)


for _code, _reason in ((1000, ""), (1001, ""), (1005, ""), (3000, "grüße"), (4321, "r" * 123)):
    _closed_by_browser(_code, _reason)


@scenario(Noting)
async def browser_closes_behind_messages(browser: Browser, world: World) -> None:
    await browser.open()
    for number in range(50):
        browser.send(str(number))
    browser.close(1000)


@scenario(Noting)
async def browser_loses_the_network(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("last")
    await browser.messages(1)
    browser.abort()


class LateWriter(Noting):
    def on_close(self) -> None:
        super().on_close()
        self.try_to("write", lambda: self.write_message("late"))
        self.try_to("ping", lambda: self.ping(b"late"))


@scenario(LateWriter)
async def write_after_the_browser_closed(browser: Browser, world: World) -> None:
    await opened_and_closed(browser, world)


@scenario(LateWriter)
async def write_after_an_abort(browser: Browser, world: World) -> None:
    await browser.open()
    browser.abort()


class Keeping(Noting):
    """Writes to the protocol object it kept, not to itself."""

    async def on_message(self, message: str | bytes) -> None:
        protocol: Any = self.ws_connection
        self.world.note("begin", message)
        await self.world.gate.wait()
        try:
            for _ in range(100):
                await protocol.write_message("late")
        except WebSocketClosedError:
            self.world.note("told")


@scenario(Keeping)
async def write_to_a_protocol_that_was_kept(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("now")
    await world.noted("begin", "now")
    browser.abort()
    await browser_turn(browser)
    world.gate.set()


# -- Handlers that have a say in the protocol ------------------------------------------------------


class OwnProtocol(Noting):
    class Protocol(WebSocketProtocol13):
        def write_message(self, message: Any, binary: bool = False) -> Any:
            return super().write_message(f"<{message}>", binary)

    def get_websocket_protocol(self) -> Any:
        params = _WebSocketParams(max_message_size=1000)
        return self.Protocol(self, False, params)


@scenario(OwnProtocol)
async def protocol_of_its_own(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("hello")
    await browser.messages(1)
    browser.send_too_big(1001)
    await browser.ended()


class Compressing(Noting):
    def get_compression_options(self) -> dict[str, Any]:
        return {}


@scenario(Compressing)
async def compression_that_nobody_offers(browser: Browser, world: World) -> None:
    await browser.open()
    browser.send("hello")
    await browser.messages(1)
    browser.close(1000)
