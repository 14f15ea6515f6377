"""The server extension application."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from tornado.routing import Rule

from ._version import __version__
from .bounded import BoundedFloat, BoundedInt, SafeBool
from .bounded_path import BoundedPath
from .doctor.handlers import doctor_routes
from .events import SessionEvents
from .guard.configuration import GuardedPaths, merged_paths, paths_of_packages
from .guard.paths import PathList
from .guard.self_test import GuardBrokenError, self_test
from .guard.service import GUARD, GuardService
from .handlers import HealthHandler, WsHandler
from .login import LoginHandler
from .metrics import COLLECTOR
from .protocol.acceptor import AcceptorOptions
from .protocol.limits import SUBPROTOCOL
from .services import service_registry
from .services.built_in import register_built_in
from .services.registry import SETTING, ServiceRegistry
from .session_metrics import SessionMetrics
from .sessions import SessionServer

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["AiWsApp"]

ACTIVITY: Final = "jupyter_ai_ws_last_activity"
"""jupyter_server takes each setting with such an end for the time of an activity."""
_MIB: Final = 1024 * 1024


class AiWsApp(ExtensionApp):
    """Serves the AI connection of every page."""

    name = "jupyter_ai_ws"
    description = "One AI connection per page that never loses a token."

    session_ttl_s = BoundedFloat(
        12 * 3600.0,
        least=60.0,
        most=30 * 24 * 3600.0,
        config=True,
        help="""
        How many seconds the session of a page is kept while the page is away.
        A page that comes back in time goes on where it was, with everything that was sent
        meanwhile; one that comes later starts afresh. The default of 12 hours is for a lid
        closed overnight. From 60 seconds to 30 days.
        """,
    )
    memory_budget_bytes = BoundedInt(
        256 * _MIB,
        least=_MIB,
        most=1024 * 1024 * _MIB,
        config=True,
        help="""
        How many bytes the sessions of all pages may hold together: what was sent and is not
        acknowledged yet, what waits to be sent, and what a service has not taken yet.
        Over it the session whose page has been away longest ends first, then the largest one.
        Its page is told. From 1 MiB to 1 TiB.
        """,
    )
    max_sessions_per_principal = BoundedInt(
        1000,
        least=1,
        most=1_000_000,
        config=True,
        help="""
        How many sessions one user may have at once. Each open page has one, and each page that
        is away keeps its own until `session_ttl_s` is over. A page beyond the limit is told
        that there are too many and tries again. From 1 to 1,000,000.
        """,
    )
    max_channels = BoundedInt(
        256,
        least=1,
        most=65_536,
        config=True,
        help="""
        How many channels may be open in one session at once. Each conversation of a page with a
        service takes one. A channel beyond the limit is refused; the others go on.
        From 1 to 65,536.
        """,
    )
    ping_interval_s = BoundedFloat(
        15.0,
        least=1.0,
        most=30.0,
        config=True,
        help="""
        How many seconds lie between two WebSocket pings of the server. They keep proxies from
        closing a connection on which nothing happens, also while the page is hidden and its
        timers sleep. Choose less than half of the shortest idle time-out on the way.
        From 1 to 30 seconds.
        """,
    )

    guard_enabled = SafeBool(
        True,
        config=True,
        help="""
        Whether the endpoints of `guarded_paths` are reached through the session, so that their
        conversations survive a cut. If not, pages open a socket of its own for each of them.
        Nothing else changes.
        """,
    )
    guarded_paths = GuardedPaths(
        config=True,
        help="""
        WebSocket endpoints of other extensions to guard, beside those known to this package and
        those that extensions name in a file of their own: what people call the extension, by the
        path below the base URL. A path that ends in a slash stands for everything below it. With
        `None` instead of a name a path is taken off the list.
        """,
    )

    sessions: SessionServer | None = None
    _guarded: PathList | None = None
    _metrics: SessionMetrics | None = None

    def initialize(self, argv: Any = None) -> None:
        """Load the extension; if that fails leave the server as if it were not installed."""
        try:
            super().initialize()  # type: ignore[no-untyped-call]
            self._publish()
        except Exception:
            self.log.warning("The AI connection is not available.", exc_info=True)

    def initialize_settings(self) -> None:
        """Make the sessions, and keep the registry of services where others find it."""
        if self.serverapp is None:
            raise RuntimeError("no server to extend")
        registry = service_registry(self.serverapp)
        register_built_in(registry)
        # The base class puts the application itself under its name.
        self.settings[SETTING] = registry
        options = AcceptorOptions(
            session_ttl_ms=self.session_ttl_s * 1000,
            memory_budget_bytes=self.memory_budget_bytes,
            max_sessions_per_principal=self.max_sessions_per_principal,
            max_channels=self.max_channels,
            limits={
                "max_channels": self.max_channels,
                "session_ttl_s": round(self.session_ttl_s),
            },
        )
        self.sessions = SessionServer(
            options,
            registry,
            self.log,
            ping_interval_s=self.ping_interval_s,
            used=self._note_activity,
        )
        self._observe(self.sessions, self.serverapp)

        self._begin_guard(registry)

    def initialize_handlers(self) -> None:
        """Register the probe, the page behind the login, the socket, and what the doctor asks."""
        if self.serverapp is None:
            raise RuntimeError("no server to extend")
        arguments = {"sessions": self.sessions}
        application = self.serverapp.web_app
        rules = [
            Rule(BoundedPath(url_path_join(self.serverapp.base_url, path)), handler, given)
            for path, handler, given in (
                ("/jupyter-ai-ws/health", HealthHandler, arguments),
                ("/jupyter-ai-ws/login", LoginHandler, {}),
                ("/jupyter-ai-ws/ws", WsHandler, arguments),
                *doctor_routes(self),
            )
        ]
        # Not in `self.handlers`: the base class takes patterns only.
        application.add_handlers(".*$", rules)  # type: ignore[no-untyped-call]

    async def stop_extension(self) -> None:
        """Close every socket with 1001 and leave nothing behind (P3)."""
        if self.sessions is not None:
            await self.sessions.stop()
        if self._metrics is not None:
            COLLECTOR.withdraw(self._metrics)

    def _note_activity(self) -> None:
        """Let nobody cull a server that is at work for a page, present or away."""
        if self.serverapp is not None:
            self.serverapp.web_app.settings[ACTIVITY] = datetime.now(timezone.utc)

    def _observe(self, sessions: SessionServer, serverapp: ServerApp) -> None:
        """Count and report what sessions go through; without that they work as well."""
        self._metrics = SessionMetrics(sessions)
        sessions.observers.add(self._metrics)
        COLLECTOR.publish(self._metrics)
        if serverapp.event_logger is None:
            return
        try:
            sessions.observers.add(SessionEvents(sessions, serverapp.event_logger))
        except Exception:
            self.log.warning("AI connections emit no events.", exc_info=True)

    def _begin_guard(self, registry: ServiceRegistry) -> None:
        """Offer the guard, if it is wanted and works; else pages are served as without it."""
        if self.serverapp is None or not self.guard_enabled:
            return
        try:
            self_test(self.log)
            directories = dict.fromkeys([self.serverapp.config_dir, *jupyter_config_path()])
            packages = paths_of_packages(directories, self.log)
            paths = merged_paths(packages, self.guarded_paths)
            guarded = PathList(self.serverapp.base_url, paths)
            service = GuardService(self.serverapp.web_app, guarded, self.log)
            registry.register_own(GUARD, service)
            self._guarded = guarded
        except GuardBrokenError as error:
            self.log.warning("Nothing is guarded: %s.", error)
        except Exception as error:
            self.log.warning("Nothing is guarded: %r.", error, exc_info=True)

    @property
    def guards(self) -> bool:
        """Whether sockets of other extensions go through the session."""
        return self._guarded is not None and bool(self._guarded.paths)

    def _publish(self) -> None:
        """Tell the page that the server half is there."""
        if self.serverapp is None:
            raise RuntimeError("no server to extend")
        page_config = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        entry: dict[str, Any] = {"protocols": [SUBPROTOCOL], "version": __version__}
        if self._guarded is not None:
            entry["guard"] = {"paths": self._guarded.paths}
        page_config["jupyterAiWs"] = json.dumps(entry)
