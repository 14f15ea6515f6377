"""Records both ways while the line breaks, against a real server, and against broken services."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.doctor import fault_proxy, stream
from jupyter_ai_ws.doctor.connection import ClientConnection
from jupyter_ai_ws.doctor.fault_proxy import FAULTS, FaultProxy
from jupyter_ai_ws.doctor.line import Line
from jupyter_ai_ws.doctor.stream import StreamTest, StreamTestError
from jupyter_ai_ws.doctor.target import Target
from jupyter_ai_ws.protocol.limits import BYE_TTL_MS
from jupyter_ai_ws.services.self_test import text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from jupyter_ai_ws.app import AiWsApp
    from jupyter_ai_ws.doctor.fault_proxy import Fault
    from jupyter_ai_ws.services import ServiceRegistry
    from jupyter_ai_ws.services.channel import ServerChannel

    Streaming = Callable[..., AbstractAsyncContextManager[StreamTest]]


@pytest.fixture
def streaming(
    http_server: Any, jp_http_port: int, jp_base_url: str, jp_serverapp: Any
) -> Streaming:
    """Return a function that prepares a test through a proxy before the server."""

    @asynccontextmanager
    async def streaming(
        records: int,
        faults: Sequence[Fault] = (),
        progressed: Callable[[float], None] | None = None,
    ) -> AsyncIterator[StreamTest]:
        token = jp_serverapp.identity_provider.token
        proxy = FaultProxy("127.0.0.1", jp_http_port)
        await proxy.start()
        target = Target("http", "127.0.0.1", jp_http_port, jp_base_url, token)
        connection = ClientConnection(Line(target, proxy.port))
        test = StreamTest(
            connection,
            proxy,
            records=records,
            faults=faults,
            seed=1,
            progressed=lambda share, text: (progressed or shares.append)(share),
        )
        shares: list[float] = []
        try:
            await connection.connect()
            yield test
            assert shares == sorted(shares)
        finally:
            await connection.dispose()
            await proxy.stop()

    return streaming


async def test_every_kind_of_break_costs_no_record(
    streaming: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fault_proxy, "STALL_S", 0.2)
    quick: list[Fault] = [fault for fault in FAULTS if not fault.startswith("hole")]
    async with streaming(300, [*quick, "hole"]) as test:
        await test.run()
        assert (test.counts.expected, test.counts.arrived) == (600, 600)
        assert test.counts.clean
        assert test.cuts == 6
        assert test.healed_s["hole"][0] > 1


async def test_more_cuts_than_records_are_survived_too(streaming: Streaming) -> None:
    async with streaming(3, ["reset", "close"]) as test:
        await test.run()
        assert (test.counts.arrived, test.cuts) == (6, 2)


class Faulty:
    """A service like `self-test` that breaks what it was told to carry."""

    def __init__(self, numbers: Sequence[int], *, changed: bool = False) -> None:
        self._numbers = numbers
        self._changed = changed

    async def __call__(self, channel: ServerChannel) -> None:
        length = channel.parameters["payload_bytes"]
        for number in self._numbers:
            text = "?" if self._changed else text_of(number, length)
            await channel.send(json.dumps({"n": number, "text": text}))
        async for record in channel:
            await channel.send(record)


@pytest.mark.parametrize(
    ("service", "counts"),
    [
        (Faulty([1, 2, 2, 3]), {"doubled": 1}),
        (Faulty([1, 3, 2]), {"reordered": 1}),
        (Faulty([1, 2, 3, 4]), {"damaged": 1}),
    ],
)
async def test_what_a_broken_server_does_to_records_is_counted(
    service: Any, counts: dict[str, int], streaming: Streaming, services: ServiceRegistry
) -> None:
    replace_service(services, service)
    async with streaming(3) as test:
        await test.run()
        assert not test.counts.clean
        assert {name: getattr(test.counts, name) for name in counts} == counts


async def test_lost_record_ends_the_test_when_patience_is_over(
    streaming: Streaming, services: ServiceRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_patience(share: float) -> None:
        if share > 0.8:  # five of six have come, and no more will
            monkeypatch.setattr(stream, "PATIENCE_S", 0.3)

    replace_service(services, Faulty([1, 3]))
    async with streaming(3, progressed=lose_patience) as test:
        with pytest.raises(StreamTestError, match=r"Nothing arrived for 0 s; .* connected"):
            await test.run()
        assert test.counts.lost == 1


async def test_refusal_is_told_with_its_reason(
    streaming: Streaming, services: ServiceRegistry
) -> None:
    async def refusing(channel: ServerChannel) -> None:
        channel.refuse(4403, "not on Sundays")

    replace_service(services, refusing)
    async with streaming(3) as test:
        with pytest.raises(StreamTestError, match="refused the test: not on Sundays"):
            await test.run()


async def test_lost_session_is_told(streaming: Streaming, app: AiWsApp) -> None:
    assert app.sessions is not None
    sessions = app.sessions
    async with streaming(2_000, progressed=lambda share: end_sessions(sessions)) as test:
        with pytest.raises(StreamTestError, match="The session was lost"):
            await test.run()


def replace_service(services: ServiceRegistry, service: Any) -> None:
    """Let another service answer under the name of the test's own."""
    services.unregister("self-test")
    services.register_own("self-test", service)


def end_sessions(sessions: Any) -> None:
    """Let the server lose everything."""
    for held in list(sessions.acceptor.sessions.values()):
        sessions.acceptor.end(held, "an operator ended it", 4410)


async def test_session_ends_though_the_line_swallows_the_last_word(
    streaming: Streaming, app: AiWsApp
) -> None:
    sessions = app.sessions
    assert sessions is not None
    async with streaming(1) as test:
        await test.run()
        (held,) = sessions.acceptor.sessions.values()
        test._proxy.make("hole")
    assert held.expires_ms <= sessions.clock() + BYE_TTL_MS
