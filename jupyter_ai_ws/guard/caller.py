"""Who asks for a guarded endpoint, as HTTP tells it."""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING, Final

from tornado.httputil import HTTPHeaders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tornado.httputil import HTTPServerRequest

__all__ = ["Caller", "peer_headers"]

PASSED_HEADERS: Final = (
    "Accept-Language",
    "Authorization",
    "Cookie",
    "Host",
    "Origin",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "User-Agent",
)
"""What authenticates, what the origin check looks at, and what the browser says of itself.

JupyterHub asks the fetch mode whether a cookie or a token in the address counts.

Addresses that proxies added are not among them: they were judged with the page's own request.
"""
HEADER_BYTES: Final = 128
"""What a header takes beside its value."""
_VISIBLE: Final = re.compile("[!-~]+")


class Caller:
    """What a page's latest upgrade request showed; it never goes into a log."""

    __slots__ = ("_headers", "protocol", "remote_ip", "size_bytes")

    def __init__(self, request: HTTPServerRequest) -> None:
        """Keep what a guarded endpoint may see of a request.

        Args:
            request: An authenticated upgrade request of the page.
        """
        headers = {}
        for name in PASSED_HEADERS:
            values = request.headers.get_list(name)
            if values:
                # As one (RFC 6265, 4.2.1; RFC 9110, 5.2): thousands of lines take a multiple.
                headers[name] = ("; " if name == "Cookie" else ", ").join(values)
        # A token in the address of the session's own socket is not in that of the endpoint.
        # jupyter_server looks there first, too: the header may be one of a proxy.
        token = request.query_arguments.get("token", [b""])[-1].decode("latin-1").strip()
        if _VISIBLE.fullmatch(token):
            headers["Authorization"] = f"token {token}"
        # Every idle session keeps them: pairs take a third of the room.
        self._headers = tuple(headers.items())
        self.size_bytes = sum(HEADER_BYTES + len(value) for value in headers.values())
        """What the headers take in memory (P2)."""
        self.protocol: str = request.protocol
        """"http" or "https", as the server sees it."""
        self.remote_ip: str = request.remote_ip or ""
        """The address of the browser, as the server sees it."""

    @property
    def headers(self) -> HTTPHeaders:
        """The headers to pass, a copy."""
        headers = HTTPHeaders()
        for name, value in self._headers:
            headers[name] = value
        return headers


def peer_headers(caller: Caller, subprotocols: Sequence[str]) -> HTTPHeaders:
    """Return the headers of a browser's upgrade request.

    Args:
        caller: Who asks.
        subprotocols: What is offered, best first; each an RFC 9110 token.
    """
    headers = caller.headers
    headers["Upgrade"] = "websocket"
    headers["Connection"] = "Upgrade"
    headers["Sec-WebSocket-Version"] = "13"
    headers["Sec-WebSocket-Key"] = base64.b64encode(os.urandom(16)).decode()
    if subprotocols:
        headers["Sec-WebSocket-Protocol"] = ", ".join(subprotocols)
    return headers
