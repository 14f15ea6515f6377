"""A server extension with the same handler, but without a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.utils import url_path_join

from jupyter_ai_ws.handlers import WsHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PLAIN_PATH = "/plain/ws"


class PlainHandler(WsHandler):
    """Takes a socket and attaches it to nothing."""

    def _attach(self) -> None:
        self.write_frames(['{"type":"none"}'])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(serverapp: ServerApp) -> None:
    app = serverapp.extension_manager.extension_points["jupyter_ai_ws"].app
    path = url_path_join(serverapp.base_url, PLAIN_PATH)
    arguments = {"sessions": app.sessions}
    web_app: Any = serverapp.web_app
    web_app.add_handlers(".*$", [(path, PlainHandler, arguments)])
