"""What every handler of this package does alike."""

from __future__ import annotations

from typing import Any

from .request_log import LogsNoQuery

__all__ = ["StrictHandler"]


class StrictHandler(LogsNoQuery):
    """A handler that bad requests get nothing out of, not even a failure."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a status alone: jupyter_server's pages fail where the user is not known yet."""
        self.finish()
