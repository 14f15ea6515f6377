"""HTTP and WebSocket handlers: thin shells over the session server."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketHandler

from ._version import __version__

SUBPROTOCOL = "v1.jupyter-ai-ws"
"""The subprotocol a page has to offer."""

PING_INTERVAL_S = 15.0
"""Seconds between protocol pings: they hold idle proxies open when a hidden tab's timers sleep."""


class HealthHandler(APIHandler):
    """Say whether the server half is there, so that a page can tell causes of failure apart."""

    auth_resource = "jupyter_ai_ws"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the probe."""
        answer = {
            "status": "ok",
            "protocols": [SUBPROTOCOL],
            "instance": self.settings["jupyter_ai_ws_instance"],
            "version": __version__,
        }
        self.finish(json.dumps(answer))


class WsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Carry the AI connection of one page.

    The order of the bases matters: with it a request without credentials gets a 403 instead
    of a redirect to the login page, and `allow_origin` is honoured.
    """

    auth_resource = "jupyter_ai_ws"

    @property
    def ping_interval(self) -> float:
        """Seconds between protocol pings; the mixin's own value would be in milliseconds."""
        return PING_INTERVAL_S

    @property
    def ping_timeout(self) -> None:
        """No protocol time-out: the page alone judges whether the line is alive."""
        return

    @ws_authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Upgrade to a WebSocket."""
        await super().get(*args, **kwargs)

    def set_default_headers(self) -> None:
        """Set none: the headers of a page mean nothing on a socket."""

    def get_compression_options(self) -> dict[str, Any] | None:
        """Leave `permessage-deflate` off."""
        return None

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Accept the one version this server speaks."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def open(self, *args: str, **kwargs: str) -> None:
        """Get small frames out at once.

        The mixin's `open` is left out on purpose: it would start a second pinger.
        """
        self.set_nodelay(True)

    def on_message(self, message: str | bytes) -> None:
        """Ignore what comes: there is no session yet."""
