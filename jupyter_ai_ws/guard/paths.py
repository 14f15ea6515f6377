"""Which endpoints are guarded: the list, and the match of a page's request against it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["DEFAULT_PATHS", "PathList", "checked_subprotocols", "why_not_guarded"]

DEFAULT_PATHS: Final[Mapping[str, str]] = {
    "api/ai/chats": "Jupyter AI",
    "api/ai/completion/inline": "Jupyter AI",
    "api/chat/ws/": "Jupyter Chat",
    "mito-ai/app-deploy": "Mito AI",
    "mito-ai/app-manager": "Mito AI",
    "mito-ai/completions": "Mito AI",
    "notebook-intelligence/copilot": "Notebook Intelligence",
}
"""Endpoints of released packages, below the base URL, and what people call them."""

NEVER_GUARDED: Final = (
    "api/collaboration",
    "api/events",
    "api/kernels",
    "api/yjs",
    "jupyter-ai-ws",
    "terminals/websocket",
)
"""Kernels, terminals, events and collaboration rooms resume by themselves; ours is the session."""

MAX_SUBPROTOCOLS: Final = 8
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
"""RFC 9110, 5.6.2."""
_TARGET: Final = re.compile(r"/[!$-\[\]^-~]*")
"""Printable ASCII without space, `"`, `#` and backslash: what a browser sends."""


class PathList:
    """The endpoints of one server that are guarded."""

    def __init__(self, base_url: str, paths: Mapping[str, str]) -> None:
        """Take a list that was checked with `why_not_guarded`.

        Args:
            base_url: Of the server, with a slash at both ends.
            paths: Name for people by path below the base URL. A path that ends in a slash stands
                for everything below it, any other for itself alone.
        """
        self.paths = dict(paths)
        """Name by path, for the page."""
        self._base_url = base_url
        # The longest first: the first that fits is the nearest.
        self._prefixes = sorted((path for path in paths if path.endswith("/")), key=len)[::-1]

    def match(self, target: str) -> str | None:
        """Return the entry of the list that a request falls under; `None`: it is not guarded.

        Args:
            target: Path and query as a browser sends them. The path is compared as it is, since
                that is how tornado finds its handlers.
        """
        path = target.partition("?")[0]
        if not _TARGET.fullmatch(target) or not path.startswith(self._base_url):
            return None
        below = path[len(self._base_url) :]
        if _strange(below) or _never_guarded((below, unquote(below))):
            return None
        if below in self.paths and not below.endswith("/"):
            return below
        return next((prefix for prefix in self._prefixes if below.startswith(prefix)), None)


def why_not_guarded(path: str) -> str | None:
    """Say why a path cannot be on the list; `None`: it can.

    Args:
        path: A path below the base URL.
    """
    if path.startswith("/"):
        return "it is relative to the base URL and begins without a slash"
    place = path.removesuffix("/")
    if "?" in path or not _TARGET.fullmatch("/" + path) or _strange(place):
        return "it is not a path"
    if _never_guarded((place, unquote(place))):
        return "kernels, terminals, events, collaboration rooms and the session are never guarded"
    if path.endswith("/") and any(never.startswith(path) for never in NEVER_GUARDED):
        return "something below it is never guarded"
    return None


def checked_subprotocols(offered: object) -> list[str]:
    """Return what a page offers.

    Args:
        offered: A member of what the page has sent.

    Raises:
        ValueError: It is no list of at most 8 different RFC 9110 tokens.
    """
    if not isinstance(offered, list) or len(offered) > MAX_SUBPROTOCOLS:
        raise ValueError(f"protocols is a list of at most {MAX_SUBPROTOCOLS} tokens")
    for protocol in offered:
        if not isinstance(protocol, str) or not _TOKEN.fullmatch(protocol):
            raise ValueError("a subprotocol is a token of at most 128 characters")
    if len(set(offered)) < len(offered):
        raise ValueError("a subprotocol is offered twice")
    return offered


def _strange(below: str) -> bool:
    """Tell whether proxies, tornado and a browser may read a path differently."""
    return any(
        segment in ("", ".", "..") or "\\" in segment
        for form in (below, unquote(below))
        for segment in form.split("/")
    )


def _never_guarded(forms: Iterable[str]) -> bool:
    return any(
        form == never or form.startswith(never + "/") for form in forms for never in NEVER_GUARDED
    )
