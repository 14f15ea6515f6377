"""Records of channel 0 (section Z)."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

import msgspec

from .errors import broken
from .limits import (
    MAX_CHANNEL,
    MAX_CODE,
    MIN_CODE,
    REASON_LIMIT_BYTES,
    SERVICE_LIMIT_CHARACTERS,
)
from .members import Shape, is_count, is_object, read_members
from .text import utf8_length

__all__ = [
    "Accept",
    "Close",
    "Credit",
    "Open",
    "Record",
    "Refuse",
    "decode_record",
    "encode_record",
]


class Open(msgspec.Struct, frozen=True):
    """The page opens a channel to a named service."""

    channel: int
    service: str
    parameters: dict[str, Any]


class Accept(msgspec.Struct, frozen=True):
    """The channel is open."""

    channel: int
    parameters: dict[str, Any]


class Refuse(msgspec.Struct, frozen=True):
    """The service is not to be had; final."""

    channel: int
    code: int
    reason: str


class Close(msgspec.Struct, frozen=True):
    """No more units of this channel come from the sender."""

    channel: int
    code: int
    reason: str


class Credit(msgspec.Struct, frozen=True):
    """How many records of the channel its consumer has taken, in all (W5)."""

    channel: int
    taken: int


Record: TypeAlias = Open | Accept | Refuse | Close | Credit


def encode_record(record: Record) -> str:
    """Write a record of channel 0.

    Args:
        record: Any of the five kinds, within the limits of Z4.

    Returns:
        Compact JSON whose first member is `type`.

    Raises:
        TypeError: The parameters hold something JSON cannot carry.
        ValueError: The same, for numbers that are not finite.
    """
    if isinstance(record, Credit):
        return f'{{"type":"credit","channel":{record.channel},"taken":{record.taken}}}'
    members = {"type": type(record).__name__.lower(), **msgspec.structs.asdict(record)}
    return json.dumps(members, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def decode_record(text: str) -> Record:
    """Read a record of channel 0.

    Args:
        text: The whole record.

    Returns:
        What it says.

    Raises:
        ProtocolError: It is none of the five kinds (F6) or over a limit (Z4).
    """
    kind, members = read_members(text, _SHAPES)
    return _KINDS[kind](**members)


def _is_channel(value: object) -> bool:
    return is_count(value) and 0 < value <= MAX_CHANNEL  # type: ignore[operator]


def _is_service(value: object) -> bool:
    return isinstance(value, str) and _within(1 <= len(value) <= SERVICE_LIMIT_CHARACTERS)


def _is_code(value: object) -> bool:
    return is_count(value) and _within(MIN_CODE <= value <= MAX_CODE)  # type: ignore[operator]


def _is_reason(value: object) -> bool:
    return isinstance(value, str) and _within(utf8_length(value) <= REASON_LIMIT_BYTES)


def _within(fits: bool) -> bool:
    return fits or broken("Z4", "a member is over its limit")


_ENDING: Final = {"channel": _is_channel, "code": _is_code, "reason": _is_reason}
_KINDS: Final[dict[str, type[Record]]] = {
    "open": Open,
    "accept": Accept,
    "refuse": Refuse,
    "close": Close,
    "credit": Credit,
}
_SHAPES: Final[dict[str, Shape]] = {
    "open": {"channel": _is_channel, "service": _is_service, "parameters": is_object},
    "accept": {"channel": _is_channel, "parameters": is_object},
    "refuse": _ENDING,
    "close": _ENDING,
    "credit": {"channel": _is_channel, "taken": is_count},
}
"""The members of each kind of record."""
