"""What the server's event log is told, and that it harms nobody."""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_events import yaml

from jupyter_ai_ws import app as app_module
from jupyter_ai_ws.events import EVENTS, schema_id
from jupyter_ai_ws.protocol.frames import Bye

from .raw_socket import until, welcomed
from .test_limits import set_budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect
    from .raw_socket import Clock


class Heard(list[tuple[str, dict[str, Any]]]):
    """Events of this package, by a listener as an extension would add it."""

    def __init__(self, serverapp: ServerApp) -> None:
        super().__init__()
        assert serverapp.event_logger is not None
        for event in EVENTS:
            serverapp.event_logger.add_listener(schema_id=schema_id(event), listener=self._listen)

    async def _listen(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        self.append((schema_id.split("/")[-2], data))

    async def next(self) -> tuple[str, dict[str, Any]]:
        await until(lambda: self)
        return self.pop(0)


@pytest.fixture
def heard(jp_serverapp: ServerApp) -> Heard:
    return Heard(jp_serverapp)


async def test_life_of_a_session_is_told(
    connect: Connect, sessions: SessionServer, clock: Clock, heard: Heard
) -> None:
    socket, welcome = await welcomed(connect)
    session = socket.sid[:8]
    assert await heard.next() == ("connect", {"session": session, "sessions": 1})
    socket.open(1, "echo")
    await socket.units(1)
    socket.send("1\x1ea")
    await socket.units(1)
    clock.advance(60)
    socket.abort()
    assert await heard.next() == (
        "park",
        {
            "session": session,
            "cause": "broken",
            "code": 1006,
            "attached_s": 60.0,
            "silent_s": 60.0,
            "channels": 1,
        },
    )
    clock.advance(7.5)
    again = await connect(sid=socket.sid, epoch=welcome.epoch, received=1, serial=2)
    await again.welcome()
    assert await heard.next() == (
        "resume",
        {"session": session, "resumes": 1, "parked_s": 7.5, "replayed_units": 1, "channels": 1},
    )
    again.send(Bye())
    name, data = await heard.next()
    assert (name, data["cause"], data["code"], data["attached_s"]) == ("park", "bye", 1000, 0)
    clock.advance(10)
    sessions.tick()
    assert await heard.next() == (
        "expire",
        {"session": session, "cause": "bye", "parked_s": 10.0, "resumes": 1},
    )
    assert not heard


@pytest.mark.parametrize("attached", [True, False])
async def test_eviction_says_whether_the_page_was_there(
    connect: Connect, sessions: SessionServer, heard: Heard, attached: bool
) -> None:
    socket, _ = await welcomed(connect)
    socket.open(1, "self-test", records=100)
    await socket.units(1)
    assert (await heard.next())[0] == "connect"
    if not attached:
        socket.abort()
        assert (await heard.next())[0] == "park"
    set_budget(sessions, 0)
    assert await heard.next() == (
        "evict",
        {
            "session": socket.sid[:8],
            "attached": attached,
            "memory_bytes": 0,
            "memory_budget_bytes": 0,
            "resumes": 0,
        },
    )


async def test_page_that_breaks_a_rule_ends_its_session(connect: Connect, heard: Heard) -> None:
    socket, _ = await welcomed(connect)
    await heard.next()
    socket.send("garbage")
    assert await heard.next() == (
        "end",
        {"session": socket.sid[:8], "cause": "protocol_error", "code": 4400, "resumes": 0},
    )


@pytest.mark.parametrize("event", EVENTS)
def test_schema_describes_every_field_and_allows_no_other(event: str) -> None:
    text = (files("jupyter_ai_ws") / "event_schemas" / f"{event}.yaml").read_text("utf-8")
    schema = yaml.loads(text)
    assert schema["$id"] == schema_id(event)
    assert schema["additionalProperties"] is False
    assert schema["personal-data"] is False
    assert schema["required"] == list(schema["properties"])
    assert all(field["description"] for field in schema["properties"].values())


@pytest.fixture
def event_log(jp_server_config: dict[str, Any]) -> StringIO:
    stream = StringIO()
    jp_server_config["EventLogger"] = {"handlers": [logging.StreamHandler(stream)]}
    return stream


async def test_events_reach_a_configured_handler_without_token_or_whole_id(
    event_log: StringIO, connect: Connect, jp_serverapp: ServerApp
) -> None:
    socket, welcome = await welcomed(connect)
    event = json.loads(event_log.getvalue())
    assert event["__schema__"] == schema_id("connect")
    assert event["session"] == socket.sid[:8]
    for secret in (socket.sid, welcome.epoch, jp_serverapp.identity_provider.token):
        assert secret
        assert secret not in event_log.getvalue()


class Full(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("no space left on device")


@pytest.fixture
def full_disk(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["EventLogger"] = {"handlers": [Full()]}


@pytest.mark.usefixtures("full_disk")
async def test_event_log_that_cannot_be_written_harms_nobody(
    connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        socket, _ = await welcomed(connect)
        socket.open(1, "echo")
        await socket.units(1)
        socket.send("garbage")
        assert (await socket.closed())[0] == 4400
    assert capsys.readouterr().err.count("OSError: no space left") <= 1


class NoEvents:
    def __init__(self, *_: Any) -> None:
        raise RuntimeError("a bug")


async def test_server_without_an_event_log_has_sessions_all_the_same(
    connect: Connect, sessions: SessionServer, heard: Heard
) -> None:
    await welcomed(connect)
    assert (await heard.next())[0] == "connect"
    assert sessions.acceptor.sessions


def test_event_logger_that_takes_no_schema_harms_nobody(
    jp_configurable_serverapp: Callable[..., ServerApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "SessionEvents", NoEvents)
    serverapp = jp_configurable_serverapp()
    assert "jupyterAiWs" in serverapp.web_app.settings["page_config_data"]
