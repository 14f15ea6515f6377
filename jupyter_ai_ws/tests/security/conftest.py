"""What holds around every attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .bystander import Bystander
from .line import Line, upgrade, upgraded
from .target import COOKIE_SECRET, SECOND_TOKEN, TOKEN, Target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from jupyter_ai_ws.protocol.frames import Welcome

    Open = Callable[..., Awaitable[Line]]
    Attach = Callable[..., Awaitable[tuple[Line, Welcome]]]

BUDGET_BYTES = 8 * 1024 * 1024
LOG_LIMIT_LINES = 300


@pytest.fixture(scope="package")
def stock_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Start a server with jupyter_server's own users."""
    yield from _serve(tmp_path_factory.mktemp("stock"))


@pytest.fixture(scope="package")
def named_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Start a server with two users that have names."""
    provider = f"{__package__}.two_users.TwoUsers"
    argument = f"--ServerApp.identity_provider_class={provider}"
    yield from _serve(tmp_path_factory.mktemp("named"), argument)


def _serve(directory: Path, *arguments: str) -> Iterator[Target]:
    budget = f"--AiWsApp.memory_budget_bytes={BUDGET_BYTES}"
    target = Target(directory, budget, *arguments)
    target.wait_until_it_listens()
    target.bystander = Bystander(target.port, TOKEN)
    yield target
    target.bystander.stop()
    target.stop()


@pytest.fixture
def target(stock_target: Target) -> Target:
    """Return the server to attack; modules choose another by overriding this."""
    return stock_target


@pytest.fixture
def growth_limit_bytes() -> int:
    """Return what the server may grow by under the attack; tests override it."""
    return 24 * 1024 * 1024


@pytest.fixture(autouse=True)
def _unharmed(target: Target, growth_limit_bytes: int) -> Iterator[None]:
    """Watch a healthy session, the memory and the log of the server through the test."""
    logged, resident_bytes = len(target.log), target.resident_bytes
    yield
    target.bystander.check()
    assert target.alive
    assert target.resident_bytes - resident_bytes < growth_limit_bytes
    log = target.log[logged:]
    assert "Traceback" not in log
    assert log.count("\n") < LOG_LIMIT_LINES
    for secret in (TOKEN, SECOND_TOKEN, COOKIE_SECRET):
        assert secret not in log


@pytest.fixture
def dial(target: Target) -> Iterator[Open]:
    """Return a function that opens a connection and sends bytes; all are aborted in the end."""
    opened: list[Line] = []

    async def dial(data: bytes = b"", *, receive_buffer_bytes: int | None = None) -> Line:
        line = await Line.open(target.port, receive_buffer_bytes=receive_buffer_bytes)
        opened.append(line)
        line.send(data)
        return line

    yield dial
    for line in opened:
        line.close()


@pytest.fixture
def attach(dial: Open, target: Target) -> Attach:
    """Return a function that opens a session of the first user, or of another, by hand."""

    async def attach(
        token: str = TOKEN, path: str | None = None, **options: int
    ) -> tuple[Line, Welcome]:
        headers = {"Authorization": f"token {token}"}
        line = await dial(upgrade(target.port, headers, path), **options)
        return line, await upgraded(line)

    return attach
