"""A server that dies takes guarded sockets with it, and new ones open over the new session."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from ...page import Page
from ...real_server import RealServer
from ..stranger import PATH

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(120)  # two servers start, on a machine that may do much else
async def test_restart_ends_guarded_sockets_and_lets_new_ones_open(
    tmp_path: Path, unused_port: int
) -> None:
    paths = {PATH: "Stranger"}
    server = RealServer(
        tmp_path,
        unused_port,
        f"--AiWsApp.guarded_paths={paths}",
        extensions=("jupyter_ai_ws.tests.guard.stranger",),
    )
    page = Page(server.fetch)
    page.impatient = True
    try:
        await server.start()
        await page.connect()
        channel = page.open("guard", path=f"/{PATH}")
        await channel.send(json.dumps({"do": "emit", "count": 100_000}))
        await channel.receive(10)
        await server.end(signal.SIGKILL)
        await server.start()
        final = await channel.rest()
        assert (final.kind, final.code) == ("discontinuity", 1006)
        again = page.open("guard", path=f"/{PATH}")
        await again.send("again")
        assert await again.receive(1) == ["again"]
        await page.dispose()
        assert await server.end(signal.SIGTERM) == 0
    finally:
        await server.clean_up()
