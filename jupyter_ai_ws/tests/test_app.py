"""The extension in its server: settings, loading, doing no harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_ai_ws import __version__
from jupyter_ai_ws import app as app_module
from jupyter_ai_ws.app import AiWsApp
from jupyter_ai_ws.guard.paths import DEFAULT_PATHS
from jupyter_ai_ws.protocol.limits import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_server.serverapp import ServerApp

    Fetch = Callable[..., Awaitable[Any]]


def page_config(serverapp: ServerApp) -> dict[str, Any]:
    config: dict[str, Any] = serverapp.web_app.settings.get("page_config_data", {})
    return config


def test_page_config_tells_that_the_server_half_is_there(jp_serverapp: ServerApp) -> None:
    entry = page_config(jp_serverapp)["jupyterAiWs"]
    assert json.loads(entry) == {
        "protocols": [SUBPROTOCOL],
        "version": __version__,
        "guard": {"paths": dict(DEFAULT_PATHS)},
    }


def test_page_config_of_others_stays(
    jp_server_config: dict[str, Any], jp_configurable_serverapp: Callable[..., ServerApp]
) -> None:
    settings = {"page_config_data": {"theirs": "stays"}}
    jp_server_config["ServerApp"]["tornado_settings"] = settings
    serverapp = jp_configurable_serverapp()
    assert page_config(serverapp)["theirs"] == "stays"
    assert "jupyterAiWs" in page_config(serverapp)


def test_idle_extension_does_not_keep_the_server_up(app: AiWsApp) -> None:
    assert app.current_activity() is None  # type: ignore[no-untyped-call]


def test_every_setting_has_a_help_of_several_sentences() -> None:
    own = AiWsApp.class_own_traits(config=True)
    assert sorted(own) == [
        "guard_enabled",
        "guarded_paths",
        "max_channels",
        "max_sessions_per_principal",
        "memory_budget_bytes",
        "ping_interval_s",
        "session_ttl_s",
    ]
    for trait in own.values():
        assert trait.help.count(". ") + trait.help.count(".\n") >= 2


@pytest.fixture
def tuned(jp_server_config: dict[str, Any]) -> None:
    jp_server_config["AiWsApp"] = {
        "session_ttl_s": 90,
        "memory_budget_bytes": 2_000_000,
        "max_sessions_per_principal": 3,
        "max_channels": 4,
        "ping_interval_s": 7.5,
    }


@pytest.mark.usefixtures("tuned")
def test_settings_reach_the_sessions(app: AiWsApp) -> None:
    assert app.sessions is not None
    options = app.sessions.acceptor.options
    assert options.session_ttl_ms == 90_000
    assert options.memory_budget_bytes == 2_000_000
    assert options.max_sessions_per_principal == 3
    assert options.max_channels == 4
    assert options.limits == {"max_channels": 4, "session_ttl_s": 90}
    assert app.sessions.ping_interval_s == 7.5


def test_setting_of_the_wrong_type_takes_its_default_and_the_others_stay(
    jp_server_config: dict[str, Any], jp_configurable_serverapp: Callable[..., ServerApp]
) -> None:
    jp_server_config["AiWsApp"] = {"max_channels": "many", "session_ttl_s": 90.0}
    serverapp = jp_configurable_serverapp()
    app = serverapp.extension_manager.extension_points["jupyter_ai_ws"].app
    assert app.max_channels == 256
    assert app.session_ttl_s == 90.0
    assert "jupyterAiWs" in page_config(serverapp)


@pytest.mark.parametrize("broken", ["SessionServer", "register_built_in", "WsHandler"])
def test_extension_that_cannot_load_leaves_the_server_as_if_it_were_not_installed(
    jp_configurable_serverapp: Callable[..., ServerApp],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    broken: str,
) -> None:
    monkeypatch.delattr(app_module, broken)
    serverapp = jp_configurable_serverapp()
    assert "jupyterAiWs" not in page_config(serverapp)
    assert "The AI connection is not available." in capsys.readouterr().err


@pytest.fixture
def broken_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(app_module, "SessionServer")


@pytest.mark.usefixtures("broken_server")
async def test_address_is_missing_when_the_extension_cannot_load(jp_fetch: Fetch) -> None:
    assert (await jp_fetch("api", "status")).code == 200
    with pytest.raises(HTTPClientError) as missing:
        await jp_fetch("jupyter-ai-ws", "health")
    assert missing.value.code == 404
