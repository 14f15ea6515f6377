"""Much of what would be harmless alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_ai_ws.protocol.limits import MESSAGE_LIMIT_BYTES

from .line import WS_PATH, frame, new_query, request, upgrade, upgraded
from .target import TOKEN

if TYPE_CHECKING:
    from .conftest import Attach, Open
    from .line import Line
    from .target import Target

FIN, MORE, TEXT, PING, PONG = 0x80, 0, 1, 9, 10
AUTHORIZED = {"Authorization": f"token {TOKEN}"}
RS = "\x1e"
PING_FRAME = frame(FIN | TEXT, b'{"type":"ping","id":1,"received":0}')
MIB = 1024 * 1024
# Not the smallest there is: Linux drops segments beyond a buffer it has made smaller, with the
# acknowledgements they carry, and then the server's window stays shut for the one who floods.
UNREAD_BYTES = 64 * 1024


async def flood(line: Line, chunk: bytes, times: int) -> bool:
    """Send again and again as fast as the server takes it; tell whether it took all."""
    try:
        for _ in range(times):
            await line.flood(chunk)
    except ConnectionError:
        return False
    return True


async def test_endless_fragments_are_cut_off_at_256_kib(attach: Attach) -> None:
    line, _ = await attach()
    line.send(frame(TEXT, b"{"))
    piece = b" " * 1024
    assert await flood(line, frame(MORE, piece), MESSAGE_LIMIT_BYTES // len(piece) - 1)
    # Its head is enough. What came after it would cost the one who sends it the close frame.
    line.send(frame(MORE, size=len(piece)))
    assert await line.closed() == 1009


async def test_endless_empty_fragments_take_no_memory(attach: Attach) -> None:
    line, _ = await attach()
    line.send(frame(TEXT, b"{"))
    assert await flood(line, frame(MORE) * 1_000, 30)
    line.send(frame(FIN | PING, b"alive"))
    assert (await line.wire.receive()).payload == b"alive"


async def test_pings_that_are_answered_and_read_go_on(attach: Attach) -> None:
    line, _ = await attach()
    payload = b"x" * 125
    for _ in range(40):
        assert await flood(line, frame(FIN | PING, payload) * 500, 1)
        answers = 0
        while answers < 500:
            answers += (await line.wire.receive()).payload == payload


async def test_socket_that_reads_no_answers_to_its_pings_is_cut_off(attach: Attach) -> None:
    line, _ = await attach(receive_buffer_bytes=UNREAD_BYTES)
    assert not await flood(line, frame(FIN | PING, b"x" * 125) * 500, 400)


async def test_pongs_nobody_asked_for_are_dropped(attach: Attach) -> None:
    line, _ = await attach()
    assert await flood(line, frame(FIN | PONG, b"x" * 125) * 500, 40)
    line.send(PING_FRAME)
    assert b"pong" in (await line.wire.receive()).payload


async def test_control_pings_that_nobody_reads_the_answers_of_take_no_memory(
    attach: Attach,
) -> None:
    line, _ = await attach(receive_buffer_bytes=UNREAD_BYTES)
    await flood(line, PING_FRAME * 500, 40)


async def metrics(dial: Open, target: Target) -> bytes:
    """Return what the server says of itself."""
    headers = {"Host": f"127.0.0.1:{target.port}", **AUTHORIZED}
    return (await (await dial(request("GET", "/metrics", headers))).response()).body


# In one turn of the loop each of the 256 services may send a record before the budget is looked at.
@pytest.mark.parametrize("growth_limit_bytes", [72 * MIB])
async def test_page_that_asks_for_everything_and_reads_nothing_ends(
    attach: Attach, dial: Open, target: Target, growth_limit_bytes: int
) -> None:
    line, _ = await attach(receive_buffer_bytes=UNREAD_BYTES)
    for channel in range(1, 257):
        parameters = '{"records":100000,"payload_bytes":65536}'
        text = (
            f'0{RS}{{"type":"open","channel":{channel},"service":"self-test",'
            f'"parameters":{parameters}}}'
        )
        line.send(frame(FIN | TEXT, text.encode()))
    # Nothing is read before the server has ended the session: it can tell only then.
    while b'cause="evicted"} 0.0' in await metrics(dial, target):
        pass
    assert await line.closed() == 4410


async def test_opens_beyond_the_limit_are_refused_and_end_the_session_at_last(
    attach: Attach,
) -> None:
    line, _ = await attach()
    reading = asyncio.create_task(line.closed())
    opens = [
        f'{{"type":"open","channel":{channel},"service":"echo","parameters":{{}}}}'
        for channel in range(1, 5_001)
    ]
    for start in range(0, len(opens), 100):
        text = f"0{RS}{RS.join(opens[start : start + 100])}"
        if not await flood(line, frame(FIN | TEXT, text.encode()), 1):
            break
    line.send(frame(FIN | TEXT, b"that is enough"))
    assert await reading == 4400


async def test_channels_opened_and_closed_in_one_breath_leave_nothing(attach: Attach) -> None:
    line, _ = await attach()
    reading = asyncio.create_task(line.closed())
    for channel in range(1, 601):
        opened = f'{{"type":"open","channel":{channel},"service":"echo","parameters":{{}}}}'
        closed = f'{{"type":"close","channel":{channel},"code":1000,"reason":""}}'
        line.send(frame(FIN | TEXT, f"0{RS}{opened}{RS}{closed}".encode()))
    line.send(frame(FIN | TEXT, b"that is enough"))
    assert await reading == 4400


async def test_records_without_credit_end_the_session(attach: Attach) -> None:
    line, _ = await attach()
    service = '{"records":100000,"payload_bytes":65536}'
    text = f'0{RS}{{"type":"open","channel":1,"service":"self-test","parameters":{service}}}'
    line.send(frame(FIN | TEXT, text.encode()))
    reading = asyncio.create_task(line.closed())
    await flood(line, frame(FIN | TEXT, f"1{RS}{'x' * 16_000}".encode()), 1_000)
    assert await reading == 4400


async def test_serials_that_race_leave_one_socket(
    attach: Attach, dial: Open, target: Target
) -> None:
    sid = "aaaabbbbccccdddd" * 2
    _, welcome = await attach(path=f"{WS_PATH}?{new_query(sid=sid)}")
    lines = []
    for serial in range(2, 52):
        query = new_query(sid=sid, epoch=welcome.epoch, serial=serial)
        lines.append(await dial(upgrade(target.port, AUTHORIZED, f"{WS_PATH}?{query}")))
    last = lines.pop()
    for line in lines:
        assert (await line.response()).status == 101
        assert await line.closed() in (4409, None)
    assert (await upgraded(last)).resumed
    last.send(PING_FRAME)
    assert b"pong" in (await last.wire.receive()).payload


async def test_sockets_opened_and_dropped_leave_nothing(dial: Open, target: Target) -> None:
    for _ in range(100):
        line = await dial(upgrade(target.port, AUTHORIZED))
        line.close()
    await upgraded(await dial(upgrade(target.port, AUTHORIZED)))
