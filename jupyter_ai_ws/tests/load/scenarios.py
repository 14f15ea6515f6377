"""What a server is put through; each returns what was measured."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from jupyter_ai_ws.protocol.limits import QUEUE_LIMIT_BYTES

from ..scrape import Scrape
from .crowd import CrowdPage, crowd, dismiss, metrics
from .plain import PLAIN_PATH

if TYPE_CHECKING:
    from ..security.target import Target

RECORD_BYTES = 16_000
RECORDS_OF_A_LOG = 7
"""As many as the log takes; the page acknowledges only more."""
LOOK_S = 0.1
"""How often it is looked whether something has come about on the server."""


async def slope_bytes(target: Target, count: int, *, session: bool) -> float:
    """Return what one more idle socket costs the server, with a session or without one.

    The first quarter is not counted: it pays for what is loaded and allocated once.
    """
    options = {} if session else {"path": PLAIN_PATH}
    pages = await crowd(target, count // 4, session=session, **options)
    before_bytes = target.resident_bytes
    pages += await crowd(target, count - count // 4, session=session, **options)
    cost_bytes = (target.resident_bytes - before_bytes) / (count - count // 4)
    await dismiss(pages)
    return cost_bytes


class Streamed(NamedTuple):
    """How a crowd was served."""

    records: int
    """Those that came, each in its place."""
    records_per_s: float
    longest_gap_s: float
    cpu_share: float


async def stream(target: Target, count: int, *, records: int, interval_ms: int) -> Streamed:
    """Stream numbered records to many pages at once; none may be missing."""
    pages = await crowd(target, count)
    began_s, cpu_s = time.monotonic(), target.cpu_s
    for page in pages:
        page.stream(records=records, interval_ms=interval_ms)
    for page in pages:
        await page.until(lambda page=page: page.records == records)
    took_s = time.monotonic() - began_s
    cpu_share = (target.cpu_s - cpu_s) / took_s
    await dismiss(pages)
    longest_gap_s = max(page.longest_gap_s for page in pages)
    came = sum(page.records for page in pages)
    return Streamed(came, came / took_s, longest_gap_s, cpu_share)


class Evicted(NamedTuple):
    """Which sessions ended when memory was short."""

    ended: list[int]
    """Places of those that ended, in the order in which they were parked."""
    kept: list[int]
    attached_streamed_on: bool


async def exhaust(target: Target, parked: int) -> Evicted:
    """Park sessions one after the other, each with a full log, until the budget is short."""
    attached = await crowd(target, 3)
    for page in attached:
        page.stream(records=100_000, interval_ms=5)
    pages = []
    for _ in range(parked):
        (page,) = await crowd(target, 1)
        page.stream(records=RECORDS_OF_A_LOG, payload_bytes=RECORD_BYTES)
        await page.until(lambda page=page: page.records == RECORDS_OF_A_LOG)
        await page.leave()
        pages.append(page)
    # The queue of the last one grows until the budget is used up again and again.
    (glutton,) = await crowd(target, 1)
    glutton.stream(records=100_000, payload_bytes=RECORD_BYTES)
    await glutton.until(lambda: glutton.records >= 1)
    await glutton.leave()
    await _filled(target)
    seen = [page.records for page in attached]
    ended: list[int] = []
    kept: list[int] = []
    for place, page in enumerate(pages):
        (kept if await page.connect() else ended).append(place)
    for page, records in zip(attached, seen, strict=True):
        await page.until(lambda page=page, records=records: page.records > records)
    unharmed = all(page.close_code is None for page in attached)
    await glutton.connect()
    await dismiss([*attached, *pages, glutton])
    return Evicted(ended, kept, unharmed)


async def _filled(target: Target) -> None:
    """Wait until the queue of a page that is away is full: nothing more comes to be kept."""
    while Scrape(await metrics(target))["memory_bytes{queue}"] < QUEUE_LIMIT_BYTES:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_S)


async def beyond_the_limit(target: Target, limit: int) -> tuple[int | None, bool]:
    """Open as many sessions as one user may have and one more.

    Returns:
        With which code the one more was closed, and whether all others stayed.
    """
    pages = await crowd(target, limit)
    one_more = CrowdPage(target)
    await one_more.connect()
    code = await one_more.until_closed()
    stayed = all(page.close_code is None for page in pages)
    await dismiss(pages)
    return code, stayed
