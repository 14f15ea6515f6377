"""What every handler of this package does alike."""

from __future__ import annotations

from typing import Any, Final

from tornado.web import HTTPError

from .address import is_readable
from .request_log import LogsNoQuery

__all__ = ["StrictHandler"]

_ORIGIN_HEADERS: Final = ("Origin", "Sec-WebSocket-Origin")


class StrictHandler(LogsNoQuery):
    """A handler that bad requests get nothing out of, not even a failure."""

    async def prepare(self, *args: Any, **kwargs: Any) -> None:
        """Refuse an origin that jupyter_server and tornado fail to read."""
        origins = [self.request.headers.get(name, "") for name in _ORIGIN_HEADERS]
        if not all(map(is_readable, origins)):
            self.current_user = None  # it was not asked who that is
            raise HTTPError(403)
        await super().prepare(*args, **kwargs)  # type: ignore[misc]

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a status alone: jupyter_server's pages fail where the user is not known yet."""
        self.finish()
