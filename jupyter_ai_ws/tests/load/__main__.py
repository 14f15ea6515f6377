"""The scenarios in full: `python -m jupyter_ai_ws.tests.load`."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..security.target import Target
from .crowd import crowd, raise_file_limit
from .scenarios import beyond_the_limit, exhaust, slope_bytes, stream
from .stalled import stall

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

EXTENSIONS = ("jupyter_ai_ws", "jupyter_ai_ws.tests.load.plain")
IDLE_SESSIONS = 3_000
STREAMING_SESSIONS = 300
PARKED_SESSIONS = 990
IDLE_S = 120

Row = tuple[str, str, str]
"""What, the figure asked for, the figure reached."""


async def idle_memory(serve: Callable[..., Target]) -> list[Row]:
    """Measure the slope with and without a session, each on a fresh server."""
    options = f"--AiWsApp.max_sessions_per_principal={2 * IDLE_SESSIONS}"
    cost_bytes = []
    for session in (False, True):
        target = serve(options)
        cost_bytes.append(await slope_bytes(target, IDLE_SESSIONS, session=session))
        target.stop()
    without, with_session = cost_bytes
    told = f"{with_session - without:,.0f} B ({with_session:,.0f} B - {without:,.0f} B)"
    return [(f"memory per idle session, slope over {IDLE_SESSIONS:,}", "<= 4,096 B", told)]


async def streaming(serve: Callable[..., Target]) -> list[Row]:
    """Stream to many pages, ten records a second each."""
    streamed = await stream(serve(), STREAMING_SESSIONS, records=300, interval_ms=100)
    told = (
        f"{streamed.records_per_s:,.0f} records/s, longest gap {streamed.longest_gap_s:.2f} s, "
        f"{streamed.cpu_share:.0%} of a core"
    )
    return [(f"{STREAMING_SESSIONS} sessions, 10 records/s each", "none missing", told)]


async def stalled(serve: Callable[..., Target]) -> list[Row]:
    """Stall a reader for 60 s at 500 records/s of 1,000 bytes."""
    measured = await stall(serve(), stall_s=60, records=30_000, interval_ms=2, payload_bytes=1000)
    told = (
        f"server held {measured.most_server_bytes / 1e6:.1f} MB at most, page "
        f"{measured.most_page_bytes / 1e6:.1f} MB; other channel "
        f"{measured.other_records:,} records, longest gap {measured.other_longest_gap_s:.2f} s; "
        f"{measured.records:,} complete"
    )
    return [("reader stalled 60 s at 500 records/s", "<= cap, complete", told)]


async def exhaustion(serve: Callable[..., Target]) -> list[Row]:
    """Use up the budget of 64 MiB with parked sessions."""
    target = serve("--AiWsApp.memory_budget_bytes=67108864")
    evicted = await exhaust(target, PARKED_SESSIONS)
    right = evicted.ended == list(range(len(evicted.ended))) and evicted.attached_streamed_on
    told = (
        f"{len(evicted.ended)} ended, {len(evicted.kept)} kept, {'as asked' if right else 'WRONG'}"
    )
    what = f"budget used up by {PARKED_SESSIONS} parked sessions"
    return [(what, "oldest end, others go on", told)]


async def limit(serve: Callable[..., Target]) -> list[Row]:
    """Open 1,000 sessions of one user and one more."""
    code, stayed = await beyond_the_limit(serve(), 1_000)
    told = f"{code}, {'others stayed' if stayed else 'others were HARMED'}"
    return [("1,001st session of a user", "4429, others stay", told)]


async def idle_cpu(serve: Callable[..., Target]) -> list[Row]:
    """Measure the processor time of a server with one page, and with none."""
    shares = []
    for count in (0, 1):
        target = serve()
        pages = await crowd(target, count)
        await asyncio.sleep(5)
        began_s, cpu_s = time.monotonic(), target.cpu_s
        await asyncio.sleep(IDLE_S)
        shares.append((target.cpu_s - cpu_s) / (time.monotonic() - began_s))
        for page in pages:
            await page.leave()
        target.stop()
    told = f"{shares[1]:.3%} ({shares[0]:.3%} without a page)"
    return [(f"processor, one idle page, {IDLE_S} s", "<= 0.1 %", told)]


SCENARIOS: dict[str, Callable[[Callable[..., Target]], Coroutine[Any, Any, list[Row]]]] = {
    "idle-memory": idle_memory,
    "streaming": streaming,
    "stalled": stalled,
    "exhaustion": exhaustion,
    "limit": limit,
    "idle-cpu": idle_cpu,
}


def run(name: str) -> list[Row]:
    """Run a scenario with servers of its own."""
    servers: list[Target] = []

    def serve(*arguments: str) -> Target:
        directory = Path(tempfile.mkdtemp(dir=scratch))
        servers.append(Target(directory, *arguments, extensions=EXTENSIONS))
        servers[-1].wait_until_it_listens()
        return servers[-1]

    with tempfile.TemporaryDirectory() as scratch:
        try:
            return asyncio.run(SCENARIOS[name](serve))
        finally:
            for server in servers:
                server.stop()


def main() -> None:
    """Run what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[*SCENARIOS, []], help="default: all")
    chosen = parser.parse_args().scenario or list(SCENARIOS)
    raise_file_limit()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"{time.strftime('%Y-%m-%d')}, {machine}\n")
    print("| what | asked | reached |\n| --- | --- | --- |")
    for name in chosen:
        for row in run(name):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
