"""The service behind *AI Connection: Run Self-Test*.

The server sends numbered records, each a JSON object with `n`, counted from 1, and `text`, and
sends back every record of the page, so that the page can check both directions. The record
`{"cut": true}` is a command instead: the server aborts the session's own socket under the test.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..protocol.errors import ChannelClosedError
from ..protocol.limits import CloseCode

if TYPE_CHECKING:
    from ..protocol.channel import Record
    from .channel import ServerChannel

__all__ = ["MAX_PAYLOAD_BYTES", "MAX_RECORDS", "self_test", "text_of"]

MAX_RECORDS: Final = 100_000
"""The most numbered records of one test."""
MAX_INTERVAL_MS: Final = 10_000
"""The longest pause between two numbered records."""
MAX_PAYLOAD_BYTES: Final = 64 * 1024
"""The most text of one numbered record."""
CUT: Final = {"cut": True}
"""The command that aborts the socket."""
CUT_LIMIT_CHARACTERS: Final = 64
"""A longer record is no command and is not parsed."""


class Plan(NamedTuple):
    """What a page asks for."""

    records: int
    interval_ms: int
    payload_bytes: int


async def self_test(channel: ServerChannel) -> None:
    """Run one test; it ends when the page closes the channel.

    Args:
        channel: Its parameters are `records` (2,000 by default), `interval_ms` (0: as fast as the
            line takes them) and `payload_bytes` (64: the length of `text`), all integers. Others
            are refused with 4400. The page learns with `accept` what holds.
    """
    try:
        plan = _plan(channel.parameters)
    except ValueError as error:
        channel.refuse(CloseCode.PROTOCOL_ERROR, str(error))
        return
    await channel.accept(plan._asdict())
    sender = asyncio.create_task(_send_numbered(channel, plan))
    try:
        async for record in channel:
            if _is_cut(record):
                channel.cut_transport()
            else:
                await channel.send(record)
    finally:
        sender.cancel()
        with suppress(asyncio.CancelledError, ChannelClosedError):
            await sender


def text_of(number: int, payload_bytes: int) -> str:
    """Return the text of a numbered record.

    Args:
        number: Of the record.
        payload_bytes: How long the text is.
    """
    word = f"record {number} "
    return (word * (payload_bytes // len(word) + 1))[:payload_bytes]


async def _send_numbered(channel: ServerChannel, plan: Plan) -> None:
    for number in range(1, plan.records + 1):
        text = text_of(number, plan.payload_bytes)
        await channel.send(json.dumps({"n": number, "text": text}))
        if plan.interval_ms:
            await asyncio.sleep(plan.interval_ms / 1000)


def _is_cut(record: Record) -> bool:
    if not isinstance(record, str) or len(record) > CUT_LIMIT_CHARACTERS:
        return False
    try:
        return bool(json.loads(record) == CUT)
    except (ValueError, RecursionError):
        return False


def _plan(parameters: dict[str, Any]) -> Plan:
    return Plan(
        _integer(parameters, "records", 2_000, MAX_RECORDS),
        _integer(parameters, "interval_ms", 0, MAX_INTERVAL_MS),
        _integer(parameters, "payload_bytes", 64, MAX_PAYLOAD_BYTES),
    )


def _integer(parameters: dict[str, Any], name: str, default: int, most: int) -> int:
    value = parameters.get(name, default)
    if type(value) is int and 0 <= value <= most:
        return value
    raise ValueError(f"{name} is an integer from 0 to {most}")
