"""The addresses of the extension: who may ask, and what is answered."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_ai_ws import __version__
from jupyter_ai_ws.handlers import WsHandler
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

from .raw_socket import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.sessions import SessionServer

    from .conftest import Connect, ConnectWire
    from .raw_socket import Clock

    Fetch = Callable[..., Awaitable[Any]]

SID = "0123456789abcdef" * 2
EPOCH = "0123456789abcdef"
STRANGER = {"Authorization": ""}


class DenyAll(Authorizer):
    """Allow nobody anything."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return False


class ReadOnly(Authorizer):
    """Allow everybody to look only."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        assert resource == "jupyter_ai_ws"
        return action == "read"


@pytest.fixture
def deny_all(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["ServerApp"]["authorizer_class"] = DenyAll


@pytest.fixture
def read_only(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly


async def refusal(request: Awaitable[Any]) -> int:
    """Return the status with which the server refuses a request."""
    with pytest.raises(HTTPClientError) as refused:
        await request
    return int(refused.value.code)


async def health(fetch: Fetch, **options: Any) -> Any:
    """Ask the probe."""
    return await fetch("jupyter-ai-ws", "health", **options)


async def bye(fetch: Fetch, fields: dict[str, Any], **options: Any) -> Any:
    """Post what a page posts with `sendBeacon` when it is closed."""
    body = urlencode(fields, doseq=True)
    return await fetch("jupyter-ai-ws", "health", method="POST", body=body, **options)


async def test_probe_names_protocols_instance_and_version(
    jp_fetch: Fetch, sessions: SessionServer
) -> None:
    answer = await health(jp_fetch)
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.body) == {
        "status": "ok",
        "protocols": [SUBPROTOCOL],
        "instance": sessions.instance,
        "version": __version__,
    }


async def test_probe_refuses_without_credentials(jp_fetch: Fetch) -> None:
    assert await refusal(health(jp_fetch, headers=STRANGER)) == 403


@pytest.mark.usefixtures("deny_all")
async def test_probe_refuses_when_the_authorizer_denies(jp_fetch: Fetch) -> None:
    assert await refusal(health(jp_fetch)) == 403


async def test_probe_and_bye_are_no_user_activity(jp_fetch: Fetch, jp_serverapp: ServerApp) -> None:
    last_activity: Callable[[], datetime] = jp_serverapp.web_app.last_activity
    before = last_activity()
    await health(jp_fetch)
    await bye(jp_fetch, {"sid": SID, "epoch": EPOCH, "serial": 1})
    assert last_activity() == before


async def test_posted_bye_ends_a_parked_session_ten_seconds_later(
    jp_fetch: Fetch, connect: Connect, sessions: SessionServer, clock: Clock
) -> None:
    socket = await connect(serial=3)
    welcome = await socket.welcome()
    await socket.pong(1)
    socket.abort()
    await until(lambda: all(held.socket is None for held in sessions.acceptor.sessions.values()))
    answer = await bye(jp_fetch, {"sid": socket.sid, "epoch": welcome.epoch, "serial": 3})
    assert answer.code == 204
    clock.advance(10)
    sessions.tick()
    assert not sessions.acceptor.sessions


@pytest.mark.parametrize("wrong", [{"serial": 2}, {"epoch": EPOCH}, {"sid": SID}])
async def test_posted_bye_for_another_session_or_an_old_serial_is_ignored(
    jp_fetch: Fetch,
    connect: Connect,
    sessions: SessionServer,
    clock: Clock,
    wrong: dict[str, Any],
) -> None:
    socket = await connect(serial=3)
    welcome = await socket.welcome()
    fields = {"sid": socket.sid, "epoch": welcome.epoch, "serial": 3, **wrong}
    assert (await bye(jp_fetch, fields)).code == 204
    clock.advance(11)
    sessions.tick()
    await socket.pong(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sid": "x"},
        {"sid": []},
        {"sid": [SID, SID]},
        {"epoch": []},
        {"epoch": ""},
        {"epoch": "\udcff"},
        {"serial": "0"},
        {"serial": "-1"},
        {"serial": []},
    ],
)
async def test_malformed_bye_is_refused(jp_fetch: Fetch, wrong: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"sid": SID, "epoch": EPOCH, "serial": 1, **wrong}
    encoded = {
        name: value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        for name, value in fields.items()
    }
    assert await refusal(bye(jp_fetch, encoded)) == 400


async def test_bye_may_come_as_form_data(jp_fetch: Fetch) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = {"sid": SID, "epoch": EPOCH, "serial": 1}
    body = "".join(part.format(name, value) for name, value in fields.items()) + "--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await jp_fetch("jupyter-ai-ws", "health", method="POST", body=body, headers=headers)
    assert answer.code == 204


async def test_bye_refuses_without_credentials(jp_fetch: Fetch) -> None:
    assert await refusal(bye(jp_fetch, {}, headers=STRANGER)) == 403


@pytest.mark.usefixtures("read_only")
async def test_who_may_only_look_gets_the_probe_but_no_socket_and_no_bye(
    jp_fetch: Fetch, connect: Connect
) -> None:
    assert (await health(jp_fetch)).code == 200
    assert await refusal(bye(jp_fetch, {})) == 403
    assert await refusal(connect()) == 403


async def test_socket_refuses_without_credentials(
    connect: Connect, sessions: SessionServer
) -> None:
    assert await refusal(connect(headers=STRANGER)) == 403
    assert await refusal(connect(headers=STRANGER, sid="malformed")) == 403
    assert not sessions.sockets


async def test_socket_refuses_wrong_credentials(connect: Connect) -> None:
    assert await refusal(connect(headers={"Authorization": "token wrong"})) == 403


@pytest.mark.usefixtures("deny_all")
async def test_socket_refuses_when_the_authorizer_denies(connect: Connect) -> None:
    assert await refusal(connect()) == 403


async def test_address_of_the_socket_answers_400_to_a_plain_request(jp_fetch: Fetch) -> None:
    assert await refusal(jp_fetch("jupyter-ai-ws", "ws")) == 400


async def test_socket_compresses_nothing_and_delays_nothing(
    connect_wire: ConnectWire, sessions: SessionServer
) -> None:
    wire = await connect_wire(headers={"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "sec-websocket-extensions" not in wire.headers
    assert wire.headers["sec-websocket-protocol"] == SUBPROTOCOL
    (socket,) = sessions.sockets
    assert isinstance(socket, WsHandler)
    assert socket.ws_connection is not None
    assert socket.ws_connection.stream is not None
    kernel_socket = socket.ws_connection.stream.socket
    assert kernel_socket.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY)


async def test_page_that_goes_while_it_is_authorized_leaves_nothing(
    connect: Connect,
    jp_serverapp: ServerApp,
    sessions: SessionServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: asyncio.Future[WsHandler] = asyncio.get_running_loop().create_future()
    answer = asyncio.Event()

    async def is_slow(handler: WsHandler, user: Any, action: str, resource: str) -> bool:
        asked.set_result(handler)
        await answer.wait()
        return True

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", is_slow)
    going = asyncio.ensure_future(connect())
    handler = await asked
    stream = handler.request.connection.stream  # type: ignore[union-attr]
    stream.socket.shutdown(sockets.SHUT_RDWR)
    assert await refusal(going) == 599  # closed without an answer
    await until(stream.closed)
    answer.set()
    await until(lambda: handler.get_status() == 101)
    assert not sessions.acceptor.sessions
    assert not sessions.sockets
    assert "Traceback" not in caplog.text


async def login_cookie(fetch: Fetch) -> str:
    """Get the cookie that a browser gets with its first request by token."""
    response = await health(fetch)
    cookies = [line.split(";")[0] for line in response.headers.get_list("Set-Cookie")]
    return "; ".join(cookies)


async def test_cookie_of_a_foreign_origin_is_refused(jp_fetch: Fetch, connect: Connect) -> None:
    cookie = {**STRANGER, "Cookie": await login_cookie(jp_fetch)}
    request = connect(headers={**cookie, "Origin": "https://evil.example"})
    assert await refusal(request) == 403


async def test_cookie_of_the_own_origin_is_enough(
    jp_fetch: Fetch, connect: Connect, jp_http_port: int
) -> None:
    cookie = await login_cookie(jp_fetch)
    host = f"127.0.0.1:{jp_http_port}"
    headers = {**STRANGER, "Cookie": cookie, "Host": host, "Origin": f"http://{host}"}
    assert (await (await connect(headers=headers)).welcome()).epoch


@pytest.fixture
def friendly(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["ServerApp"]["allow_origin"] = "https://friend.example"


@pytest.mark.usefixtures("friendly")
async def test_allowed_origin_is_honoured(
    jp_fetch: Fetch, connect: Connect, jp_http_port: int
) -> None:
    cookie = await login_cookie(jp_fetch)
    headers = {**STRANGER, "Cookie": cookie, "Host": f"127.0.0.1:{jp_http_port}"}
    friend = await connect(headers={**headers, "Origin": "https://friend.example"})
    assert (await friend.welcome()).epoch
    request = connect(headers={**headers, "Origin": "https://evil.example"})
    assert await refusal(request) == 403


async def test_bye_with_a_cookie_needs_the_xsrf_token(jp_fetch: Fetch, jp_http_port: int) -> None:
    page = await jp_fetch("login", headers=dict(STRANGER))
    xsrf = page.headers["Set-Cookie"].split(";")[0]
    cookie = f"{await login_cookie(jp_fetch)}; {xsrf}"
    host = f"127.0.0.1:{jp_http_port}"
    headers = {**STRANGER, "Cookie": cookie, "Origin": f"http://{host}"}
    fields = {"sid": SID, "epoch": EPOCH, "serial": 1}
    assert await refusal(bye(jp_fetch, fields, headers=dict(headers))) == 403
    with_token = {**fields, "_xsrf": xsrf.split("=", 1)[1]}
    assert (await bye(jp_fetch, with_token, headers=dict(headers))).code == 204
