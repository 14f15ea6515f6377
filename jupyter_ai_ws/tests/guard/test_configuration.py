"""The path list comes from this package, from files of other packages, and from the operator."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from traitlets.config import Config

from jupyter_ai_ws.app import AiWsApp
from jupyter_ai_ws.guard.configuration import merged_paths, paths_of_packages
from jupyter_ai_ws.guard.paths import DEFAULT_PATHS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

LOG = logging.getLogger("test")


def drop(directory: Path, name: str, content: Any) -> None:
    """Install what a package brings."""
    folder = directory / "jupyter_server_config.d"
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)


def paths(**guarded: str | None) -> dict[str, Any]:
    named = {name.replace("_", "/"): value for name, value in guarded.items()}
    return {"AiWsApp": {"guarded_paths": named}}


def test_files_of_several_packages_are_merged_by_path(tmp_path: Path) -> None:
    drop(tmp_path, "one.json", paths(one_ws="One"))
    drop(tmp_path, "two.json", paths(two_ws="Two"))
    found = paths_of_packages([str(tmp_path)], LOG)
    assert found == {"one/ws": "One", "two/ws": "Two"}


def test_directory_of_the_user_wins_over_that_of_the_system(tmp_path: Path) -> None:
    drop(tmp_path / "user", "a.json", paths(one_ws=None, two_ws="Mine"))
    drop(tmp_path / "system", "z.json", paths(one_ws="One", two_ws="Two", three_ws="Three"))
    found = paths_of_packages([str(tmp_path / "user"), str(tmp_path / "system")], LOG)
    assert found == {"one/ws": None, "two/ws": "Mine", "three/ws": "Three"}


@pytest.mark.parametrize(
    "content",
    [
        *("", "no json", "[]", "1", '{"AiWsApp": 1}', '{"AiWsApp": {"guarded_paths": []}}'),
        *("[" * 100_000, "\ufffe"),
        '{"AiWsApp": {"guarded_paths": {"/slash": "a", "api/kernels/": "b", "x/ws": 1, "y": ""}}}',
        '{"ServerApp": {"jpserver_extensions": {"theirs": true}}}',
    ],
)
def test_useless_file_loses_no_other(content: str, tmp_path: Path) -> None:
    drop(tmp_path, "broken.json", content)
    drop(tmp_path, "good.json", paths(good_ws="Good"))
    assert paths_of_packages([str(tmp_path)], LOG) == {"good/ws": "Good"}


def test_path_that_is_not_guarded_is_named_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    drop(tmp_path, "theirs.json", paths(api_kernels="Kernels"))
    assert paths_of_packages([str(tmp_path)], LOG) == {}
    assert "'api/kernels' of theirs.json is not guarded: kernels" in caplog.text


def test_operator_wins_over_packages_and_packages_over_defaults() -> None:
    packages = {"one/ws": "One", "mito-ai/completions": "Mito", "api/ai/chats": None}
    configured = {"one/ws": None, "two/ws": "Two"}
    expected = {**DEFAULT_PATHS, "mito-ai/completions": "Mito", "two/ws": "Two"}
    del expected["api/ai/chats"]
    assert merged_paths(packages, configured) == expected


@pytest.mark.parametrize("value", [None, [], "x", {1: "a"}, {"/a": "b"}, {"a": 1}])
def test_wrong_list_leaves_the_other_settings(value: Any) -> None:
    config = Config({"AiWsApp": {"guarded_paths": value, "max_channels": 7}})
    app = AiWsApp(config=config)
    assert (app.guarded_paths, app.max_channels) == ({}, 7)


@pytest.mark.parametrize("value", [None, 0, "no"])
def test_wrong_switch_leaves_the_other_settings(value: Any) -> None:
    app = AiWsApp(config=Config({"AiWsApp": {"guard_enabled": value, "max_channels": 7}}))
    assert (app.guard_enabled, app.max_channels) == (True, 7)


def guarded(serverapp: ServerApp) -> Any:
    return json.loads(serverapp.web_app.settings["page_config_data"]["jupyterAiWs"]).get("guard")


def test_file_of_a_stranger_package_reaches_the_page(
    jp_env_config_path: Path, jp_configurable_serverapp: Callable[..., ServerApp]
) -> None:
    drop(jp_env_config_path, "theirs.json", paths(theirs_ws="Theirs"))
    published = guarded(jp_configurable_serverapp())
    assert published == {"paths": {**DEFAULT_PATHS, "theirs/ws": "Theirs"}}


def test_operator_takes_a_default_off_the_list(
    jp_server_config: dict[str, Any], jp_configurable_serverapp: Callable[..., ServerApp]
) -> None:
    jp_server_config.update(paths(api_ai_chats=None))
    assert "api/ai/chats" not in guarded(jp_configurable_serverapp())["paths"]


def test_nothing_is_published_when_switched_off(
    jp_server_config: dict[str, Any], jp_configurable_serverapp: Callable[..., ServerApp]
) -> None:
    jp_server_config["AiWsApp"] = {"guard_enabled": False}
    serverapp = jp_configurable_serverapp()
    assert guarded(serverapp) is None
    assert serverapp.web_app.settings["jupyter_ai_ws"].get("guard") is None
