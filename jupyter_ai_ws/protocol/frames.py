"""Frames: what one WebSocket message carries (section F)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from .errors import broken
from .limits import MAX_CHANNEL, MESSAGE_LIMIT_BYTES, UNIT_LIMIT_BYTES, UNIT_OVERHEAD_BYTES
from .members import ABSENT, Shape, is_count, is_flag, is_text, read_members
from .units import LAST, MORE, RS, WHOLE, Unit, unit_cost, utf8_length

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Ack",
    "Bye",
    "Control",
    "Ping",
    "Pong",
    "Welcome",
    "decode",
    "encode_control",
    "encode_units",
]


class Welcome(msgspec.Struct, frozen=True):
    """The server's first frame (H3)."""

    resumed: bool
    epoch: str | None
    """Absent on the wire and `None` here: there is no session (H4)."""
    instance: str
    received: int
    serial: int
    limits: dict[str, int]


class Ack(msgspec.Struct, frozen=True):
    """What this end has counted, in all (A1)."""

    received: int


class Ping(msgspec.Struct, frozen=True):
    """Asks for a pong (L1)."""

    id: int
    received: int


class Pong(msgspec.Struct, frozen=True):
    """Answers the ping of that id (L1)."""

    id: int
    received: int


class Bye(msgspec.Struct, frozen=True):
    """The page is gone (H10)."""


Control: TypeAlias = Welcome | Ack | Ping | Pong | Bye

_KINDS: Final[dict[str, type[Control]]] = {
    "welcome": Welcome,
    "ack": Ack,
    "ping": Ping,
    "pong": Pong,
    "bye": Bye,
}
_SHAPES: Final[dict[str, Shape]] = {
    "welcome": {
        "resumed": is_flag,
        "epoch": lambda value: value is ABSENT or is_text(value),
        "instance": is_text,
        "received": is_count,
        "serial": is_count,
        "limits": lambda value: isinstance(value, dict) and all(map(is_count, value.values())),
    },
    "ack": {"received": is_count},
    "ping": {"id": is_count, "received": is_count},
    "pong": {"id": is_count, "received": is_count},
    "bye": {},
}
"""The members of each kind of control frame (F1)."""

_FORMS: Final = {".": LAST, "+": MORE}
_MARKS: Final = {WHOLE: "", LAST: ".", MORE: "+"}


def encode_control(frame: Control) -> str:
    """Write a control frame.

    Args:
        frame: Any of the five kinds (F1).

    Returns:
        Compact JSON whose first member is `type`.
    """
    match frame:
        case Ack():
            return f'{{"type":"ack","received":{frame.received}}}'
        case Ping():
            return f'{{"type":"ping","id":{frame.id},"received":{frame.received}}}'
        case Pong():
            return f'{{"type":"pong","id":{frame.id},"received":{frame.received}}}'
        case Bye():
            return '{"type":"bye"}'
        case Welcome():
            members = {"type": "welcome", **msgspec.structs.asdict(frame)}
            if frame.epoch is None:
                del members["epoch"]
            return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def decode(message: str | bytes) -> Control | list[Unit]:
    """Read one WebSocket message.

    Args:
        message: Its text or bytes.

    Returns:
        A control frame, or the units in order.

    Raises:
        ProtocolError: It does not follow section F.
    """
    if not isinstance(message, str):
        return [_decode_binary(message)]
    if message.startswith("{"):
        return _decode_control(message)
    return _decode_text(message)


def _decode_control(message: str) -> Control:
    """Read a control frame (F1, F6)."""
    kind, members = read_members(message, _SHAPES)
    if kind == "welcome":
        members["limits"] = {name: int(limit) for name, limit in members["limits"].items()}
    return _KINDS[kind](**members)


def _decode_text(message: str) -> list[Unit]:
    """Read a text frame of units (F2, F3)."""
    head, separator, body = message.partition(RS)
    form = _FORMS.get(head[-1:], WHOLE)
    number = head if form == WHOLE else head[:-1]
    if not separator or not _is_channel(number):
        broken("F3", "malformed text frame")
    channel = int(number)
    _check_channel(channel)
    if form == WHOLE:
        return _decode_records(channel, body)
    if channel == 0:
        broken("Z1", "fragment on channel 0")
    if form == MORE and not body:
        broken("F3", "empty fragment")
    size = utf8_length(body)
    return [Unit(channel, body, form, _checked_cost(size, form))]


