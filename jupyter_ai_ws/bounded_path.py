"""Addresses that take no large bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tornado.http1connection import HTTP1Connection
from tornado.routing import PathMatches

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

__all__ = ["BoundedPath"]

BODY_LIMIT_BYTES: Final = 16 * 1024
"""What a request may bring; a `bye` has about 200 bytes."""


class BoundedPath(PathMatches):
    """Matches a path. tornado then cuts off what brings more, before it has read any of that.

    A handler that is not made for streams is asked for the first time when the body is there, and
    whoever sends it may have no credentials.
    """

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return what the path holds, `None` if it is another."""
        found = super().match(request)
        if found is not None and isinstance(request.connection, HTTP1Connection):
            request.connection.set_max_body_size(BODY_LIMIT_BYTES)
        return found
