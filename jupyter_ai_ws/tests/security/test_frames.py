"""Frames that follow no rule of RFC 6455, or none of ours."""

from __future__ import annotations

import json
import random
import secrets
import struct
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ai_ws.protocol.limits import MESSAGE_LIMIT_BYTES

from .line import WS_PATH, frame, new_query

if TYPE_CHECKING:
    from .conftest import Attach

FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
RS = "\x1e"
PING_FRAME = b'{"type":"ping","id":1,"received":0}'

BROKEN_FRAMES = {
    "compressed": frame(FIN | RSV1 | TEXT, PING_FRAME),
    "reserved bit 2": frame(FIN | RSV2 | TEXT, PING_FRAME),
    "reserved bit 3": frame(FIN | RSV3 | TEXT, PING_FRAME),
    "all reserved bits": frame(FIN | RSV1 | RSV2 | RSV3 | PING),
    **{f"opcode {code}": frame(FIN | code, b"x") for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "continuation of nothing": frame(FIN | MORE, b"x"),
    "beginning in a beginning": frame(TEXT, b"{") + frame(TEXT, b"{"),
    "whole in a beginning": frame(TEXT, b"{") + frame(FIN | TEXT, PING_FRAME),
    "fragmented ping": frame(PING, b"x"),
    "fragmented close": frame(CLOSE, b""),
    "long ping": frame(FIN | PING, b"x" * 126),
    "ping of 2^63 bytes": frame(FIN | PING, size=2**63),
    "long close": frame(FIN | CLOSE, struct.pack(">H", 1000) + b"x" * 124),
    "text that is no UTF-8": frame(FIN | TEXT, b"\xff\xfe"),
    "half a code point": frame(FIN | TEXT, b'{"\xc3'),
    "surrogate in UTF-8": frame(FIN | TEXT, b"\xed\xa0\x80"),
    "overlong UTF-8": frame(FIN | TEXT, b"\xc0\xaf"),
}


@pytest.mark.parametrize("data", BROKEN_FRAMES.values(), ids=BROKEN_FRAMES)
async def test_broken_frame_cuts_its_own_socket_and_keeps_its_session(
    attach: Attach, data: bytes
) -> None:
    sid = secrets.token_hex(16)
    line, welcome = await attach(path=f"{WS_PATH}?{new_query(sid=sid)}")
    line.send(frame(FIN | TEXT, PING_FRAME))
    await line.wire.receive()
    line.send(data)
    await line.ended()
    query = new_query(sid=sid, epoch=welcome.epoch, serial=2)
    again, answer = await attach(path=f"{WS_PATH}?{query}")
    assert answer.resumed
    again.send(frame(FIN | TEXT, b"that is enough"))
    assert await again.closed() == 4400


CLOSES = {
    "no code": b"",
    "half a code": b"\x03",
    **{
        f"code {code}": struct.pack(">H", code)
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
    },
    "reason of garbage": struct.pack(">H", 1000) + b"\xff\xfe\xfd",
    "reason of line breaks": struct.pack(">H", 1000) + b"\r\n[E 2026] forged line\r\n",
    "longest reason": struct.pack(">H", 4999) + b"x" * 123,
}


@pytest.mark.parametrize("payload", CLOSES.values(), ids=CLOSES)
async def test_any_close_ends_the_socket_at_once(attach: Attach, payload: bytes) -> None:
    line, _ = await attach()
    line.send(frame(FIN | CLOSE, payload) + frame(FIN | TEXT, b"after the end"))
    assert b"4400" not in await line.ended()


@pytest.mark.parametrize(
    "size", [MESSAGE_LIMIT_BYTES + 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1]
)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_frame_that_declares_too_much_is_cut_off_before_it_is_read(
    attach: Attach, opcode: int, size: int
) -> None:
    line, _ = await attach()
    line.send(frame(FIN | opcode, size=size))
    assert await line.closed() == 1009


async def test_length_in_more_bytes_than_needed_is_read_as_what_it_says(attach: Attach) -> None:
    line, _ = await attach()
    line.send(frame(FIN | TEXT, PING_FRAME, size=len(PING_FRAME)))
    assert b'"pong"' in (await line.wire.receive()).payload


async def test_frame_without_a_mask_is_read_and_judged_like_any_other(attach: Attach) -> None:
    line, _ = await attach()
    line.send(frame(FIN | TEXT, PING_FRAME, mask=False))
    assert b'"pong"' in (await line.wire.receive()).payload
    line.send(frame(FIN | TEXT, b"garbage", mask=False))
    assert await line.closed() == 4400


async def test_garbage_after_the_upgrade_harms_its_own_socket_alone(attach: Attach) -> None:
    draw = random.Random(2)  # noqa: S311
    for _ in range(60):
        line, _ = await attach()
        line.send(draw.randbytes(draw.randrange(1, 4_000)))
        line.writer.write_eof()
        await line.ended()


async def test_garbage_in_well_formed_frames_ends_its_own_session_alone(attach: Attach) -> None:
    draw = random.Random(3)  # noqa: S311
    for _ in range(60):
        line, _ = await attach()
        line.send(frame(FIN | BINARY, draw.randbytes(draw.randrange(0, 2_000))))
        line.send(frame(FIN | TEXT, b"that is enough"))
        assert await line.closed() == 4400


def control(**members: Any) -> bytes:
    return frame(FIN | TEXT, json.dumps(members).encode())


def record(**members: Any) -> bytes:
    return frame(FIN | TEXT, f"0{RS}{json.dumps(members)}".encode())


OPEN = {"type": "open", "channel": 1, "service": "echo", "parameters": {}}
NUMBERS: tuple[Any, ...] = (-1, 0.5, 1e300, 2**53, 2**64, 10**400, "1", None, True, [], {})
RULE_BREAKERS = {
    **{f"ack {str(value)[:20]}": control(type="ack", received=value) for value in (9, *NUMBERS)},
    **{f"ping {str(value)[:20]}": control(type="ping", id=value, received=0) for value in NUMBERS},
    **{
        f"channel {str(value)[:20]}": record(**{**OPEN, "channel": value})
        for value in (0, 2**31, *NUMBERS)
    },
    "NaN": frame(FIN | TEXT, b'{"type":"ack","received":NaN}'),
    "Infinity": frame(FIN | TEXT, b'{"type":"ack","received":Infinity}'),
    "a million digits": frame(FIN | TEXT, b'{"type":"ack","received":' + b"9" * 60_000 + b"}"),
    "deep array": frame(FIN | TEXT, b'{"type":' + b"[" * 60_000),
    "deep object": frame(FIN | TEXT, b'{"a":' * 12_000),
    "deep parameters": frame(
        FIN | TEXT,
        b'0\x1e{"type":"open","channel":1,"service":"echo","parameters":{"a":'
        + b"[" * 8_000
        + b"]" * 8_000
        + b"}}",
    ),
    "welcome": control(type="welcome", resumed=True, instance="", received=0, serial=1, limits={}),
    "unit for no channel": frame(FIN | TEXT, f"7{RS}x".encode()),
    "close of no channel": record(type="close", channel=7, code=1000, reason=""),
    "accept of the page": record(type="accept", channel=7, parameters={}),
    "open twice": record(**OPEN) + record(**OPEN),
    "long name": record(**{**OPEN, "service": "x" * 129}),
    "credit for nothing": record(**OPEN) + record(type="credit", channel=1, taken=2**53 - 1),
    "empty message": frame(FIN | TEXT),
    "empty binary message": frame(FIN | BINARY),
    "overlong varint": frame(FIN | BINARY, b"\xff" * 9),
}


@pytest.mark.parametrize("data", RULE_BREAKERS.values(), ids=RULE_BREAKERS)
async def test_broken_rule_ends_its_own_session_with_4400(attach: Attach, data: bytes) -> None:
    line, _ = await attach()
    line.send(data)
    assert await line.closed() == 4400


@pytest.mark.parametrize(
    "service", ["../guard", "guard\x00", "\r\n[E 2026] forged line", "%s%n", "{0.__class__}", "🙂"]
)
async def test_name_of_no_service_is_refused_and_the_session_goes_on(
    attach: Attach, service: str
) -> None:
    line, _ = await attach()
    line.send(record(**{**OPEN, "service": service}))
    payload = b""
    while b"refuse" not in payload:
        payload = (await line.wire.receive()).payload
    assert b'"code":4404' in payload
    line.send(frame(FIN | TEXT, PING_FRAME))
    while b"pong" not in payload:
        payload = (await line.wire.receive()).payload
