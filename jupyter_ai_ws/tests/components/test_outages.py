"""A page whose line runs through something that idles out, restarts, blocks or goes dark."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.doctor.connection import ClientConnection
from jupyter_ai_ws.doctor.line import Line
from jupyter_ai_ws.doctor.target import Target

from .numbered import RECORDS, Stream
from .processes import TOKEN, jupyter_server, program
from .proxies import haproxy, nginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Run
    from .processes import Program


@pytest.fixture
def connect(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """Return a function that makes a page's connection; all of them are disposed in the end."""
    made: list[ClientConnection] = []

    async def connect(port: int) -> ClientConnection:
        made.append(ClientConnection(Line(Target("http", "127.0.0.1", port, "/", TOKEN))))
        await made[-1].connect()
        return made[-1]

    yield connect
    for connection in made:
        jp_asyncio_loop.run_until_complete(connection.dispose())


@pytest.mark.parametrize("make", [nginx, haproxy])
async def test_restart_of_the_proxy_costs_no_record_and_no_session(
    make: type, tmp_path: Path, backend: Program, run: Run, connect: Any
) -> None:
    proxy = run(make(tmp_path, backend.port))
    connection = await connect(proxy.port)
    stream = Stream(connection)
    await stream.arrive(200)
    proxy.stop()
    while connection.core.status.state == "connected":
        await connection.change()
    proxy.start()
    await stream.rest()
    assert (connection.core.resumes, connection.replaced) == (1, 0)


async def test_haproxys_idle_time_out_is_learned_after_two_cuts(
    tmp_path: Path, backend: Program, run: Run, connect: Any
) -> None:
    """L7: the page finds out how long a proxy lets a connection be silent."""
    proxy = run(haproxy(tmp_path, backend.port, "timeout tunnel 3s"))
    connection = await connect(proxy.port)
    core = connection.core
    while core.proxy.silence_limit_ms is None or core.status.state != "connected":
        await connection.change()
    assert core.resumes >= 2
    assert core.proxy.silence_limit_ms == pytest.approx(3_000, abs=900)
    # Never below 2 s, and what was measured may be less than 3 s.
    assert core.liveness.heartbeat_interval_ms == max(2_000, core.proxy.silence_limit_ms * 2 / 3)
    resumes = core.resumes
    # Longer than the time-out, and nothing but heartbeats is sent.
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(connection.change(), 5)
    assert (core.resumes, connection.replaced) == (resumes, 0)


async def test_server_whose_loop_is_blocked_is_left_and_resumed_and_loses_nothing(
    tmp_path: Path, run: Run, connect: Any
) -> None:
    (tmp_path / "blocking.py").write_text(_BLOCKING)
    server = jupyter_server(
        tmp_path,
        extensions={"jupyter_ai_ws": True, "blocking": True},
        PYTHONPATH=str(tmp_path),
    )
    run(server)
    connection = await connect(server.port)
    connection.core.options.heartbeat_interval_ms = 500
    stream = Stream(connection)
    await stream.arrive(200)
    line = Line(Target("http", "127.0.0.1", server.port, "/", TOKEN))
    blocked = asyncio.ensure_future(line.fetch("block", 30))
    await connection.until("connecting")
    assert not blocked.done()
    (tmp_path / "enough").touch()
    await stream.rest()
    assert (await blocked).status == 200
    assert (connection.core.resumes, connection.replaced) == (1, 0)


async def test_link_that_is_taken_down_and_up_again_costs_no_record_and_no_session(
    tmp_path: Path,
) -> None:
    """In a network of its own, in which an ordinary user is root."""
    process = await asyncio.create_subprocess_exec(
        *(program("unshare"), "--user", "--map-root-user", "--net"),
        *(sys.executable, "-m", "jupyter_ai_ws.tests.components.link", str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, f"no network of its own, or worse:\n{errors.decode()}"
    found = json.loads(output)
    assert found["arrived"] == RECORDS
    assert (found["resumes"], found["replaced"]) == (1, 0)
    # L2, L3: half a second until the heartbeat, three until its answer is overdue.
    assert 3 < found["found_s"] < 9


_BLOCKING = """
import os, time
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

class Block(JupyterHandler):
    @web.authenticated
    def get(self):
        enough = os.path.join(os.environ["HOME"], "enough")
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s and not os.path.exists(enough):
            time.sleep(0.02)

def _jupyter_server_extension_points():
    return [{"module": "blocking"}]

def _load_jupyter_server_extension(app):
    app.web_app.add_handlers(".*", [("/block", Block)])
"""
