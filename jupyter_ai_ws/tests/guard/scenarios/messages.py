"""What handlers send and are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .script import MIB, Noting, World, opened_and_ended, scenario

if TYPE_CHECKING:
    from ..browser import Browser

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
