"""Fixtures for tests against a real server."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from . import ports
from .page import Page
from .raw_socket import Clock, RawSocket
from .wire import Wire

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Iterator

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.app import AiWsApp
    from jupyter_ai_ws.services import ServiceRegistry
    from jupyter_ai_ws.sessions import SessionServer

    Connect = Callable[..., Awaitable[RawSocket]]
    ConnectWire = Callable[..., Awaitable[Wire]]


@pytest.fixture
def app(jp_serverapp: ServerApp) -> AiWsApp:
    """Return the extension of the server under test."""
    found: AiWsApp = jp_serverapp.extension_manager.extension_points["jupyter_ai_ws"].app
    return found


@pytest.fixture
def sessions(app: AiWsApp) -> SessionServer:
    """Return what the server under test holds."""
    assert app.sessions is not None
    return app.sessions


@pytest.fixture
def services(jp_serverapp: ServerApp) -> ServiceRegistry:
    """Return where services are registered."""
    registry: ServiceRegistry = jp_serverapp.web_app.settings["jupyter_ai_ws"]
    return registry


@pytest.fixture
def clock(sessions: SessionServer) -> Clock:
    """Put the sessions on a clock that only moves when told to."""
    sessions.clock = clock = Clock()
    return clock


@pytest.fixture
def pass_time(
    jp_asyncio_loop: AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> Callable[[float], None]:
    """Put the event loop on a clock that moves only when told to: its turns take no time."""
    now_s = 1000.0

    def pass_time(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    monkeypatch.setattr(jp_asyncio_loop, "time", lambda: now_s)
    return pass_time


@pytest.fixture
def connect(jp_ws_fetch: Any) -> Iterator[Connect]:
    """Return a function that opens a socket with a query; all of them are closed in the end."""
    opened: list[RawSocket] = []

    async def connect(
        *,
        headers: dict[str, str] | None = None,
        subprotocols: list[str] | None = None,
        **query: Any,
    ) -> RawSocket:
        offered = [SUBPROTOCOL] if subprotocols is None else subprotocols
        params = {"sid": secrets.token_hex(16), "received": 0, "serial": 1, **query}
        given = {name: value for name, value in params.items() if value is not None}
        connection = await jp_ws_fetch(
            "jupyter-ai-ws", "ws", headers=headers, params=given, subprotocols=offered
        )
        opened.append(RawSocket(connection, str(params["sid"])))
        return opened[-1]

    yield connect
    for socket in opened:
        socket.close()


@pytest.fixture
def connect_wire(
    http_server: Any, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]
) -> Iterator[ConnectWire]:
    """Return a function that opens a WebSocket by hand; all of them are aborted in the end."""
    opened: list[Wire] = []

    async def connect_wire(
        *,
        headers: dict[str, str] | None = None,
        receive_buffer_bytes: int | None = None,
        **query: str | int,
    ) -> Wire:
        wire = await Wire.connect(
            f"{jp_base_url}jupyter-ai-ws/ws",
            jp_http_port,
            headers={**jp_auth_header, **(headers or {})},
            receive_buffer_bytes=receive_buffer_bytes,
            **{"sid": secrets.token_hex(16), "received": 0, "serial": 1, **query},
        )
        opened.append(wire)
        return wire

    yield connect_wire
    for wire in opened:
        wire.close()


@pytest.fixture
def page(jp_ws_fetch: Any, jp_asyncio_loop: AbstractEventLoop) -> Iterator[Page]:
    """Return a page that connects and comes back by itself."""
    page = Page(jp_ws_fetch)
    yield page
    jp_asyncio_loop.run_until_complete(page.dispose())


@pytest.fixture
def unused_port() -> int:
    """Return a port on which nothing listens."""
    return ports.unused_port()
