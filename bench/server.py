"""A Jupyter server extension with what is measured: the same streams with and without a session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import url_path_join
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_ai_ws.services import service_registry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.services.channel import ServerChannel


async def stream(send: Callable[[str], Awaitable[Any]], parameters: dict[str, Any]) -> None:
    """Send records of one size, so many in each turn of the event loop.

    Args:
        send: Sends one; what it returns is awaited only where that is how it is used.
        parameters: `records`, `payload_bytes`, `per_turn` and `interval_ms` between turns.
    """
    per_turn = parameters["per_turn"]
    pause_s = parameters["interval_ms"] / 1000
    for number in range(parameters["records"]):
        await send(f"{number} ".ljust(parameters["payload_bytes"], "x"))
        if number % per_turn == per_turn - 1:
            await asyncio.sleep(pause_s)


async def stream_service(channel: ServerChannel) -> None:
    """Stream through a session, then wait for the page."""
    await channel.accept()
    await stream(channel.send, channel.parameters)
    await channel.wait_closed()


class RawHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The same handler without a session: streams, and sends back what comes."""

    @property
    def ping_interval(self) -> float:
        """Seconds between WebSocket pings, as in the handler with a session."""
        return 15.0

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Upgrade to a WebSocket."""
        await super().get(*args, **kwargs)

    def get_compression_options(self) -> dict[str, Any] | None:
        """Leave `permessage-deflate` off."""
        return None

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin the stream that is asked for."""
        self.set_nodelay(True)
        names = ("records", "payload_bytes", "per_turn", "interval_ms")
        parameters = {name: float(self.get_argument(name, "0")) for name in names}
        parameters.update({name: int(parameters[name]) for name in names[:3]})
        if parameters["records"]:
            self._task = asyncio.create_task(self._stream(parameters))

    def on_message(self, message: str | bytes) -> None:
        """Send it back."""
        self.write_message(message, binary=isinstance(message, bytes))

    async def _stream(self, parameters: dict[str, Any]) -> None:
        async def send(record: str) -> None:
            self.write_message(record)

        try:
            await stream(send, parameters)
        except WebSocketClosedError:
            return


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bench.server"}]


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    service_registry(serverapp).register("bench:stream", stream_service)
    url = url_path_join(serverapp.base_url, "bench", "raw")
    serverapp.web_app.add_handlers(".*$", [(url, RawHandler)])
