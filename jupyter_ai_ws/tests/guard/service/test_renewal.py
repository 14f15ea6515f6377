"""A page that logs in again while its session goes on is known at guarded endpoints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import HTTPClientError

from ...raw_socket import until
from ..turns import turns

if TYPE_CHECKING:
    from jupyter_ai_ws.sessions import SessionServer

    from ...page import PageChannel
    from ...raw_socket import Clock
    from .world import World


class Browser:
    """Brings the cookie of the last login with each request, as browsers do."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._fetch = world.page.way.fetch
        self.login = ""
        self.connects = 0
        world.page.way.fetch = self.fetch
        world.page.impatient = True

    async def fetch(self, *parts: str, **options: Any) -> Any:
        self.connects += 1
        headers = {"Cookie": f"login={self.login}"}
        return await self._fetch(*parts, headers=headers, **options)

    def log_in(self, login: str) -> None:
        """Log in anew, so that no older login is taken."""
        self.login = self._world.settings["stranger_login"] = login


@pytest.fixture(autouse=True)
def browser(clock: Clock, world: World) -> Browser:
    clock.advance(60)
    return Browser(world)


async def refusal(channel: PageChannel) -> tuple[int, str]:
    final = await channel.final()
    return final.code, final.reason


async def test_endpoint_that_refuses_an_old_login_is_asked_again_with_the_new_one(
    world: World, browser: Browser, clock: Clock
) -> None:
    for login in ("first", "second"):
        browser.log_in(login)
        guarded = await world.open()
        await guarded.channel.send(login)
        assert await guarded.channel.receive(1) == [login]
        clock.advance(60)
    assert browser.connects == 2


async def test_sockets_refused_together_are_renewed_together(
    world: World, browser: Browser
) -> None:
    browser.log_in("new")
    channels = [world.page.open("guard", path=world.path) for _ in range(5)]
    for channel in channels:
        assert await channel.answer() == {"protocol": ""}
    assert browser.connects == 1


async def test_other_channels_lose_nothing_by_it(world: World, browser: Browser) -> None:
    guarded = await world.open()
    await guarded.order("emit", count=1000)
    browser.log_in("new")
    other = await world.open()
    records = await guarded.channel.receive(1000)
    assert [int(str(record).rstrip("x")) for record in records] == list(range(1000))
    await other.channel.send("hello")
    assert await other.channel.receive(1) == ["hello"]


async def test_what_streams_waits_for_the_login_when_there_is_none_to_come_back_with(
    world: World, browser: Browser
) -> None:
    refused = asyncio.Event()

    async def refuse(*parts: str, **options: Any) -> Any:
        refused.set()
        raise HTTPClientError(403)

    guarded = await world.open()
    world.page.way.fetch = refuse
    browser.log_in("new")
    other = world.page.open("guard", path=world.path)
    await refused.wait()
    await guarded.stranger.recite(count=1000, size=10)
    assert other.channel.answer is None
    world.page.way.fetch = browser.fetch
    assert await other.answer() == {"protocol": ""}
    records = await guarded.channel.receive(1000)
    assert [int(str(record).rstrip("x")) for record in records] == list(range(1000))


async def test_endpoint_that_refuses_the_new_login_too_is_believed_until_it_takes_one(
    world: World, browser: Browser, clock: Clock
) -> None:
    for renewals, status in enumerate((302, 401, 403), start=1):
        for _ in range(2):
            channel = world.page.open("guard", path=f"{world.path}?refuse={status}")
            assert await refusal(channel) == (4001, f"HTTP {status}")
            assert browser.connects == renewals
            clock.advance(60)
        await world.open()


async def test_endpoint_that_goes_on_refusing_costs_a_socket_in_ten_minutes(
    world: World, browser: Browser, clock: Clock
) -> None:
    renewals = []
    for _ in range(25):
        channel = world.page.open("guard", path=f"{world.path}?refuse=403")
        await refusal(channel)
        renewals.append(browser.connects)
        clock.advance(60)
    assert renewals == [1] * 10 + [2] * 10 + [3] * 5


async def test_endpoint_that_refuses_for_another_reason_renews_nothing(
    world: World, browser: Browser
) -> None:
    for status in (400, 404, 429, 500):
        channel = world.page.open("guard", path=f"{world.path}?refuse={status}")
        assert await refusal(channel) == (4001, f"HTTP {status}")
    assert browser.connects == 0


async def test_login_of_this_moment_is_not_renewed(
    world: World, browser: Browser, clock: Clock
) -> None:
    world.page.cut()
    await until(lambda: browser.connects == 1)
    await world.page.until("connected")
    clock.advance(9)
    channel = world.page.open("guard", path=f"{world.path}?refuse=403")
    assert await refusal(channel) == (4001, "HTTP 403")
    assert browser.connects == 1


async def test_page_that_is_away_is_waited_for(
    world: World, browser: Browser, sessions: SessionServer
) -> None:
    browser.log_in("new")
    world.lose_network()
    channel = world.page.open("guard", path=world.path)
    await turns()
    world.page.way.fetch = browser.fetch
    world.page.hurry()
    assert await channel.answer() == {"protocol": ""}


async def test_page_that_closes_while_it_is_waited_for_leaves_nothing(
    world: World, browser: Browser, sessions: SessionServer
) -> None:
    held_back = world.page.open("guard", path=world.path)
    await held_back.answer()
    browser.log_in("new")
    world.page.impatient = False
    channel = world.page.open("guard", path=world.path)
    await world.page.until("waiting")
    channel.channel.close()
    world.page.hurry()
    await channel.final()
    await until(lambda: sessions.runner.running == 1)
