"""Whose a session is (rule H2)."""

from __future__ import annotations

import inspect
from typing import Final, NamedTuple

from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
)
from jupyter_server.auth.login import LegacyLoginHandler, LoginFormHandler
from jupyter_server.base.handlers import JupyterHandler

__all__ = ["OWNER", "Principal", "principal_of"]


class Principal(NamedTuple):
    """Whose a session is; two requests reach the same session only with equal principals."""

    kind: str
    """Either "owner" or "user", so that no user can be named like the owner."""
    name: str
    """The user name; empty for the owner."""


OWNER: Final = Principal("owner", "")
"""Everybody whom a stock identity provider lets in.

Its users are drawn at random at each login and for each request with a token, so their names say
nothing: whoever knows the token or the password is the owner of the server.
"""

_STOCK_PROVIDERS: Final = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)
_STOCK_LOGIN_HANDLERS: Final = (LoginFormHandler, LegacyLoginHandler)
_USER_MAKERS: Final = (
    "_get_user",
    "generate_anonymous_user",
    "get_user",
    "get_user_cookie",
    "get_user_token",
    "process_login_form",
    "user_from_cookie",
)


def principal_of(handler: JupyterHandler) -> Principal:
    """Say whose sessions a request may reach.

    Args:
        handler: The handler of an authenticated request.

    Returns:
        The constant owner if users are made at random, else the user's name.
    """
    if _users_are_random(handler):
        return OWNER
    return Principal("user", str(handler.current_user.username))


def _users_are_random(handler: JupyterHandler) -> bool:
    """Tell whether nothing but jupyter_server's own code makes the users of this server.

    In doubt the answer is no: then logging in again costs the session, but nobody gets hold of
    somebody else's.
    """
    provider = handler.identity_provider
    return (
        all(_is_stock(provider, name) for name in _USER_MAKERS)
        and provider.login_handler_class in _STOCK_LOGIN_HANDLERS
        and _has_stock_user(handler)
    )


def _is_stock(provider: IdentityProvider, name: str) -> bool:
    function = getattr(getattr(provider, name), "__func__", None)
    return any(function is getattr(stock, name) for stock in _STOCK_PROVIDERS)


def _has_stock_user(handler: JupyterHandler) -> bool:
    """Tell whether `get_current_user`, by which users were named before 2.0, is not overridden."""
    return inspect.getmodule(handler.get_current_user) is inspect.getmodule(JupyterHandler)
