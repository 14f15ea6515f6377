"""What a handler and a browser may do to each other, each to be played over TCP and in memory."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from tornado.websocket import WebSocketHandler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.web import RequestHandler

    from ..browser import Browser

MIB = 1024 * 1024


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
