"""What is written directly keeps its place among what tornado writes."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from jupyter_ai_ws.direct_write import write_directly

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

LARGE = b"0123456789abcdef" * 65_536


@pytest.fixture
def ends(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[tuple[IOStream, IOStream]]:
    """Give both ends of a line whose socket takes little at once."""
    here, there = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    async def make() -> tuple[IOStream, IOStream]:
        return IOStream(here), IOStream(there)

    ends = jp_asyncio_loop.run_until_complete(make())
    yield ends
    for end in ends:
        end.close()


async def test_small_is_with_the_socket_when_the_call_returns(
    ends: tuple[IOStream, IOStream],
) -> None:
    here, there = ends
    assert write_directly(here, b"small") is None
    assert there.socket.recv(100) == b"small"


async def test_what_the_socket_does_not_take_follows_and_all_keeps_its_order(
    ends: tuple[IOStream, IOStream],
) -> None:
    here, there = ends
    written = []
    for wire in (b"first", LARGE, b"small", LARGE):
        written.append(write_directly(here, wire))
        here.write(b"ping")
    assert written[0] is None
    assert not any(each is None or each.done() for each in written[1:])
    wanted = b"".join(wire + b"ping" for wire in (b"first", LARGE, b"small", LARGE))
    assert await there.read_bytes(len(wanted)) == wanted
    last = written[-1]
    assert last is not None
    await last
    assert last.result() is None
    assert write_directly(here, b"again") is None
    assert await there.read_bytes(5) == b"again"


async def test_full_socket_takes_it_later(ends: tuple[IOStream, IOStream]) -> None:
    here, there = ends
    filled = 0
    with suppress(BlockingIOError):
        while True:
            filled += here.socket.send(b"x" * 1000)
    written = write_directly(here, b"late")
    assert written is not None
    assert not written.done()
    assert (await there.read_bytes(filled + 4))[-4:] == b"late"
    await written


async def test_broken_line_is_told_as_tornado_tells_it(ends: tuple[IOStream, IOStream]) -> None:
    here, there = ends
    there.close()
    written = write_directly(here, b"lost")
    assert written is not None
    with pytest.raises(StreamClosedError):
        await written
    assert here.closed()


async def test_encrypted_line_is_never_written_to_in_plain(
    ends: tuple[IOStream, IOStream],
) -> None:
    here, there = ends
    context = ssl.create_default_context()
    wrapped = context.wrap_socket(
        socket.socket(fileno=here.socket.detach()),
        server_hostname="localhost",
        do_handshake_on_connect=False,
    )
    encrypted = SSLIOStream(wrapped)
    write_directly(encrypted, b"secret")
    hello = await there.read_bytes(1000, partial=True)
    assert b"secret" not in hello
    encrypted.close()
