"""Two principals with names, as on a hub."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import IdentityProvider, User

from .target import SECOND_TOKEN, TOKEN

NAMES = {TOKEN: "first-user", SECOND_TOKEN: "second-user"}


class TwoUsers(IdentityProvider):
    """Names users by their token."""

    async def get_user_token(self, handler: Any) -> User | None:
        name = NAMES.get(self.get_token(handler) or "")
        return User(name) if name else None
