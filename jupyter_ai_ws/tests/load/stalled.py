"""A reader that stalls while records come in."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from ..page import Page
from ..scrape import Scrape
from ..security.target import TOKEN
from .crowd import metrics

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

    from ..page import PageChannel
    from ..security.target import Target

SAMPLE_S = 0.25


class Stalled(NamedTuple):
    """What was measured while one channel stalled."""

    other_records: int
    """What another channel of the same page received meanwhile."""
    other_longest_gap_s: float
    most_server_bytes: float
    """The most that all sessions of the server held."""
    most_page_bytes: int
    """The most that waited in the page for the stalled reader."""
    records: int
    """What the stalled reader got in the end, none missing."""


async def stall(
    target: Target, *, stall_s: float, records: int, interval_ms: int, payload_bytes: int
) -> Stalled:
    """Let one reader stall while another channel of the same page goes on."""

    async def fetch(
        *parts: str, params: dict[str, Any], subprotocols: list[str]
    ) -> WebSocketClientConnection:
        url = f"ws://127.0.0.1:{target.port}/{'/'.join(parts)}?{urlencode(params)}"
        request = HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"})
        return await websocket_connect(request, subprotocols=subprotocols)

    page = Page(fetch)
    await page.connect()
    slow = page.open(
        "self-test", records=records, interval_ms=interval_ms, payload_bytes=payload_bytes
    )
    other = page.open("self-test", records=100_000, interval_ms=2)
    await slow.answer()
    await other.answer()
    reading = asyncio.create_task(_read_on(other))
    loop = asyncio.get_running_loop()
    end_s = loop.time() + stall_s
    most_server_bytes, most_page_bytes = 0.0, 0
    while loop.time() < end_s:
        found = Scrape(await metrics(target))
        held = sum(value for name, value in found.items() if name.startswith("memory_bytes{"))
        most_server_bytes = max(most_server_bytes, held)
        most_page_bytes = max(most_page_bytes, slow.channel.inbox_cost)
        await asyncio.sleep(SAMPLE_S)
    reading.cancel()
    (counted,) = await asyncio.gather(reading)
    got = 0
    while got < records:
        for record in await slow.receive(1):
            got += 1
            assert json.loads(record)["n"] == got
    assert page.replaced == 0
    await page.dispose()
    return Stalled(*counted, most_server_bytes, most_page_bytes, got)


async def _read_on(channel: PageChannel) -> tuple[int, float]:
    loop = asyncio.get_running_loop()
    count, longest_s, last_s = 0, 0.0, loop.time()
    try:
        while True:
            await channel.receive(1)
            count += 1
            now_s = loop.time()
            longest_s, last_s = max(longest_s, now_s - last_s), now_s
    except asyncio.CancelledError:
        return count, longest_s
