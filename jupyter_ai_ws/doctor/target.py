"""The address under examination."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tornado.httputil import HTTPHeaders

__all__ = ["AddressError", "Target", "parse_target"]

_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_PORTS: Final = {"http": 80, "https": 443}
_PAGES: Final = frozenset(
    {
        "lab",
        "tree",
        "notebooks",
        "edit",
        "consoles",
        "terminals",
        "doc",
        "api",
        "login",
        "jupyter-ai-ws",
    }
)
"""First path segments of pages of a Jupyter server: what stands before them is its base."""


class AddressError(ValueError):
    """The address cannot be used; the text says why, without repeating it."""


@dataclass(frozen=True)
class Target:
    """Where a Jupyter server answers.

    Attributes:
        scheme: "http" or "https".
        host: Name or address, without brackets.
        port: TCP port.
        base_path: Path of the server, with a slash at both ends.
        token: What authenticates; `None`: nothing does. It goes into a header, never into an
            address.
    """

    scheme: str
    host: str
    port: int
    base_path: str
    token: str | None = field(default=None, repr=False)

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """What a browser sends as `Origin`."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: what a browser sends as `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether the host is this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def shown(self) -> str:
        """The address for people: without token and without a hub user's name."""
        return self.origin + "/".join(_masked(self.base_path.split("/")))

    @property
    def headers(self) -> HTTPHeaders:
        """New headers that authenticate a request."""
        headers = HTTPHeaders()
        if self.token is not None:
            headers["Authorization"] = f"token {self.token}"
        return headers

    def url(self, path: str, **query: str | int) -> str:
        """Return an HTTP address below the base.

        Args:
            path: Without a slash at its beginning.
            query: Parameters.
        """
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.origin}{self.base_path}{path}{asked}"

    def socket_url(self, path: str, query: str) -> str:
        """Return a WebSocket address below the base.

        Args:
            path: Without a slash at its beginning.
            query: What follows the question mark.
        """
        return f"ws{self.origin.removeprefix('http')}{self.base_path}{path}?{query}"


def parse_target(url: str) -> Target:
    """Read an address as a browser shows it: of JupyterLab, or one with a token.

    Args:
        url: Beginning with http:// or https://.

    Returns:
        The target; a token of the query becomes part of it, page and fragment are cut off.

    Raises:
        AddressError: It is no such address, or holds a user name and password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        tokens = parse_qs(parts.query, errors="strict").get("token")
    except ValueError:
        raise AddressError("The address cannot be read.") from None
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None or not parts.hostname:
        raise AddressError("The address has to begin with http:// or https://.")
    if port == 0 or not _is_name(parts.hostname):
        raise AddressError("Host or port of the address cannot be used.")
    if parts.username is not None:
        raise AddressError("The address must not hold a user name; use a token (?token=…).")
    if tokens and not _fits_a_header(tokens[0]):
        raise AddressError("The token holds characters that no token has.")
    return Target(
        scheme,
        parts.hostname,
        port or _PORTS[scheme],
        _base_path(parts.path),
        tokens[0] if tokens else None,
    )


def _is_name(host: str) -> bool:
    """Whether a host can be looked up at all."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _fits_a_header(token: str) -> bool:
    return token.isprintable() and all(ord(character) < 256 for character in token)


def _base_path(path: str) -> str:
    """Cut off the page; `/hub/user/…` is the hub's own address for `/user/…`."""
    segments = [segment for segment in path.split("/") if segment]
    for at in range(len(segments) - 1):
        if segments[at : at + 2] == ["hub", "user"]:
            del segments[at]
            break
    for at, segment in enumerate(segments):
        if segment in _PAGES and (at == 0 or segments[at - 1] != "user"):
            del segments[at:]
            break
    quoted = [quote(unquote(segment), safe="@!$&'()*+,;=:~") for segment in segments]
    return "/".join(["", *quoted, ""])


def _masked(segments: list[str]) -> list[str]:
    """Hide what follows `user`: the name of a person."""
    return [
        "…" if at and segments[at - 1] == "user" and segment else segment
        for at, segment in enumerate(segments)
    ]
