"""The guard through a real server, a real session and handlers of strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from ..page import Page


class Stranger(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """What another extension has."""

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await super().get(*args, **kwargs)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[-1] if subprotocols else None

    def on_message(self, message: str | bytes) -> None:
        if message == "close":
            self.close(4321, "as asked")
        else:
            self.write_message(message, binary=isinstance(message, bytes))


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    paths = {"stranger/ws": "Stranger", "stranger/missing": "Missing"}
    return {**jp_server_config, "AiWsApp": {"guarded_paths": paths}}


@pytest.fixture
def stranger(jp_serverapp: ServerApp) -> str:
    path = f"{jp_serverapp.base_url}stranger/ws"
    jp_serverapp.web_app.add_handlers(".*$", [(path, Stranger)])  # type: ignore[no-untyped-call]
    return path


async def test_carries_both_types_and_the_close_of_a_stranger(page: Page, stranger: str) -> None:
    await page.connect()
    channel = page.open("guard", path=stranger + "?x=1", protocols=["a", "b"])
    assert await channel.answer() == {"protocol": "b"}
    for record in ("grüß dich", b"\x00\xff", "x" * 100_000):
        await channel.send(record)
        assert await channel.receive(1) == [record]
    await channel.send("close")
    final = await channel.final()
    assert (final.kind, final.code, final.reason) == ("closed", 4321, "as asked")


async def test_tells_the_status_with_which_a_peer_refuses(
    page: Page, jp_serverapp: ServerApp
) -> None:
    await page.connect()
    channel = page.open("guard", path=f"{jp_serverapp.base_url}stranger/missing", protocols=[])
    final = await channel.final()
    assert (final.kind, final.code, final.reason) == ("refused", 4001, "HTTP 404")


async def test_refuses_what_is_not_on_the_list(page: Page, jp_serverapp: ServerApp) -> None:
    await page.connect()
    channel = page.open("guard", path=f"{jp_serverapp.base_url}api/kernels/x/channels")
    final = await channel.final()
    assert (final.kind, final.code) == ("refused", 4403)
