"""Who closes, how, and who hears of it; handlers with a say in the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.websocket import (
    WebSocketClosedError,
    WebSocketProtocol13,
    _WebSocketParams,
)

from ..turns import turns
from .script import Noting, World, opened_and_closed, opened_and_ended, scenario

if TYPE_CHECKING:
    from ..browser import Browser

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
    await turns()
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
