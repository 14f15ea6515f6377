"""Servers that answer as no Jupyter server should, each one real."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RedirectHandler, RequestHandler
from tornado.websocket import WebSocketHandler, WebSocketProtocol

from jupyter_ai_ws.doctor import line
from jupyter_ai_ws.doctor.checks import CHECKS, Options, address, round_trip, streaming, upgrade
from jupyter_ai_ws.doctor.examination import examine
from jupyter_ai_ws.doctor.target import Target
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_ai_ws.doctor.report import Result

HEALTH = {"status": "ok", "protocols": [SUBPROTOCOL], "version": "99.0"}
WELCOME = {
    "type": "welcome",
    "resumed": False,
    "epoch": "0" * 16,
    "instance": "0" * 16,
    "received": 0,
    "serial": 1,
    "limits": {},
}


class Socket(WebSocketHandler):
    """Does what a test says when it is opened."""

    def initialize(self, opened: Callable[[Socket], Any]) -> None:
        self._opened = opened

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return SUBPROTOCOL

    def open(self, *args: str, **kwargs: str) -> None:
        self._opened(self)

    def on_message(self, message: str | bytes) -> None:
        if self.unit_closes_with is not None and not message.startswith("{"):  # type: ignore[arg-type]
            self.close(self.unit_closes_with)

    def abort(self) -> None:
        assert isinstance(self.ws_connection, WebSocketProtocol)
        assert self.ws_connection.stream is not None
        self.ws_connection.stream.close()

    unit_closes_with: int | None = None


class Rest(RequestHandler):
    """Answers what a test says."""

    def initialize(self, status: int = 200, body: str = "") -> None:
        self._answer = status, body

    def get(self) -> None:
        self.set_status(self._answer[0])
        self.finish(self._answer[1])


class Odd:
    """A server that is well but for what a test changes."""

    def __init__(self) -> None:
        self.health: dict[str, Any] = {"body": json.dumps(HEALTH)}
        self.facts: dict[str, Any] = {"status": 404}
        self.silence: Callable[[Socket], Any] | None = None
        self.opened: Callable[[Socket], Any] = lambda socket: socket.write_message(
            json.dumps(WELCOME)
        )
        self.plain: tuple[int, str] | None = None
        self._server: HTTPServer | None = None

    def start(self) -> int:
        upgrade: Any = (Socket, {"opened": self.opened})
        if self.plain is not None:
            upgrade = (Rest, {"status": self.plain[0], "body": self.plain[1]})
        self._server = HTTPServer(
            Application(
                [
                    ("/api", Rest, {"body": '{"version": "2.0"}'}),
                    ("/api/status", Rest),
                    ("/jupyter-ai-ws/health", Rest, self.health),
                    ("/jupyter-ai-ws/doctor/facts", Rest, self.facts),
                    ("/jupyter-ai-ws/ws", *upgrade),
                    *(
                        [("/jupyter-ai-ws/doctor/silence", Socket, {"opened": self.silence})]
                        if self.silence is not None
                        else []
                    ),
                ]
            )
        )
        listener, port = bind_unused_port()
        self._server.add_socket(listener)
        return port

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


@pytest.fixture
def odd() -> Iterator[Odd]:
    """Return a server to be changed and examined."""
    odd = Odd()
    yield odd
    odd.stop()


async def examined(target: Target, *, whole: bool = False) -> dict[str, Result]:
    report = await examine(
        target,
        Options(records=10, cuts=0, idle_timeout_probe_s=1),
        found=lambda name, result: None,
        progressed=lambda share, text: None,
        checks=[kind for kind in CHECKS if kind.fatal or whole],
    )
    return report.results


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (lambda socket: socket.write_message("garbage"), "in place of a welcome"),
        (lambda socket: socket.write_message('{"type":"bye"}'), "begins with another frame"),
        (lambda socket: socket.close(4429), "there are too many"),
        (lambda socket: socket.close(4400), "is closed at once (code 4400)"),
        (lambda socket: socket.abort(), "is closed at once (code 1006)"),
        (lambda socket: None, "nothing comes through it"),
    ],
)
async def test_socket_that_does_not_begin_with_a_welcome_fails(
    opened: Callable[[Any], Any], said: str, odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said == "nothing comes through it":
        monkeypatch.setattr(upgrade, "WELCOME_TIMEOUT_S", 0.2)
    odd.opened = opened
    result = (await examined(Target("http", "127.0.0.1", odd.start(), "/")))["upgrade"]
    assert result.verdict == "failed"
    assert said in result.sentence
    assert result.advice


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ((200, "hello"), "answered as a plain request"),
        ((426, ""), "do not reach the server (426)"),
        ((502, ""), "answered with status 502"),
    ],
)
async def test_upgrade_that_is_answered_as_a_plain_request_fails(
    plain: tuple[int, str], said: str, odd: Odd
) -> None:
    odd.plain = plain
    result = (await examined(Target("http", "127.0.0.1", odd.start(), "/")))["upgrade"]
    assert result.verdict == "failed"
    assert said in result.sentence


@pytest.mark.parametrize(
    ("health", "verdict", "said"),
    [
        ({"protocols": ["v9.jupyter-ai-ws"]}, "failed", "another version of the protocol"),
        ({"version": "0.0.9"}, "advice", "jupyter_ai_ws 0.0.9 is there. This doctor is of"),
        ({"version": "99.0"}, "ok", "jupyter_ai_ws 99.0 is there."),
    ],
)
async def test_version_of_the_server_half_is_judged(
    health: dict[str, Any], verdict: str, said: str, odd: Odd
) -> None:
    odd.health["body"] = json.dumps({**HEALTH, **health})
    result = (await examined(Target("http", "127.0.0.1", odd.start(), "/")))["extension"]
    assert result.verdict == verdict
    assert said in result.sentence
    assert bool(result.advice) is (verdict != "ok")


async def test_server_that_goes_silent_after_the_welcome_is_failed_and_not_waited_for(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(round_trip, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(streaming, "CONNECT_TIMEOUT_S", 0.0)
    results = await examined(Target("http", "127.0.0.1", odd.start(), "/"), whole=True)
    assert {name: result.verdict for name, result in results.items()} == {
        "address": "ok",
        "server": "ok",
        "authentication": "ok",
        "extension": "ok",
        "upgrade": "ok",
        "origin": "skipped",
        "round-trip": "failed",
        "streaming": "failed",
        "silence": "skipped",
        "settings": "skipped",
    }


async def test_session_that_ends_during_the_round_trip_fails_it(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Socket, "unit_closes_with", 4410)
    monkeypatch.setattr(streaming, "CONNECT_TIMEOUT_S", 0.0)
    results = await examined(Target("http", "127.0.0.1", odd.start(), "/"), whole=True)
    assert results["round-trip"].verdict == "failed"
    assert "The session ended" in results["round-trip"].sentence


@pytest.mark.parametrize(
    ("code", "verdict", "said"),
    [
        (1013, "skipped", "as many silent sockets as it will"),
        (1000, "failed", "cuts after"),
        (1001, "failed", "cuts after"),
    ],
)
async def test_silence_that_ends_before_its_time_is_not_taken_for_a_whole_one(
    code: int, verdict: str, said: str, odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CONNECT_TIMEOUT_S", 0.0)
    monkeypatch.setattr(round_trip, "TIMEOUT_S", 0.0)
    odd.silence = lambda socket: socket.close(code)
    target = Target("http", "127.0.0.1", odd.start(), "/")
    result = (await examined(target, whole=True))["silence"]
    assert result.verdict == verdict
    assert said in result.sentence


async def test_facts_that_are_none_are_not_believed(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CONNECT_TIMEOUT_S", 0.0)
    monkeypatch.setattr(round_trip, "TIMEOUT_S", 0.0)
    odd.facts = {"body": "<html>Log in</html>"}
    results = await examined(Target("http", "127.0.0.1", odd.start(), "/"), whole=True)
    assert results["origin"].verdict == "skipped"
    assert "also …/jupyter-ai-ws/doctor/facts" in results["origin"].advice[0]
    assert results["settings"].verdict == "skipped"
    assert "There is no connection" in results["round-trip"].sentence


async def test_too_many_sessions_are_named_in_place_of_load(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CONNECT_TIMEOUT_S", 0.0)
    monkeypatch.setattr(round_trip, "TIMEOUT_S", 1.0)
    sockets: list[Socket] = []

    def only_once(socket: Socket) -> None:
        sockets.append(socket)
        if len(sockets) > 1:
            socket.close(4429)
        else:
            socket.write_message(json.dumps(WELCOME))

    odd.opened = only_once
    results = await examined(Target("http", "127.0.0.1", odd.start(), "/"), whole=True)
    assert "there are too many" in results["round-trip"].sentence
    assert "max_sessions_per_principal" in results["round-trip"].advice[0]


async def test_server_that_takes_a_request_and_says_nothing_is_told_from_a_dead_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "ANSWER_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        results = await examined(Target("http", "127.0.0.1", port, "/"))
    assert results["address"].verdict == "ok"
    assert "no answer comes" in results["server"].sentence


@pytest.mark.parametrize("host", ["no-such-host.invalid", "no..such.host"])
async def test_unknown_name_is_told(host: str) -> None:
    result = (await examined(Target("http", host, 80, "/")))["address"]
    assert result.sentence == f"The name {host} is not known."


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"302 Found\r\nLocation: http://[", "leads to another address"),
        (b"302 Found\r\nLocation: http://h:99999/", "leads to another address"),
        (b"401 Unauthorized\r\nWWW-Authenticate: Basic", "stands before the server (status 401)"),
        (b"200 OK\r\nContent-Type: text/html", "stands before the server (status 200)"),
        (b"200 OK\r\nContent-Type: application/json", "No Jupyter server answers"),
    ],
)
async def test_what_answers_in_place_of_a_server_is_told_apart(head: bytes, said: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readline():
            writer.write(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = (await examined(Target("http", "127.0.0.1", port, "/")))["server"]
    server.close()
    assert result.verdict == "failed"
    assert said in result.sentence


@pytest.mark.parametrize(("base", "status"), [("/", 200), ("/hub/home/", 404)])
async def test_hub_is_not_taken_for_a_server_of_its_user(base: str, status: int) -> None:
    class Hub(Rest):
        def set_default_headers(self) -> None:
            self.set_header("X-JupyterHub-Version", "6.1.1")

    answers: list[Any] = [
        ("/api", RedirectHandler, {"url": "/hub/api"}),
        ("/hub/api", Hub, {"body": '{"version": "6.1.1"}'}),
        ("/hub/home/api", Hub, {"status": 404}),
    ]
    listener, port = bind_unused_port()
    server = HTTPServer(Application(answers))
    server.add_socket(listener)
    result = (await examined(Target("http", "127.0.0.1", port, base)))["server"]
    server.stop()
    assert result.verdict == "failed"
    assert "not the server of one of its users" in result.sentence
    assert "when JupyterLab is open" in result.advice[0]
    assert result.figures["status"] == status


async def test_server_of_a_user_is_not_taken_for_the_hub() -> None:
    class User(Rest):
        def set_default_headers(self) -> None:
            self.set_header("X-JupyterHub-Version", "6.1.1")

    listener, port = bind_unused_port()
    server = HTTPServer(Application([(".*", User, {"status": 404})]))
    server.add_socket(listener)
    result = (await examined(Target("http", "127.0.0.1", port, "/user/me/files/")))["server"]
    server.stop()
    assert result.sentence == "No Jupyter server answers at this address (status 404)."
    assert "when JupyterLab is open" in result.advice[0]


async def test_port_that_speaks_no_http_is_told() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    results = await examined(Target("http", "127.0.0.1", port, "/"))
    server.close()
    assert "breaks off without an answer" in results["server"].sentence


async def test_server_that_says_nothing_to_tls_is_told_apart(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "TLS_TIMEOUT_S", 0.0)
    result = (await examined(Target("https", "127.0.0.1", odd.start(), "/")))["address"]
    assert result.verdict == "failed"
    assert "does not answer to TLS" in result.sentence
    assert "http://" in result.advice[0]


async def test_address_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "TIMEOUT_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = (await examined(Target("http", "127.0.0.1", port, "/")))["address"]
    assert "does not answer within" in result.sentence
