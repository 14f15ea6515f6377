"""The handlers of a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_ai_ws import __version__
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from jupyter_server.serverapp import ServerApp

    Fetch = Callable[..., Awaitable[Any]]

OFFER = {"Sec-WebSocket-Protocol": SUBPROTOCOL}


class DenyAll(Authorizer):
    """Allow nobody anything."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return False


@pytest.fixture
def deny_all(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["ServerApp"]["authorizer_class"] = DenyAll


async def refusal(request: Awaitable[Any]) -> int:
    """Return the status with which the server refuses a request."""
    with pytest.raises(HTTPClientError) as refused:
        await request
    return int(refused.value.code)


async def test_health_names_protocol_instance_and_version(jp_fetch: Fetch) -> None:
    first, second = [json.loads((await jp_fetch("jupyter-ai-ws", "health")).body) for _ in range(2)]
    assert first == second
    assert first.pop("instance")
    assert first == {"status": "ok", "protocols": [SUBPROTOCOL], "version": __version__}


async def test_health_refuses_without_credentials(jp_fetch: Fetch) -> None:
    request = jp_fetch("jupyter-ai-ws", "health", headers={"Authorization": ""})
    assert await refusal(request) == 403


@pytest.mark.usefixtures("deny_all")
async def test_health_refuses_when_the_authorizer_denies(jp_fetch: Fetch) -> None:
    assert await refusal(jp_fetch("jupyter-ai-ws", "health")) == 403


async def test_health_is_not_user_activity(jp_fetch: Fetch, jp_serverapp: ServerApp) -> None:
    last_activity: Callable[[], datetime] = jp_serverapp.web_app.last_activity
    before = last_activity()
    await jp_fetch("jupyter-ai-ws", "health")
    assert last_activity() == before


async def test_socket_takes_the_subprotocol(jp_ws_fetch: Fetch) -> None:
    socket = await jp_ws_fetch("jupyter-ai-ws", "ws", headers=OFFER)
    assert socket.selected_subprotocol == SUBPROTOCOL
    socket.close()


async def test_socket_refuses_without_credentials(jp_ws_fetch: Fetch) -> None:
    request = jp_ws_fetch("jupyter-ai-ws", "ws", headers={**OFFER, "Authorization": ""})
    assert await refusal(request) == 403


@pytest.mark.usefixtures("deny_all")
async def test_socket_refuses_when_the_authorizer_denies(jp_ws_fetch: Fetch) -> None:
    assert await refusal(jp_ws_fetch("jupyter-ai-ws", "ws", headers=OFFER)) == 403


async def test_page_config_tells_that_the_server_half_is_there(jp_serverapp: ServerApp) -> None:
    entry = jp_serverapp.web_app.settings["page_config_data"]["jupyterAiWs"]
    assert json.loads(entry) == {"protocols": [SUBPROTOCOL], "version": __version__}
