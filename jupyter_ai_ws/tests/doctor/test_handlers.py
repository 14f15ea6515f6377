"""What the server tells the doctor."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_ai_ws.doctor import handlers
from jupyter_ai_ws.doctor.handlers import SilenceHandler

from ..wire import upgrade_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.websocket import WebSocketClientConnection

    from jupyter_ai_ws.app import AiWsApp

FACTS = ("jupyter-ai-ws", "doctor", "facts")
SILENCE = ("jupyter-ai-ws", "doctor", "silence")
NO_TOKEN = {"Authorization": ""}


@pytest.fixture
def silence(jp_ws_fetch: Any) -> Iterator[Any]:
    """Return a function that opens silent sockets; all of them are closed in the end."""
    opened: list[WebSocketClientConnection] = []

    async def silence(seconds: object) -> WebSocketClientConnection:
        opened.append(await jp_ws_fetch(*SILENCE, params={"seconds": seconds}))
        return opened[-1]

    yield silence
    for connection in opened:
        connection.close()


async def test_facts_are_the_settings_in_force(jp_fetch: Any, app: AiWsApp) -> None:
    app.session_ttl_s = 77.0
    facts = json.loads((await jp_fetch(*FACTS)).body)
    assert facts["session_ttl_s"] == 77.0
    assert facts["memory_budget_bytes"] == 256 * 1024 * 1024
    assert facts["max_sessions_per_principal"] == 1000
    assert facts["max_channels"] == 256
    assert facts["ping_interval_s"] == 15.0
    assert facts["shutdown_no_activity_timeout_s"] == 0
    assert facts["guards"] is True


async def test_guard_that_is_off_is_a_fact(
    jp_fetch: Any, app: AiWsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_guarded", None)  # as `guard_enabled = False` leaves it
    assert json.loads((await jp_fetch(*FACTS)).body)["guards"] is False


async def test_origin_is_judged_as_that_of_a_browser_with_a_cookie(
    jp_fetch: Any, jp_http_port: int
) -> None:
    for origin, allowed in (
        (f"http://127.0.0.1:{jp_http_port}", True),
        ("https://hub.example", False),
        ("null", False),
    ):
        facts = json.loads((await jp_fetch(*FACTS, params={"origin": origin})).body)
        assert facts["origin_allowed"] is allowed
        assert facts["host"] == f"127.0.0.1:{jp_http_port}"


async def test_origin_that_the_operator_allows_is_allowed(jp_fetch: Any, app: AiWsApp) -> None:
    assert app.serverapp is not None
    app.serverapp.web_app.settings["allow_origin"] = "https://hub.example"
    facts = json.loads((await jp_fetch(*FACTS, params={"origin": "https://hub.example"})).body)
    assert facts["origin_allowed"] is True


@pytest.mark.parametrize("address", [FACTS, SILENCE])
async def test_nothing_is_told_without_credentials(
    address: tuple[str, ...], jp_fetch: Any, jp_ws_fetch: Any
) -> None:
    fetch = jp_fetch if address is FACTS else jp_ws_fetch
    with pytest.raises(HTTPClientError) as raised:
        await fetch(*address, headers=NO_TOKEN, params={"seconds": 1})
    assert raised.value.code == 403


async def test_asking_is_no_activity(jp_fetch: Any, app: AiWsApp) -> None:
    assert app.serverapp is not None
    settings = app.serverapp.web_app.settings
    before = settings.get("api_last_activity")
    await jp_fetch(*FACTS)
    assert settings.get("api_last_activity") == before
    await jp_fetch("api", "contents")
    assert settings.get("api_last_activity") != before


async def test_silence_ends_when_it_was_asked_to_and_nothing_was_said(silence: Any) -> None:
    connection = await silence(1)
    assert await connection.read_message() is None
    assert (connection.close_code, connection.close_reason) == (1000, "it is over")


@pytest.mark.parametrize("seconds", ["", "0", "3601", "0000010000", "1.5", "-1", "x", "9" * 5_000])
async def test_silence_of_an_unusable_length_is_refused(seconds: str, silence: Any) -> None:
    with pytest.raises(HTTPClientError) as raised:
        await silence(seconds)
    assert raised.value.code == 400


async def test_one_who_speaks_on_a_silent_socket_is_closed(silence: Any) -> None:
    connection = await silence(60)
    await connection.write_message("hello")
    assert await connection.read_message() is None
    assert connection.close_code == 1008


async def test_silent_sockets_are_few(silence: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "MAX_SILENT_SOCKETS", 2)
    first = await silence(60)
    await silence(60)
    third = await silence(60)
    assert await third.read_message() is None
    assert third.close_code == 1013
    first.close()
    assert await first.read_message() is None
    fourth = await silence(1)
    assert await fourth.read_message() is None
    assert fourth.close_code == 1000


async def test_one_who_leaves_while_he_is_let_in_takes_no_place(
    http_server: Any,
    jp_http_port: int,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone, judged, opened = asyncio.Event(), asyncio.Event(), asyncio.Event()
    handlers_made: list[SilenceHandler] = []
    prepare, on_close, open_ = (
        SilenceHandler.prepare,
        SilenceHandler.on_close,
        SilenceHandler.open,
    )

    async def prepare_slowly(self: SilenceHandler) -> None:
        handlers_made.append(self)
        await prepare(self)
        judged.set()
        await gone.wait()

    def note_close(self: SilenceHandler) -> None:
        on_close(self)
        gone.set()

    def note_open(self: SilenceHandler) -> None:
        open_(self)
        opened.set()

    monkeypatch.setattr(SilenceHandler, "prepare", prepare_slowly)
    monkeypatch.setattr(SilenceHandler, "on_close", note_close)
    monkeypatch.setattr(SilenceHandler, "open", note_open)
    _, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    headers = {"Host": f"127.0.0.1:{jp_http_port}", **upgrade_headers(), **jp_auth_header}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    path = f"{jp_base_url}{'/'.join(SILENCE)}?seconds=60"
    writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    await judged.wait()
    writer.transport.abort()
    await opened.wait()
    (handler,) = handlers_made
    assert (handler._silent, handler._timer) == (set(), None)
