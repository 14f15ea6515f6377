"""The page behind the login."""

from __future__ import annotations

from typing import Final

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .request_log import LogsNoQuery

__all__ = ["LoginHandler"]

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Logged in</title>
<script>window.close()</script>
<p>You are logged in. You can close this tab.</p>
"""


class LoginHandler(LogsNoQuery, JupyterHandler):
    """Asks for the login, wherever it is kept, and closes its tab when it is there.

    A page whose login has expired opens it in a new tab and goes on when the tab has closed.
    """

    auth_resource = "jupyter_ai_ws"

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Say that the login is there, or send the browser to where it is given."""
        self.set_header("Cache-Control", "no-store")
        self.finish(_PAGE)
