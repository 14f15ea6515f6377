"""What handlers see of the request, and how they refuse it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tornado.web import HTTPError, RequestHandler

from .script import Noting, World, scenario

if TYPE_CHECKING:
    from ..browser import Browser

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


class NoVersion(Noting):
    def get_websocket_protocol(self) -> None:
        return None


@scenario(NoVersion)
async def no_common_version(browser: Browser, world: World) -> None:
    await browser.open()
