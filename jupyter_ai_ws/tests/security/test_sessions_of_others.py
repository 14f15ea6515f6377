"""A user with a name never reaches the session of another (H2)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from .line import HEALTH_PATH, WS_PATH, new_query, request, upgrade, upgraded
from .target import SECOND_TOKEN, TOKEN

if TYPE_CHECKING:
    from jupyter_ai_ws.protocol.frames import Welcome

    from .conftest import Attach, Open
    from .line import Line
    from .target import Target

RS = b"\x1e"


@pytest.fixture
def target(named_target: Target) -> Target:
    return named_target


async def echoed(line: Line, text: bytes) -> None:
    """See that a session is alive."""
    line.wire.send(1, b"1" + RS + text)
    while (await line.wire.receive()).payload != b"1" + RS + text:
        pass


async def owned(attach: Attach) -> tuple[Line, str, Welcome]:
    """Open a session of the first user with an open channel; return its ids too."""
    sid = secrets.token_hex(16)
    line, welcome = await attach(path=f"{WS_PATH}?{new_query(sid=sid, serial=5)}")
    line.wire.send(1, b"0" + RS + b'{"type":"open","channel":1,"service":"echo","parameters":{}}')
    while b"accept" not in (await line.wire.receive()).payload:
        pass
    await echoed(line, b"before")
    return line, sid, welcome


@pytest.mark.parametrize("serial", [1, 6, 2**53 - 1])
@pytest.mark.parametrize("received", [0, 1, 2**53 - 1])
async def test_ids_of_another_user_are_unknown_ids(
    attach: Attach, dial: Open, target: Target, serial: int, received: int
) -> None:
    line, sid, welcome = await owned(attach)
    query = new_query(sid=sid, epoch=welcome.epoch, serial=serial, received=received)
    headers = {"Authorization": f"token {SECOND_TOKEN}"}
    thief = await dial(upgrade(target.port, headers, f"{WS_PATH}?{query}"))
    answer = await upgraded(thief)
    assert (answer.resumed, answer.epoch, answer.received) == (False, None, 0)
    assert await thief.closed() == 4404
    await echoed(line, b"after")


async def test_new_session_with_the_id_of_another_user_is_a_session_of_its_own(
    attach: Attach,
) -> None:
    line, sid, welcome = await owned(attach)
    query = new_query(sid=sid, serial=9)
    other, other_welcome = await attach(SECOND_TOKEN, f"{WS_PATH}?{query}")
    assert other_welcome.epoch != welcome.epoch
    other.wire.send(1, b"garbage")
    assert await other.closed() == 4400
    await echoed(line, b"after")


async def test_bye_for_the_session_of_another_user_does_nothing(
    attach: Attach, dial: Open, target: Target
) -> None:
    line, sid, welcome = await owned(attach)
    body = new_query(sid=sid, epoch=welcome.epoch, serial=2**53 - 1, received=None).encode()
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Authorization": f"token {SECOND_TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    answer = await (await dial(request("POST", HEALTH_PATH, headers, body))).response()
    assert answer.status == 204
    await echoed(line, b"after")
    # Neither has its serial become stale.
    query = new_query(sid=sid, epoch=welcome.epoch, serial=6, received=0)
    _, again = await attach(TOKEN, f"{WS_PATH}?{query}")
    assert again.resumed


async def test_answer_does_not_tell_whether_a_session_of_another_user_exists(
    attach: Attach, dial: Open, target: Target
) -> None:
    _, sid, welcome = await owned(attach)
    headers = {"Authorization": f"token {SECOND_TOKEN}"}
    answers = []
    for asked in (sid, "f" * 32):
        query = new_query(sid=asked, epoch=welcome.epoch, serial=9, received=0)
        line = await dial(upgrade(target.port, headers, f"{WS_PATH}?{query}"))
        answers.append((await upgraded(line), await line.closed()))
    assert answers[0] == answers[1]
