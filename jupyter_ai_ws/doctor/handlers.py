"""What the server tells the doctor, and the socket on which it says nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketHandler

from ..address import is_readable
from ..protocol.limits import CloseCode
from ..strict_handler import StrictHandler

if TYPE_CHECKING:
    from ..app import AiWsApp

__all__ = ["FactsHandler", "SilenceHandler", "doctor_routes"]

MAX_SILENCE_S: Final = 3600
"""The longest silence that may be asked for."""
MAX_SILENT_SOCKETS: Final = 16
"""Silent sockets at a time; one more is closed with 1013, *try again later*."""
MAX_MESSAGE_BYTES: Final = 128
"""The largest message that is read before the socket is closed."""
_TRAITS: Final = (
    "session_ttl_s",
    "memory_budget_bytes",
    "max_sessions_per_principal",
    "max_channels",
    "ping_interval_s",
)


def doctor_routes(app: AiWsApp) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """Return the addresses that the doctor asks.

    Args:
        app: The extension whose settings are told.
    """
    return [
        (r"/jupyter-ai-ws/doctor/facts", FactsHandler, {"app": app}),
        (r"/jupyter-ai-ws/doctor/silence", SilenceHandler, {"silent": set()}),
    ]


class FactsHandler(StrictHandler, APIHandler):
    """Tells settings that matter to connections, and how the server sees the request.

    It answers a JSON object with the traits of `AiWsApp` by their names and

    * `shutdown_no_activity_timeout_s`, 0: never;
    * `memory_limit_bytes`, that a spawner has set, 0: unknown;
    * `guards`, whether sockets of other extensions go through the session;
    * `hub`, whether a hub has started the server;
    * `host`, the `Host` header that arrived;
    * `origin_allowed`, whether a browser's WebSocket with the query's `origin` would be let in.
    """

    auth_resource = "jupyter_ai_ws"
    _track_activity = False

    def initialize(self, app: AiWsApp) -> None:
        """Take the extension."""
        self._app = app

    @web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Answer the facts."""
        facts = {name: getattr(self._app, name) for name in _TRAITS}
        facts["shutdown_no_activity_timeout_s"] = (
            self._app.serverapp.shutdown_no_activity_timeout if self._app.serverapp else 0
        )
        facts["memory_limit_bytes"] = _memory_limit_bytes()
        facts["guards"] = self._app.guards
        facts["hub"] = "JUPYTERHUB_API_URL" in os.environ
        facts["host"] = self.request.host
        facts["origin_allowed"] = self._is_origin_allowed()
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(facts))

    def _is_origin_allowed(self) -> bool:
        """Ask as for a socket that is let in by a cookie; a token would pass every origin."""
        origin = self.get_query_argument("origin", None)
        if not is_readable(origin or ""):
            return False
        self._as_browser = True
        try:
            return bool(WebSocketMixin.check_origin(self, origin))
        finally:
            self._as_browser = False

    def skip_check_origin(self) -> bool:
        """Tell whether the origin does not matter."""
        return not self._as_browser and bool(super().skip_check_origin())

    _as_browser = False


class SilenceHandler(StrictHandler, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A WebSocket on which the server says nothing, not even pings.

    What closes it before `seconds` (of the query, 1 to 3,600) have passed is a proxy with an idle
    time-out. When they have passed the server closes it with 1000.
    """

    auth_resource = "jupyter_ai_ws"

    def initialize(self, silent: set[SilenceHandler]) -> None:
        """Take the set of all that are open."""
        self._silent = silent
        self._timer: object | None = None
        self._gone = False

    @property
    def ping_interval(self) -> float:
        """Send no pings."""
        return 0.0

    @property
    def ping_timeout(self) -> float:
        """Wait for no pong."""
        return 0.0

    @property
    def max_message_size(self) -> int:
        """Take next to nothing in: nothing is to be said."""
        return MAX_MESSAGE_BYTES

    @ws_authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Upgrade to a WebSocket."""
        self._seconds = _seconds(self.get_query_argument("seconds", ""))
        await super().get(*args, **kwargs)

    def set_default_headers(self) -> None:
        """Set none: the headers of a page mean nothing on a socket."""

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin the silence. The mixin's `open` is left out: it would start a pinger."""
        if self._gone:
            return  # while it was authenticated; `on_close` comes no more
        if len(self._silent) >= MAX_SILENT_SOCKETS:
            self.close(CloseCode.TRY_LATER, "too many silent sockets")
            return
        self._silent.add(self)
        self._timer = IOLoop.current().call_later(
            self._seconds, self.close, CloseCode.NORMAL, "it is over"
        )

    def on_message(self, message: str | bytes) -> None:
        """Close: nothing is to be said here."""
        self.close(1008, "be silent")

    def on_close(self) -> None:
        """Let go of the timer."""
        self._gone = True
        self._silent.discard(self)
        if self._timer is not None:
            IOLoop.current().remove_timeout(self._timer)
            self._timer = None


def _memory_limit_bytes() -> int:
    """Return what JupyterHub's spawners tell in `MEM_LIMIT`."""
    text = os.environ.get("MEM_LIMIT", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _seconds(text: str) -> int:
    """Read how long the silence is to last.

    Raises:
        HTTPError: 400, it is not an integer from 1 to 3,600.
    """
    few = len(text) <= len(str(MAX_SILENCE_S))
    if few and text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_SILENCE_S:
        return int(text)
    raise web.HTTPError(400, f"seconds is an integer from 1 to {MAX_SILENCE_S}")
