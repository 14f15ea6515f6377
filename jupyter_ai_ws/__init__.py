"""One AI connection per JupyterLab page that never loses a token."""

from __future__ import annotations

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built front end lies."""
    return [{"src": "labextension", "dest": "jupyter-ai-ws"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell jupyter_server which application to load."""
    from .app import AiWsApp

    return [{"module": "jupyter_ai_ws", "app": AiWsApp}]
