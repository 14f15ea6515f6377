"""A WebSocket handler as other extensions have, and a server that has it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.call_context import CallContext
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PATH = "stranger/ws"


class Stranger(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Echoes, and does what a JSON object tells it."""

    def initialize(self) -> None:
        self.settings.setdefault("strangers", []).append(self)
        self.written = 0
        self.read = 0
        self.failed = False
        self.gate = asyncio.Event()
        self.closed = asyncio.Event()

    async def prepare(self) -> None:  # type: ignore[override]
        if status := self.get_argument("refuse", None):
            raise HTTPError(int(status))
        login = self.settings.get("stranger_login")
        if login is not None and self.get_cookie("login") != login:
            raise HTTPError(403)
        await super().prepare()

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await super().get(*args, **kwargs)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[-1] if subprotocols else None

    def open(self, *args: str, **kwargs: str) -> Any:
        if code := self.get_argument("leave", None):
            self.close(int(code) or None, "leave" if int(code) else None)
        return super().open(*args, **kwargs)

    def on_message(self, message: str | bytes) -> Any:
        self.read += 1
        self.last = message
        if isinstance(message, str) and message.startswith("{"):
            order = json.loads(message)
            return getattr(self, order.pop("do"))(**order)
        return self.write_message(message, binary=isinstance(message, bytes)) and None

    def on_close(self) -> None:
        self.closed.set()

    # -- Orders --------------------------------------------------------------------------

    def end(self, code: int | None = None, reason: str | None = None) -> None:
        self.close(code, reason)

    def cut(self) -> None:
        self.ws_connection.stream.close()  # type: ignore[union-attr]

    async def hang(self) -> None:
        await self.gate.wait()

    def emit(self, count: int, size: int = 10, patient: bool = True) -> None:
        self.task = asyncio.ensure_future(self._emit(count, size, patient))

    async def recite(self, count: int, size: int) -> None:
        """Read nothing before all is written."""
        await self._emit(count, size, patient=True)

    def tell(self) -> None:
        request = self.request
        told = {
            "own_context": CallContext.get(CallContext.JUPYTER_HANDLER) is self,
            "headers": sorted(request.headers),
            "agent": request.headers.get("User-Agent"),
            "cookie": request.headers.get("Cookie"),
            "user": self.current_user.username,
            "from": [request.remote_ip, request.protocol, request.host],
            "query": request.query,
        }
        self.write_message(told)

    async def _emit(self, count: int, size: int, patient: bool) -> None:
        try:
            for number in range(count):
                written = self.write_message(str(number).ljust(size, "x"))
                if patient:
                    await written
                self.written += 1
        except WebSocketClosedError:
            self.failed = True


def add_stranger(serverapp: ServerApp) -> str:
    """Install the handler and return its path."""
    path = f"{serverapp.base_url}{PATH}"
    serverapp.web_app.add_handlers(".*$", [(path, Stranger)])  # type: ignore[no-untyped-call]
    return path


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    add_stranger(serverapp)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_ai_ws.tests.guard.stranger"}]