def _is_channel(number: str) -> bool:
    """Tell whether a text is a number of at most ten digits without leading zero."""
    if number.isascii() and number.isdigit() and len(number) <= 10:
        return number[0] != "0" or number == "0"
    return False


def _decode_records(channel: int, body: str) -> list[Unit]:
    """Read the records of a text frame."""
    separators = body.count(RS)
    is_ascii = body.isascii()
    size = (len(body) if is_ascii else utf8_length(body)) - separators
    # Before the units are made: there may be tens of thousands.
    cost = size + (separators + 1) * UNIT_OVERHEAD_BYTES
    if size > UNIT_LIMIT_BYTES or cost > MESSAGE_LIMIT_BYTES:
        broken("F2", "frame too large")
    records = body.split(RS)
    if is_ascii:
        return [Unit(channel, text, WHOLE, len(text) + UNIT_OVERHEAD_BYTES) for text in records]
    return [Unit(channel, text, WHOLE, utf8_length(text) + UNIT_OVERHEAD_BYTES) for text in records]


def _decode_binary(message: bytes) -> Unit:
    """Read a binary frame, which is one unit."""
    channel, end = _read_varint(message)
    _check_channel(channel)
    if channel == 0:
        broken("F4", "binary on channel 0")
    flag = message[end : end + 1]
    if flag not in (b"\0", b"\1"):
        broken("F3", "malformed flag")
    payload = message[end + 1 :]
    form = MORE if flag == b"\1" else LAST
    if form == MORE and not payload:
        broken("F3", "empty fragment")
    return Unit(channel, payload, form, _checked_cost(len(payload), form))


def _read_varint(message: bytes) -> tuple[int, int]:
    """Read a number at the beginning of a message, and tell where it ends."""
    number = 0
    for index, octet in enumerate(message[:5]):
        number |= (octet & 0x7F) << 7 * index
        if octet < 0x80:
            if octet == 0 and index:
                break
            return number, index + 1
    return broken("F3", "malformed channel number")


def _check_channel(channel: int) -> None:
    if channel > MAX_CHANNEL:
        broken("F3", "channel number too large")


def _checked_cost(size: int, form: int) -> int:
    """Return what the one unit of a frame costs, if it is not too large (F2)."""
    cost = unit_cost(size)
    if cost > MESSAGE_LIMIT_BYTES or (form != MORE and size > UNIT_LIMIT_BYTES):
        broken("F2", "frame too large")
    return cost


def encode_units(units: Iterable[Unit], *, fast: bool = False) -> list[str | bytes]:
    """Put units into few frames, in their order (F2, F5).

    Args:
        units: Each of at most 16 KiB payload.
        fast: Whether the line is fast: then fragments share frames, too.

    Returns:
        The frames.
    """
    frames: list[str | bytes] = []
    payloads: list[Any] = []  # of units that share a frame
    channel, form = 0, WHOLE  # theirs
    room = 0  # what can still join them may cost so much
    for unit in units:
        payload = unit.payload
        if (
            unit.cost <= room
            and unit.channel == channel
            and unit.form == form
            and (form == MORE or isinstance(payload, str))
        ):
            payloads.append(payload)
        else:
            if payloads:
                frames.append(_encode(channel, form, payloads))
            channel, form, payloads = unit.channel, unit.form, [payload]
            if form == MORE:
                room = MESSAGE_LIMIT_BYTES if fast else 0
            else:
                is_shared = form == WHOLE and isinstance(payload, str)
                room = UNIT_LIMIT_BYTES if is_shared else 0
        room -= unit.cost
    if payloads:
        frames.append(_encode(channel, form, payloads))
    return frames


def _encode(channel: int, form: int, payloads: list[Any]) -> str | bytes:
    """Write the frame of units that share it."""
    if isinstance(payloads[0], str):
        return f"{channel}{_MARKS[form]}{RS}{(RS if form == WHOLE else '').join(payloads)}"
    return b"".join((_write_varint(channel), b"\1" if form == MORE else b"\0", *payloads))


def _write_varint(number: int) -> bytes:
    """Write a number as shortest LEB128."""
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)
