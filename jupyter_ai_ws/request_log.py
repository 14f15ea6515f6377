"""What handlers write into the log of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tornado.log import app_log
from tornado.web import HTTPError, RequestHandler

from .address import is_readable

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["LogsNoQuery"]


class LogsNoQuery(RequestHandler):
    """A handler of which the path alone is logged: a page may have its token in the query.

    tornado's lines for failures hide nothing; jupyter_server's own line for each request hides a
    token, but not one whose name is percent-encoded.
    """

    def _log(self) -> None:
        """Let jupyter_server log its line; the answer is made and nobody reads the request."""
        self.request.uri = self.request.path
        referer = self.request.headers.get("Referer")
        if referer is not None:
            page = referer.partition("#")[0].partition("?")[0]
            self.request.headers["Referer"] = page if is_readable(page) else "unreadable"
        super()._log()

    def _request_summary(self) -> str:
        return f"{self.request.method} {self.request.path} ({self.request.remote_ip})"

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what a request has raised."""
        if isinstance(value, HTTPError):
            super().log_exception(typ, value, tb)
        else:
            # tornado would add the whole request.
            summary = self._request_summary()
            app_log.error("Uncaught exception %s", summary, exc_info=(typ, value, tb))  # type: ignore[arg-type]
