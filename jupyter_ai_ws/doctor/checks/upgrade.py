"""Whether WebSockets come through."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Final

from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketError

from ...protocol.errors import ProtocolError
from ...protocol.frames import Bye, Welcome, decode, encode_control
from ...protocol.handshake import ResumeRequest, format_request
from ...protocol.limits import SUBPROTOCOL, CloseCode
from ..report import Result
from ..within import within
from .base import Check

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

    from .base import Patient

__all__ = ["UpgradeCheck"]

WELCOME_TIMEOUT_S: Final = 10.0
"""As long as a page waits (S2)."""
UPGRADE_LINES: Final = (
    "nginx.conf, location of the server, what is missing of: proxy_http_version 1.1; "
    'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";',
    "Apache: ProxyPass … upgrade=websocket. HAProxy, Traefik and configurable-http-proxy pass "
    "WebSockets on by themselves.",
)


class UpgradeCheck(Check):
    """One socket, up to the server's first frame."""

    name = "upgrade"
    fatal = True

    async def run(self, patient: Patient) -> Result:
        """Open a socket and wait for `welcome`."""
        request = format_request(ResumeRequest(secrets.token_hex(16), None, 0, 1))
        since_s = time.monotonic()
        try:
            connection = await patient.line.connect("jupyter-ai-ws/ws", request)
        except HTTPClientError as error:
            return _refused(error)
        except WebSocketError:
            return Result(
                "failed",
                "The upgrade to a WebSocket is answered as a plain request.",
                UPGRADE_LINES,
            )
        except TimeoutError:
            return Result(
                "failed", "No answer to the upgrade to a WebSocket comes in time.", UPGRADE_LINES
            )
        except OSError:
            return Result(
                "failed",
                "The connection is cut during the upgrade to a WebSocket.",
                ("Look for a firewall or filter that forbids WebSockets.", *UPGRADE_LINES),
            )
        try:
            return await _greet(connection, since_s)
        finally:
            connection.close()


async def _greet(connection: WebSocketClientConnection, since_s: float) -> Result:
    if connection.selected_subprotocol != SUBPROTOCOL:
        return Result(
            "failed",
            f"The upgrade was answered without the subprotocol {SUBPROTOCOL}.",
            ("Have the proxy pass the header Sec-WebSocket-Protocol on, both ways.",),
            {"subprotocol": connection.selected_subprotocol},
        )
    try:
        message = await within(connection.read_message(), WELCOME_TIMEOUT_S)
    except asyncio.TimeoutError:
        return Result(
            "failed",
            "The socket opens, and nothing comes through it.",
            ("Have the proxy hand over each byte at once (nginx.conf: proxy_buffering off;).",),
        )
    if message is None:
        return _closed(connection)
    try:
        frame = decode(message)
    except ProtocolError as error:
        return _no_welcome(error.reason)
    if not isinstance(frame, Welcome):
        return _no_welcome("another frame")
    await connection.write_message(encode_control(Bye()))
    welcome_ms = (time.monotonic() - since_s) * 1000
    return Result(
        "ok",
        f"WebSockets come through ({welcome_ms:.0f} ms from the request to the first frame).",
        figures={"welcome_ms": round(welcome_ms, 1), "limits": dict(frame.limits)},
    )


def _refused(error: HTTPClientError) -> Result:
    figures = {"status": error.code}
    body = (error.response.body or b"") if error.response is not None else b""
    if b"Upgrade" in body or error.code in (400, 426):
        return Result(
            "failed",
            f"The headers that ask for a WebSocket do not reach the server ({error.code}).",
            UPGRADE_LINES,
            figures,
        )
    if error.code in (401, 403):
        return Result(
            "failed",
            f"The WebSocket is refused ({error.code}), although the token is accepted elsewhere.",
            (
                "Look for a filter on the way that forbids WebSockets.",
                "Look whether the server's authorizer allows the action execute on jupyter_ai_ws.",
            ),
            figures,
        )
    return Result(
        "failed",
        f"The upgrade to a WebSocket is answered with status {error.code}.",
        ("Have the proxy treat …/jupyter-ai-ws/ws as the other paths.", *UPGRADE_LINES),
        figures,
    )


def _closed(connection: WebSocketClientConnection) -> Result:
    code = connection.close_code
    if code == CloseCode.TOO_MANY:
        return Result(
            "failed",
            "The server refuses another session: there are too many.",
            ("Close pages, or raise c.AiWsApp.max_sessions_per_principal.",),
            {"code": code},
        )
    return Result(
        "failed",
        f"The socket opens and is closed at once (code {code or CloseCode.ABNORMAL}).",
        ("Look into the server's log, and for a filter that forbids WebSockets.",),
        {"code": code},
    )


def _no_welcome(what: str) -> Result:
    return Result(
        "failed",
        f"The socket begins with {what} in place of a welcome.",
        ("Look what stands between: it changes what the server sends.",),
    )
