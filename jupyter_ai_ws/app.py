"""The server extension application."""

from __future__ import annotations

import json
import secrets

from jupyter_server.extension.application import ExtensionApp

from ._version import __version__
from .handlers import SUBPROTOCOL, HealthHandler, WsHandler


class AiWsApp(ExtensionApp):
    """Serve the AI connection of every page."""

    name = "jupyter_ai_ws"
    description = "One AI connection per page that never loses a token."

    def initialize_settings(self) -> None:
        """Draw this process's id and tell the page that the server half is there."""
        self.settings["jupyter_ai_ws_instance"] = secrets.token_hex(8)
        page_config = self.settings.setdefault("page_config_data", {})
        page_config["jupyterAiWs"] = json.dumps({"protocol": SUBPROTOCOL, "version": __version__})

    def initialize_handlers(self) -> None:
        """Register the probe and the socket."""
        self.handlers.extend(
            [
                (r"/jupyter-ai-ws/health", HealthHandler),
                (r"/jupyter-ai-ws/ws", WsHandler),
            ]
        )
