"""Plays every scenario over TCP and in memory and compares what both sides have seen.

Wants nothing but tornado, so that it runs with every version that is supported:
`python -m jupyter_ai_ws.tests.guard.differential`
"""

from __future__ import annotations

import asyncio
import logging
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import tornado
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from .browser import Browser, FramedBrowser, MemoryBrowser, NativeBrowser
from .scenarios import SCENARIOS, World, described

if TYPE_CHECKING:
    from .scenarios import Scenario

WAYS = ("native", "memory", "frames")
TIMEOUT_S = 20


class Seen(NamedTuple):
    """What both sides have seen of one play."""

    page: list[Any]
    handler: list[Any]


def play(scenario: Scenario, way: str) -> Seen:
    """Play one scenario."""
    return asyncio.run(_play(scenario, way))


async def _play(scenario: Scenario, way: str) -> Seen:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_later(TIMEOUT_S, task.cancel, "too slow")
    world = World()
    application = Application(
        [("/ws", scenario.handler), (r"/room/(?P<name>[^/]+)", scenario.handler)],
        log_function=lambda handler: None,
        world=world,
        **scenario.settings,
    )
    server = HTTPServer(application)
    browser = _browser(way, application, server)
    await scenario.script(browser, world)
    await _quiet()
    await browser.dispose()
    server.stop()
    await server.close_all_connections()
    await _quiet()
    page = [(event.kind, *map(_short, event.details)) for event in browser.log]
    handler = world.log
    if not scenario.counted:
        handler = [entry for entry, _ in groupby(handler)]
    return Seen(page, handler)


def _browser(way: str, application: Application, server: HTTPServer) -> Browser:
    if way == "native":
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        return NativeBrowser(sockets[0].getsockname()[1])
    return (MemoryBrowser if way == "memory" else FramedBrowser)(application)


async def _quiet() -> None:
    """Wait until the handler, and the server around it, have nothing more to do."""
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(tasks)
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _short(detail: Any) -> Any:
    return described(detail) if isinstance(detail, str | bytes) else detail


def main() -> int:
    """Play everything and say what differs."""
    logging.disable(logging.CRITICAL)
    failures = 0
    for scenario in SCENARIOS:
        native, *others = (play(scenario, way) for way in WAYS)
        for way, seen in zip(WAYS[1:], others, strict=True):
            if seen != native:
                failures += 1
                print(f"{scenario.name}, {way}:\n  native {native}\n  here   {seen}")
    count = len(SCENARIOS)
    print(f"tornado {tornado.version}: {count} scenarios, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
