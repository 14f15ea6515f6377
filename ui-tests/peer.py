"""A server extension with one endpoint, once guarded and once not."""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketHandler


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "peer"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    serverapp.web_app.add_handlers(
        ".*",
        [
            (serverapp.base_url + r"peer/(?:guarded|native)/socket", Peer),
            (serverapp.base_url + r"peer/(?:guarded|native)/refuse/(\d+)", Refusing),
            (serverapp.base_url + r"peer/log", Log),
        ],
    )


class Peer(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Gives back what it gets, and obeys texts that begin with `do `."""

    connections = 0
    heard: ClassVar[list[str]] = []

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[-1] if subprotocols and "none" not in subprotocols else None

    def open(self) -> None:
        type(self).connections += 1
        self._stream: asyncio.Task[None] | None = None
        if self.get_argument("greet", ""):
            self.write_message("one")
            self.write_message("two")
        if self.get_argument("leave", ""):
            self.close(4000, "at once")

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.heard.append(message[:100])
        if isinstance(message, str) and message.startswith("do "):
            getattr(self, "do_" + message.split()[1])(*message.split()[2:])
        else:
            self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.heard.append(f"closed {self.close_code} {self.close_reason or ''}".strip())

    def do_close(self, code: str | None = None, reason: str | None = None) -> None:
        self.close(int(code) if code else None, reason)

    def do_burst(self, count: str) -> None:
        for number in range(int(count)):
            self.write_message(f"{number}")

    def do_burst_and_close(self, count: str) -> None:
        self.do_burst(count)
        self.close(4001, "done")

    def do_abort(self) -> None:
        self.ws_connection._abort()

    def do_fail(self) -> None:
        self.write_message(b"\xff")  # a text that is no UTF-8

    def do_send(self, size: str) -> None:
        self.write_message(b"x" * int(size), binary=True)

    def do_stream(self, count: str, interval_ms: str) -> None:
        self._stream = asyncio.ensure_future(self._write(int(count), int(interval_ms) / 1000))

    async def _write(self, count: int, interval_s: float) -> None:
        for number in range(count):
            await self.write_message(f"{number}")
            await asyncio.sleep(interval_s)


class Refusing(JupyterHandler):
    """Refuses the handshake."""

    def get(self, status: str) -> None:
        self.set_status(int(status))
        self.finish("no")


class Log(JupyterHandler):
    """Tells what the endpoint has seen."""

    def get(self) -> None:
        self.finish(json.dumps({"connections": Peer.connections, "heard": Peer.heard}))
