"""A tornado in which the guard does not work costs the guard and nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws import app as app_module
from jupyter_ai_ws.guard import self_test as self_test_module
from jupyter_ai_ws.guard.connection import MemoryConnection
from jupyter_ai_ws.guard.peer import Peer
from jupyter_ai_ws.guard.self_test import GuardBrokenError, self_test
from jupyter_ai_ws.guard.stream import MemoryStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_server.serverapp import ServerApp
    from tornado.web import RequestHandler

LOG = logging.getLogger("test")


def test_passes_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    self_test(LOG)
    assert caplog.text == ""


async def test_passes_while_an_event_loop_runs() -> None:
    self_test(LOG)


def read_too_much(self: MemoryStream, num_bytes: int) -> bytes:
    return bytes(num_bytes)


def write_nothing(self: MemoryStream, data: bytes) -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


def no_detach(self: MemoryConnection) -> MemoryStream:
    raise AttributeError("detach")


def swap_types(self: Peer, opcode: int, message: str | bytes) -> None:
    self._listener.message("swapped")


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (MemoryStream, "read_bytes", read_too_much),
        (MemoryStream, "write", write_nothing),
        (MemoryConnection, "detach", no_detach),
        (Peer, "_hand_over", swap_types),
    ],
)
def test_fails_where_tornado_does_not_fit(
    owner: type, name: str, broken: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_test_module, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(GuardBrokenError):
        self_test(LOG)


def test_missing_short_way_is_only_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgraded = Peer.upgraded

    def without(self: Peer, handler: RequestHandler | None) -> None:
        upgraded(self, None)

    monkeypatch.setattr(Peer, "upgraded", without)
    self_test(LOG)
    assert "the long way" in caplog.text


def test_failure_leaves_everything_native_and_says_why(
    jp_configurable_serverapp: Callable[..., ServerApp],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(self_test_module, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(MemoryConnection, "detach", no_detach)
    check_native(jp_configurable_serverapp())
    assert "Nothing is guarded: the self-test of the guard hangs." in capsys.readouterr().err


def test_fault_of_the_guard_costs_the_guard_alone(
    jp_configurable_serverapp: Callable[..., ServerApp],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(app_module, "paths_of_packages")
    check_native(jp_configurable_serverapp())
    assert "Nothing is guarded: NameError" in capsys.readouterr().err


def check_native(serverapp: ServerApp) -> None:
    entry = json.loads(serverapp.web_app.settings["page_config_data"]["jupyterAiWs"])
    assert "guard" not in entry
    assert "protocols" in entry
    assert serverapp.web_app.settings["jupyter_ai_ws"].get("guard") is None
