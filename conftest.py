"""Fixtures shared by every Python test."""

from __future__ import annotations

from typing import Any

import pytest

pytest_plugins = ("pytest_jupyter.jupyter_server",)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Load this extension into the server under test."""
    return {"ServerApp": {"jpserver_extensions": {"jupyter_ai_ws": True}}}
