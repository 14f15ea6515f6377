"""Requests that carry a token, and where they go."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from jupyter_ai_ws.doctor.line import MAX_REDIRECTS, Line
from jupyter_ai_ws.doctor.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[[Callable[[RequestHandler], object]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves every path by a function, and returns the port."""
    servers: list[HTTPServer] = []

    def serve(answer: Callable[[RequestHandler], object]) -> int:
        class Handler(RequestHandler):
            def get(self) -> None:
                answer(self)

        listener, port = bind_unused_port()
        servers.append(HTTPServer(Application([(".*", Handler)])))
        servers[-1].add_socket(listener)
        return port

    yield serve
    for server in servers:
        server.stop()


def line(port: int) -> Line:
    return Line(Target("http", "127.0.0.1", port, "/base/", "sesame"))


async def test_redirect_on_the_same_origin_is_followed_with_the_token(serve: Serve) -> None:
    def answer(handler: RequestHandler) -> None:
        if handler.request.path == "/base/api":
            handler.redirect("/hub/api?next=1")
        else:
            handler.set_status(424)
            handler.finish(handler.request.headers["Authorization"])

    found = await line(serve(answer)).fetch("api")
    assert (found.status, found.body) == (424, "token sesame")
    assert (found.redirected, found.elsewhere) == (True, False)


async def test_token_never_goes_to_another_origin(serve: Serve) -> None:
    asked: list[str] = []
    other = serve(lambda handler: asked.append(handler.request.path))
    port = serve(lambda handler: handler.redirect(f"http://127.0.0.1:{other}/login"))
    found = await line(port).fetch("api")
    assert (found.status, found.redirected, found.elsewhere) == (302, True, True)
    assert asked == []


async def test_redirects_in_a_circle_end(serve: Serve) -> None:
    times: list[int] = []

    def answer(handler: RequestHandler) -> None:
        times.append(1)
        handler.redirect("/base/api")

    found = await line(serve(answer)).fetch("api")
    assert (found.status, found.redirected) == (302, True)
    assert len(times) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (200, '{"status": "ok", "protocols": ["v1.jupyter-ai-ws"]}', "ok"),
        (200, '{"status": "ok", "protocols": ["v9.jupyter-ai-ws"]}', "incompatible"),
        (200, "<html>", "login"),
        (403, "", "login"),
        (404, "", "missing"),
        (424, "", "stopped"),
        (503, "", "down"),
    ],
)
async def test_probe_names_the_cause_as_a_page_does(
    status: int, body: str, cause: str, serve: Serve
) -> None:
    """R4: by the probe."""

    def answer(handler: RequestHandler) -> None:
        assert handler.request.path == "/base/jupyter-ai-ws/health"
        handler.set_status(status)
        handler.finish(body)

    assert await line(serve(answer)).probe() == cause


async def test_probe_tells_nothing_there_from_no_answer(unused_port: int) -> None:
    assert await line(unused_port).probe() == "unreachable"
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError):
        await line(silent.getsockname()[1]).fetch("api", 0.2)


async def test_requests_go_through_the_proxy_with_the_name_of_the_target(serve: Serve) -> None:
    port = serve(lambda handler: handler.finish(handler.request.host))
    target = Target("http", "no-such-host.example", 8080, "/")
    found = await Line(target, proxy_port=port).fetch("api")
    assert found.body == "no-such-host.example:8080"


async def test_socket_that_is_refused_or_cut_says_so(unused_port: int) -> None:
    with pytest.raises(OSError, match="refused"):
        await line(unused_port).connect("ws", "a=b")

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    with pytest.raises(OSError):  # noqa: PT011 any of them will do
        await line(server.sockets[0].getsockname()[1]).connect("ws", "a=b")
    server.close()
    await server.wait_closed()
