"""Records of channel 0 (section Z)."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import msgspec

from .errors import ProtocolError
from .limits import (
    MAX_CHANNEL,
    MAX_CODE,
    MIN_CODE,
    REASON_LIMIT_BYTES,
    SERVICE_LIMIT_CHARACTERS,
)
from .members import Members
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
    members = Members(text)
    kind = members.text("type")
    channel = members.integer("channel", 1, MAX_CHANNEL)
    match kind:
        case "open":
            return Open(channel, _service(members), members.object("parameters"))
        case "accept":
            return Accept(channel, members.object("parameters"))
        case "refuse":
            return Refuse(channel, _code(members), _reason(members))
        case "close":
            return Close(channel, _code(members), _reason(members))
        case "credit":
            return Credit(channel, members.integer("taken"))
    raise ProtocolError("F6", "record of unknown type on channel 0")


def _service(members: Members) -> str:
    service = members.text("service")
    if 1 <= len(service) <= SERVICE_LIMIT_CHARACTERS:
        return service
    raise ProtocolError("Z4", "service name empty or too long")


def _code(members: Members) -> int:
    code = members.integer("code")
    if MIN_CODE <= code <= MAX_CODE:
        return code
    raise ProtocolError("Z4", "close code out of range")


def _reason(members: Members) -> str:
    reason = members.text("reason")
    if utf8_length(reason) <= REASON_LIMIT_BYTES:
        return reason
    raise ProtocolError("Z4", "reason too long")
