"""No token of an address gets into the log, however a request fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from .raw_socket import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp

    from jupyter_ai_ws.sessions import SessionServer

    Fetch = Callable[..., Awaitable[Any]]

NO_HEADER = {"Authorization": ""}
HTTP = ("health", "login", "doctor/facts")
SOCKETS = ("ws", "doctor/silence")


class Mood(Authorizer):
    """Denies, or fails, as it is told."""

    mood = "denies"

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        if self.mood == "fails":
            raise RuntimeError("broken")
        return self.mood == "allows"


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["ServerApp"]["authorizer_class"] = Mood
    return jp_server_config


async def test_no_failure_of_any_handler_writes_down_a_token(
    jp_fetch: Fetch,
    jp_ws_fetch: Fetch,
    jp_serverapp: ServerApp,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = jp_serverapp.identity_provider.token
    authorizer: Any = jp_serverapp.authorizer

    async def status_of(address: str, **options: Any) -> int:
        fetch = jp_ws_fetch if address in SOCKETS else jp_fetch
        with pytest.raises(HTTPClientError) as refused:
            await fetch(
                "jupyter-ai-ws",
                *address.split("/"),
                params={"token": token},
                headers=NO_HEADER,
                **options,
            )
        return int(refused.value.code)

    statuses = []
    for address in HTTP + SOCKETS:
        for mood, status in (("denies", 403), ("fails", 500)):
            authorizer.mood = mood
            statuses.append((address, await status_of(address), status))
    authorizer.mood = "allows"
    statuses.append(("health", await status_of("health", method="POST", body="x=y"), 400))
    statuses.append(("health", await status_of("health", method="PUT", body=""), 405))
    statuses.append(("doctor/silence", await status_of("doctor/silence"), 400))
    assert [address for address, got, wanted in statuses if got != wanted] == []
    assert caplog.text.count("Uncaught exception GET") == len(HTTP + SOCKETS)
    assert token not in caplog.text


async def test_failure_in_an_open_socket_writes_down_no_token(
    jp_ws_fetch: Fetch,
    jp_serverapp: ServerApp,
    sessions: SessionServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = jp_serverapp.identity_provider.token
    jp_serverapp.authorizer.mood = "allows"  # type: ignore[attr-defined]
    monkeypatch.setattr(sessions, "receive", lambda *_: 1 // 0)
    params = {"sid": "0" * 32, "received": 0, "serial": 1, "token": token}
    connection = await jp_ws_fetch(
        "jupyter-ai-ws",
        "ws",
        params=params,
        headers=NO_HEADER,
        subprotocols=["v1.jupyter-ai-ws"],
    )
    await connection.write_message("x")
    await until(lambda: "Uncaught exception GET" in caplog.text)
    while await connection.read_message() is not None:
        pass
    connection.close()
    assert token not in caplog.text
