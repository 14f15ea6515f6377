"""A server extension that lets hours pass: `GET clock/advance?seconds=7200`.

All timers of the process that fall into them are due at once.
"""

from __future__ import annotations

import time
from typing import Any

from jupyter_server.base.handlers import JupyterHandler

_monotonic, _time = time.monotonic, time.time
_advance_s = 0.0


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "clock"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    time.monotonic = lambda: _monotonic() + _advance_s
    time.time = lambda: _time() + _advance_s
    serverapp.web_app.add_handlers(".*", [(serverapp.base_url + "clock/advance", Advance)])


class Advance(JupyterHandler):
    """Lets time pass."""

    def get(self) -> None:
        global _advance_s
        _advance_s += float(self.get_argument("seconds"))
        self.finish("")
