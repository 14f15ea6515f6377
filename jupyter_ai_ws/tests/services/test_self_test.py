"""The service behind *AI Connection: Run Self-Test*."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from ..raw_socket import until

if TYPE_CHECKING:
    from ..page import Page, PageChannel


async def test_server_sends_numbered_records(page: Page) -> None:
    await page.connect()
    channel = page.open("self-test", records=5, payload_bytes=12)
    assert await channel.answer() == {"records": 5, "interval_ms": 0, "payload_bytes": 12}
    records = [json.loads(record) for record in await channel.receive(5)]
    assert [record["n"] for record in records] == [1, 2, 3, 4, 5]
    assert records[1]["text"] == "record 2 rec"
    channel.channel.close()
    assert (await channel.final()).code == 1000


async def test_parameters_have_defaults(page: Page) -> None:
    await page.connect()
    answer = await page.open("self-test").answer()
    assert answer == {"records": 2000, "interval_ms": 0, "payload_bytes": 64}


@pytest.mark.parametrize(
    "parameters",
    [
        {"records": -1},
        {"records": 100_001},
        {"records": "5"},
        {"records": True},
        {"records": 1.5},
        {"records": None},
        {"interval_ms": 10_001},
        {"payload_bytes": 65_537},
        {"payload_bytes": []},
    ],
)
async def test_parameters_out_of_bounds_are_refused(page: Page, parameters: dict[str, Any]) -> None:
    await page.connect()
    final = await page.open("self-test", **parameters).final()
    assert (final.kind, final.code) == ("refused", 4400)
    (name,) = parameters
    assert final.reason.startswith(f"{name} is an integer from 0 to ")


async def test_largest_payload_arrives_whole(page: Page) -> None:
    await page.connect()
    (record,) = await page.open("self-test", records=1, payload_bytes=65_536).receive(1)
    assert len(json.loads(record)["text"]) == 65_536


async def test_records_of_the_page_come_back_as_they_were(page: Page) -> None:
    await page.connect()
    channel = page.open("self-test", records=0)
    await channel.answer()
    sent: list[str | bytes] = ["", "text", b"\0\1", '{"cut": false}', '{"cut": true', "é" * 9_000]
    for record in sent:
        await channel.send(record)
    assert await channel.receive(len(sent)) == sent


async def test_interval_spreads_the_records(page: Page) -> None:
    await page.connect()
    before_s = asyncio.get_running_loop().time()
    await page.open("self-test", records=5, interval_ms=20).receive(5)
    assert asyncio.get_running_loop().time() - before_s > 0.07


async def exchange(page: Page, channel: PageChannel, records: int, cuts: int) -> None:
    """Send numbered records with commands to cut between them, at the pace they come back."""
    for number in range(1, records + 1):
        await channel.send(json.dumps({"echo": number}))
        if number % (records // cuts) == 0:
            await channel.send('{"cut": true}')
            resumes = page.core.resumes
            while page.core.resumes == resumes:
                await page.change()


async def test_nothing_is_lost_doubled_or_reordered_over_cuts_from_the_server(page: Page) -> None:
    records, cuts = 1000, 20
    page.impatient = True
    await page.connect()
    channel = page.open("self-test", records=records)
    await channel.answer()
    sender = asyncio.create_task(exchange(page, channel, records, cuts))
    arrived = [json.loads(record) for record in await channel.receive(2 * records)]
    await sender
    numbers = [record["n"] for record in arrived if "n" in record]
    echoes = [record["echo"] for record in arrived if "echo" in record]
    assert numbers == echoes == list(range(1, records + 1))
    assert page.core.resumes == cuts
    assert page.replaced == 0


async def test_nothing_is_lost_doubled_or_reordered_over_resets_by_the_page(page: Page) -> None:
    records, cuts = 3000, 30
    page.impatient = True
    await page.connect()
    channel = page.open("self-test", records=records, payload_bytes=200)
    arrived: list[int] = []
    for _ in range(cuts):
        arrived += [json.loads(record)["n"] for record in await channel.receive(records // cuts)]
        page.cut()
    assert arrived == list(range(1, records + 1))
    channel.channel.close()
    assert (await channel.final()).kind == "closed"
    assert page.replaced == 0


async def test_test_that_the_page_abandons_stops_sending(page: Page, sessions: Any) -> None:
    await page.connect()
    channel = page.open("self-test", records=100_000, interval_ms=1)
    await channel.receive(3)
    channel.channel.close()
    await channel.final()
    await until(lambda: not sessions.runner.running)
