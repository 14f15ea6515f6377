"""A page that is connected to a server with a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..stranger import PATH
from .world import World

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from jupyter_server.serverapp import ServerApp

    from ...page import Page


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    paths = {
        PATH: "Stranger",
        "stranger/missing": "Missing",
        "stranger/kernels/": "Kernels of a stranger",
        "api/status": "No WebSocket",
        # What nobody can have guarded, whatever he wants.
        "api/": "All",
        "api/kernels/": "Kernels",
        "api/collaboration/room/": "Rooms",
        "jupyter-ai-ws/ws": "The session",
        "terminals/": "Terminals",
    }
    return {**jp_server_config, "AiWsApp": {"guarded_paths": paths}}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what may be gathered be gathered for an hour."""
    monkeypatch.setattr("jupyter_ai_ws.guard.gathering.GATHER_S", 3600)


@pytest.fixture
def world(page: Page, jp_serverapp: ServerApp, jp_asyncio_loop: AbstractEventLoop) -> World:
    jp_asyncio_loop.run_until_complete(page.connect())
    return World(page, jp_serverapp)
