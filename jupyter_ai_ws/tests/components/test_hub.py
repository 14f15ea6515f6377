"""A page behind JupyterHub and configurable-http-proxy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.doctor.connection import ClientConnection
from jupyter_ai_ws.doctor.line import Line
from jupyter_ai_ws.doctor.target import parse_target
from jupyter_ai_ws.tests.doctor.command import doctor

from .examined import examined_target, first_failed
from .guarded import Way, told_natively, told_through_the_guard
from .hub import USER, Hub, Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(240)
"""A hub and its servers take a while to start on a machine that does much else."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Return a running hub."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def person(hub: Hub) -> Person:
    """Return someone who has logged in and whose server runs."""
    person = Person(hub)
    person.log_in()
    person.start_server()
    return person


@pytest.fixture(scope="module")
def token(person: Person) -> str:
    """Return a token of that person."""
    return person.make_token()


async def test_doctor_passes_through_a_hub_and_names_nobody(
    hub: Hub, token: str, tmp_path: Path
) -> None:
    run = await doctor(
        tmp_path,
        *("--json", "--records=200", "--cuts=3", "--seed=22", "--idle-timeout-probe=2"),
        f"{hub.address}?token={token}",
    )
    assert run.status == 0, run.output
    assert run.checks["streaming"]["figures"]["arrived"] == 400
    assert run.report["address"] == f"http://127.0.0.1:{hub.port}/user/…/"
    for said in (run.output, run.errors):
        assert USER not in said
        assert token not in said


@pytest.mark.parametrize("wrong", [None, "wrong"])
async def test_doctor_says_which_credentials_a_hub_wants(
    wrong: str | None, hub: Hub, person: Person
) -> None:
    target = parse_target(f"{hub.address}?token={wrong or ''}")
    name, result = first_failed(await examined_target(target))
    assert name == "authentication"
    assert result.figures["token"] is (wrong is not None)
    assert any("Hub Control Panel → Token" in step for step in result.advice)


async def test_guarded_handler_sees_the_person_that_the_hub_knows(hub: Hub, person: Person) -> None:
    address = f"http://127.0.0.1:{hub.port}/user/{USER}"
    way = Way(address, Cookie=await asyncio.to_thread(person.visit))
    told = await told_through_the_guard(way)
    native = await told_natively(way)
    assert told["user"] == native["user"] == USER
    assert told["from"] == native["from"]
    assert f"insecure request GET {way.path}" not in hub.log


async def test_page_learns_that_the_hub_stopped_its_server_and_goes_on_when_it_is_back(
    hub: Hub, person: Person, token: str
) -> None:
    target = parse_target(f"{hub.address}?token={token}")
    connection = ClientConnection(Line(target))
    await connection.connect()
    channel = connection.open("echo")
    await channel.accepted_with()
    person.stop_server()
    while connection.core.status.question != "permanent":
        await connection.change()
    assert connection.core.status.cause == "stopped"
    name, result = first_failed(await examined_target(target))
    assert name == "server"
    assert result.figures["status"] == 424
    await asyncio.to_thread(person.start_server)
    connection.reconnect()
    while connection.replaced == 0:
        await connection.change()
    assert channel.final is not None
    assert channel.final.kind == "discontinuity"
    await connection.until("connected")
    echo = connection.open("echo")
    await echo.send("again")
    assert await echo.receive() == "again"
    await connection.dispose()


def last_activity(hub: Hub) -> str:
    """Return when the proxy last saw the person's server in use: what cullers go by."""
    route: str = hub.routes()[f"/user/{USER}"]["last_activity"]
    return route


async def test_page_in_use_counts_as_activity_for_culling_and_a_sleeping_one_does_not(
    hub: Hub, person: Person, token: str
) -> None:
    line = Line(parse_target(f"{hub.address}?token={token}"))
    connection = ClientConnection(line)
    connection.core.options.heartbeat_interval_ms = 100
    await connection.connect()
    on_the_server = await line.fetch("api/status")
    before = last_activity(hub)
    while last_activity(hub) <= before:  # noqa: ASYNC110 the proxy tells nobody
        await asyncio.sleep(0.05)
    assert (await line.fetch("api/status")).body == on_the_server.body
    connection.core.options.sleep_after_ms = 1
    connection._run(connection.core.hid)
    await connection.until("sleeping")
    # Its close is the last that the proxy sees of it.
    while connection._tasks:
        await asyncio.wait(connection._tasks)
    asleep = last_activity(hub)
    # Nothing is planned and nothing is open, so nothing comes, however long it sleeps.
    assert connection._timer is None
    assert not connection._sockets
    assert last_activity(hub) == asleep
    await connection.dispose()
