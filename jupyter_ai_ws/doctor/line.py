"""HTTP requests and WebSockets to the target, straight or through the fault proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient
from tornado.websocket import websocket_connect

from ..protocol.limits import MESSAGE_LIMIT_BYTES, PROBE_TIMEOUT_MS, SUBPROTOCOL
from ..protocol.retry import ProbeAnswer, classify_probe
from .within import within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tornado.websocket import WebSocketClientConnection

    from ..protocol.handshake import ResumeRequest
    from .target import Target

__all__ = ["Answer", "Line"]

MAX_REDIRECTS: Final = 5
"""A hub redirects twice before it says that a server is stopped."""
ANSWER_TIMEOUT_S: Final = PROBE_TIMEOUT_MS / 1000
"""What a page allows its probe (S2)."""
CONNECT_TIMEOUT_S: Final = 10.0
"""For TCP, TLS and the answer to the upgrade; the page waits as long for `welcome` (S2)."""
BYE_TIMEOUT_S: Final = 2.0
"""How long a farewell may take."""
NO_ANSWER: Final = 599
"""Tornado's own status: no connection, none in time, or one that broke off."""
MAX_BODY_BYTES: Final = 1024 * 1024
"""The most that is read of an answer."""


class Answer(NamedTuple):
    """What came back to an HTTP request."""

    status: int
    body: str
    headers: Mapping[str, str]
    redirected: bool
    """Whether a redirect was followed, or met and not followed."""
    elsewhere: bool
    """Whether the last redirect led to another origin, where no token is sent: not followed."""


class _Redirector(Resolver):
    """Sends every connection to one port of this machine; names stay as they are for TLS."""

    def initialize(self, port: int) -> None:
        """Take the port of the proxy."""
        self._port = port

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """Return the proxy's address, whatever is asked for."""
        return [(socket.AF_INET, ("127.0.0.1", self._port))]


class Line:
    """A way to the target.

    The address in every request is the target's own, so `Host`, TLS server name and certificate
    are checked as without a proxy.
    """

    def __init__(self, target: Target, proxy_port: int | None = None) -> None:
        """Open nothing yet.

        Args:
            target: Where to.
            proxy_port: Port of this machine that leads there; `None`: straight.
        """
        self.target = target
        self.tls_context = ssl.create_default_context() if target.tls else None
        self._proxy_port = proxy_port

    async def fetch(self, path: str, timeout_s: float | None = None, **query: str | int) -> Answer:
        """Get an address below the base, with the token, following redirects on this origin.

        Args:
            path: Without a slash at its beginning.
            timeout_s: For each request; `ANSWER_TIMEOUT_S` unless given.
            query: Parameters.

        Raises:
            OSError: No connection, or no answer in time (`TimeoutError`).
        """
        timeout_s = ANSWER_TIMEOUT_S if timeout_s is None else timeout_s
        url = self.target.url(path, **query)
        redirected = False
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._fetch_once(url, timeout_s, redirected)
            place = answer.headers.get("Location")
            if not 300 <= answer.status < 400 or place is None:
                return answer
            redirected = True
            try:
                url = urljoin(url, place)
                here = _origin(url) == _origin(self.target.origin)
            except ValueError:
                here = False  # no address at all
            if not here:
                return answer._replace(redirected=True, elsewhere=True)
        return answer._replace(redirected=True)

    async def connect(self, path: str, query: str) -> WebSocketClientConnection:
        """Open a WebSocket.

        Args:
            path: Without a slash at its beginning.
            query: What follows the question mark.

        Raises:
            OSError: No connection, or no answer in time.
            HTTPClientError: The upgrade was answered with something else; it has the answer.
            WebSocketError: The upgrade was answered against the rules.
        """
        try:
            connection = await websocket_connect(
                self._request(self.target.socket_url(path, query), CONNECT_TIMEOUT_S),
                subprotocols=[SUBPROTOCOL],
                max_message_size=MESSAGE_LIMIT_BYTES,
                resolver=self._resolver(),
            )
        except HTTPClientError as error:
            raise (_os_error(error) if error.code == NO_ANSWER else error) from None
        # Tornado's client leaves Nagle's algorithm on: 44 ms now and then in place of 0.4.
        if connection.protocol is not None:
            connection.protocol.set_nodelay(True)
        return connection

    async def probe(self) -> ProbeAnswer:
        """Look whether the server half answers, and how (R4)."""
        try:
            answer = await self.fetch("jupyter-ai-ws/health")
        except TimeoutError:
            return "busy"
        except OSError:
            return "unreachable"
        return classify_probe(answer.status, answer.body, answer.redirected, [SUBPROTOCOL])

    async def say_bye(self, request: ResumeRequest) -> None:
        """Tell the server that a page is gone, as one does that is closed while cut (H10).

        Args:
            request: Of its last try, with an epoch.
        """
        fields = {"sid": request.sid, "epoch": request.epoch, "serial": request.serial}
        url = self.target.url("jupyter-ai-ws/health")
        with suppress(OSError):
            await self._fetch_once(url, BYE_TIMEOUT_S, False, urlencode(fields))

    # -- Private -------------------------------------------------------------------------

    async def _fetch_once(
        self, url: str, timeout_s: float, redirected: bool, form: str | None = None
    ) -> Answer:
        client = SimpleAsyncHTTPClient(
            force_instance=True, resolver=self._resolver(), max_body_size=MAX_BODY_BYTES
        )
        try:
            response = await within(
                client.fetch(self._request(url, timeout_s, form), raise_error=False), timeout_s
            )
        except asyncio.TimeoutError:
            raise TimeoutError from None
        except HTTPClientError as error:
            raise _os_error(error) from None
        finally:
            client.close()
        body = (response.body or b"").decode("utf-8", "replace")
        return Answer(response.code, body, response.headers, redirected, False)

    def _request(self, url: str, timeout_s: float, form: str | None = None) -> HTTPRequest:
        return HTTPRequest(
            url,
            method="GET" if form is None else "POST",
            body=form,
            headers=self.target.headers,
            connect_timeout=timeout_s,
            request_timeout=timeout_s,
            follow_redirects=False,
            decompress_response=True,
            ssl_options=self.tls_context,
        )

    def _resolver(self) -> Resolver | None:
        return None if self._proxy_port is None else _Redirector(port=self._proxy_port)


def _os_error(error: BaseException | None) -> OSError:
    """Say in the words of the system what tornado says in a status of its own."""
    if isinstance(error, HTTPTimeoutError):
        return TimeoutError(str(error))
    return error if isinstance(error, OSError) else ConnectionError(str(error))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port
