"""The query of an upgrade request (H1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from .errors import broken
from .limits import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SID: Final = re.compile(r"[0-9a-f]{32}")
_EPOCH: Final = re.compile(r"[0-9a-f]{16}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")


class ResumeRequest(msgspec.Struct, frozen=True):
    """What a page asks for when it opens a socket."""

    sid: str
    epoch: str | None
    """`None`: a new session is asked for."""
    received: int
    serial: int


def parse_request(query: Mapping[str, Sequence[str]]) -> ResumeRequest:
    """Read the query of an upgrade request.

    Args:
        query: Every value of every parameter; unknown ones are ignored.

    Returns:
        The request.

    Raises:
        ProtocolError: A parameter is missing, repeated or malformed (H1).
    """
    epoch = _parameter(query, "epoch", _EPOCH) if query.get("epoch") else None
    received = _number(query, "received")
    if epoch is None and received:
        broken("H1", "received without epoch")
    serial = _number(query, "serial")
    if serial == 0:
        broken("H1", "serial is zero")
    return ResumeRequest(_parameter(query, "sid", _SID), epoch, received, serial)


def format_request(request: ResumeRequest) -> str:
    """Write the query of an upgrade request.

    Args:
        request: The request.

    Returns:
        The query without its question mark.
    """
    epoch = "" if request.epoch is None else f"&epoch={request.epoch}"
    return f"sid={request.sid}{epoch}&received={request.received}&serial={request.serial}"


def _parameter(query: Mapping[str, Sequence[str]], name: str, form: re.Pattern[str]) -> str:
    values = query.get(name, ())
    if len(values) == 1 and form.fullmatch(values[0]):
        return values[0]
    return broken("H1", f"parameter {name} is missing, repeated or malformed")


def _number(query: Mapping[str, Sequence[str]], name: str) -> int:
    number = int(_parameter(query, name, _NUMBER))
    if number > MAX_INTEGER:
        broken("H1", f"parameter {name} is too large")
    return number
