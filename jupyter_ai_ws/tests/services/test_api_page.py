"""The page of the docs that tells what service authors can use."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_ai_ws import services
from jupyter_ai_ws.services import ServerChannel, ServiceRegistry

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "api.md").read_text()
_, SERVER = PAGE.split("\n## On the server\n")


def test_every_export_is_told() -> None:
    for name in services.__all__:
        assert re.search(rf"`{name}[`(]", SERVER), name


OURS = {"take_waiting", "register_own"}
"""Members that only this package may use."""


def test_every_public_member_is_told() -> None:
    members = {*vars(ServerChannel), *vars(ServiceRegistry), *ServerChannel.__slots__}
    for name in members:
        if not name.startswith("_") and name not in OURS:
            assert re.search(rf"`{name}[`(]", SERVER), name
