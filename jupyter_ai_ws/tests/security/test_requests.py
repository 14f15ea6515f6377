"""What is wrong with a request before there is a WebSocket."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from .line import ENDPOINTS, HEALTH_PATH, WS_PATH, new_query, request, upgrade, upgraded
from .target import TOKEN

if TYPE_CHECKING:
    from .conftest import Open
    from .target import Target

AUTHORIZED = {"Authorization": f"token {TOKEN}"}
SID = "0123456789abcdef" * 2
EPOCH = "0123456789abcdef"


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "sid",
        "&" * 500,
        "=".join("x" * 1_000),
        {"sid": ""},
        {"sid": "x" * 32},
        {"sid": "../../../../etc/passwd"},
        {"sid": SID.upper()},
        {"sid": SID + "\n"},
        {"sid": SID + "\x00"},
        {"sid": "\uff11" * 32},
        {"sid": "0" * 10_000},
        f"sid={SID}&received=0&serial=1&sid={SID}",
        {"epoch": ""},
        {"epoch": EPOCH[:-1]},
        {"epoch": "g" * 16},
        {"serial": 0},
        {"serial": -1},
        {"serial": "1.0"},
        {"serial": "1e3"},
        {"serial": "0x10"},
        {"serial": " 1"},
        {"serial": 2**53},
        {"serial": "9" * 5_000},
        {"serial": "\u0663"},
        {"received": 1},
        {"epoch": EPOCH, "received": -1},
        {"epoch": EPOCH, "received": 2**64},
        {"epoch": EPOCH, "received": "nan"},
        {"epoch": EPOCH, "received": "infinity"},
        {"epoch": EPOCH, "received": "1_000"},
        "sid=%ff%fe&received=%00&serial=%",
    ],
)
async def test_malformed_ids_cursors_and_serials_are_refused_with_4400(
    dial: Open, target: Target, fields: str | dict[str, Any]
) -> None:
    query = fields if isinstance(fields, str) else new_query(**fields)
    line = await dial(upgrade(target.port, AUTHORIZED, f"{WS_PATH}?{query}"))
    assert (await line.response()).status == 101
    assert await line.closed() == 4400


@pytest.mark.parametrize("received", [0, 1, 2**53 - 1])
@pytest.mark.parametrize("serial", [1, 2**53 - 1])
async def test_unknown_ids_are_told_so_and_nothing_is_made(
    dial: Open, target: Target, serial: int, received: int
) -> None:
    query = new_query(sid=SID, epoch=EPOCH, received=received, serial=serial)
    line = await dial(upgrade(target.port, AUTHORIZED, f"{WS_PATH}?{query}"))
    answer = await upgraded(line)
    assert (answer.resumed, answer.epoch) == (False, None)
    assert await line.closed() == 4404


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "BREW", "get"]
)
@pytest.mark.parametrize("authorized", [True, False])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_other_methods_do_nothing(
    dial: Open, target: Target, path: str, authorized: bool, method: str
) -> None:
    given = {"Host": f"127.0.0.1:{target.port}", **(AUTHORIZED if authorized else {})}
    headers = {**given, "Content-Length": "0", "Connection": "close"}
    data = await (await dial(request(method, path, headers))).ended()
    # `OPTIONS` is answered by jupyter_server, for browsers that ask what they may.
    wanted = (200, 405) if authorized else (200, 403, 405)
    assert int(data.split(b" ", 2)[1]) in wanted
    assert b'"instance"' not in data


BAD_UPGRADES = {
    "no upgrade": ({"Upgrade": ""}, 400),
    "other upgrade": ({"Upgrade": "h2c"}, 400),
    "no connection": ({"Connection": ""}, 400),
    "no key": ({"Sec-WebSocket-Key": ""}, 400),
    "version 0": ({"Sec-WebSocket-Version": "0"}, 426),
    "version 99": ({"Sec-WebSocket-Version": "99"}, 426),
    "version garbage": ({"Sec-WebSocket-Version": "13, 13"}, 426),
    "no version": ({"Sec-WebSocket-Version": ""}, 426),
}


@pytest.mark.parametrize(("headers", "status"), BAD_UPGRADES.values(), ids=BAD_UPGRADES)
async def test_upgrade_that_is_none_is_refused(
    dial: Open, target: Target, headers: dict[str, str], status: int
) -> None:
    line = await dial(upgrade(target.port, {**AUTHORIZED, **headers}))
    assert (await line.response()).status == status


@pytest.mark.parametrize(
    "subprotocol", ["", "v0.jupyter-ai-ws", "chat, superchat", ",,,,", "x" * 30_000, "\xff"]
)
async def test_unknown_subprotocol_is_told_so_with_4406(
    dial: Open, target: Target, subprotocol: str
) -> None:
    headers = {**AUTHORIZED, "Sec-WebSocket-Protocol": subprotocol}
    line = await dial(upgrade(target.port, headers))
    assert (await line.response()).status == 101
    assert await line.closed() == 4406


async def test_compression_is_not_agreed_on(dial: Open, target: Target) -> None:
    headers = {
        **AUTHORIZED,
        "Sec-WebSocket-Extensions": "permessage-deflate",
    }
    response = await (await dial(upgrade(target.port, headers))).response()
    assert response.status == 101
    assert "sec-websocket-extensions" not in response.headers


OVERSIZED = {
    "giant URL": f"GET {WS_PATH}?{'x' * 1_000_000} HTTP/1.1\r\n\r\n".encode(),
    "giant header": b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n"
    + b"".join(b"X-%d: x\r\n" % number for number in range(50_000))
    + b"\r\n",
    "endless line": b"G" * 1_000_000,
    "endless header": b"GET / HTTP/1.1\r\n" + b"X" * 1_000_000,
}


@pytest.mark.parametrize("data", OVERSIZED.values(), ids=OVERSIZED)
async def test_oversized_request_is_cut_off(dial: Open, target: Target, data: bytes) -> None:
    line = await dial(data)
    answer = await line.ended()
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))


BAD_BODIES = {
    "declares 2^63 bytes": {"Content-Length": str(2**63)},
    "declares less than nothing": {"Content-Length": "-1"},
    "declares two lengths": {"Content-Length": "1, 2"},
    "declares no number": {"Content-Length": "0x10"},
    "chunk without end": {"Transfer-Encoding": "chunked"},
    "both lengths": {"Transfer-Encoding": "chunked", "Content-Length": "5"},
}


@pytest.mark.parametrize("headers", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_request_whose_body_is_a_lie_gets_nowhere(
    dial: Open, target: Target, headers: dict[str, str]
) -> None:
    given = {"Host": f"127.0.0.1:{target.port}", **AUTHORIZED, **headers}
    line = await dial(request("POST", HEALTH_PATH, given, b"ffffffffffffffffffff\r\n"))
    answer = await line.ended()
    assert not answer or answer.startswith(b"HTTP/1.1 400")


GARBAGE_BYES = {
    "nothing": b"",
    "no form": b"\x00\xff" * 500,
    "JSON": b'{"sid": "x"}',
    "no epoch": new_query(received=None).encode(),
    "no sid": new_query(sid=None, epoch=EPOCH, received=None).encode(),
    "serial 0": new_query(epoch=EPOCH, serial=0, received=None).encode(),
    "huge serial": new_query(epoch=EPOCH, serial="9" * 400, received=None).encode(),
    "twice": (new_query(epoch=EPOCH, received=None) + "&epoch=" + EPOCH).encode(),
    "much": b"sid=" + b"0" * 16_000,
    "very many fields": b"&".join(b"f%d=x" % number for number in range(900)),
}


@pytest.mark.parametrize("body", GARBAGE_BYES.values(), ids=GARBAGE_BYES)
async def test_bye_of_garbage_is_refused_with_400(dial: Open, target: Target, body: bytes) -> None:
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        **AUTHORIZED,
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    answer = await (await dial(request("POST", HEALTH_PATH, headers, body))).response()
    assert answer.status == 400


LARGE_BODIES = {
    "declared": ({"Content-Length": "300000000"}, b"a=1&" * 250),
    "in chunks": ({"Transfer-Encoding": "chunked"}, b"3e8\r\n" + b"a=1&" * 250 + b"\r\n"),
}


@pytest.mark.parametrize(("headers", "part"), LARGE_BODIES.values(), ids=LARGE_BODIES)
@pytest.mark.parametrize("method", ["POST", "GET", "BREW"])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_large_body_is_cut_off_whoever_sends_it(
    dial: Open, target: Target, path: str, method: str, headers: dict[str, str], part: bytes
) -> None:
    form = "application/x-www-form-urlencoded"
    given = {"Host": f"127.0.0.1:{target.port}", "Content-Type": form, **headers}
    # So much would wait for its end for ever, unless it was cut off.
    line = await dial(request(method, path, given, part * 20))
    answer = await line.ended()
    assert not answer or answer.startswith(b"HTTP/1.1 400")


async def test_bye_in_parts_that_are_garbage_is_refused(dial: Open, target: Target) -> None:
    body = b"--b\r\nContent-Disposition: form-data; name*=utf-8''%ff\r\n\r\n" * 50
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        **AUTHORIZED,
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(body)),
    }
    answer = await (await dial(request("POST", HEALTH_PATH, headers, body))).response()
    assert answer.status == 400


async def test_garbage_instead_of_a_request_is_cut_off(dial: Open) -> None:
    draw = random.Random(1)  # noqa: S311
    for _ in range(50):
        line = await dial(draw.randbytes(draw.randrange(1, 2_000)) + b"\r\n\r\n")
        answer = await line.ended()
        assert not answer or answer.startswith(b"HTTP/1.1 400")


async def test_upgrades_that_never_end_keep_nobody_waiting(dial: Open, target: Target) -> None:
    whole = upgrade(target.port, AUTHORIZED)
    lines = [await dial(whole[:50]) for _ in range(200)]
    for position in range(50, 60):
        for line in lines:
            line.send(whole[position : position + 1])
        await upgraded(await dial(upgrade(target.port, AUTHORIZED)))
    for line in lines:
        line.close()


@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_token_is_in_no_line_however_its_name_is_written(
    dial: Open, target: Target, path: str, method: str
) -> None:
    query = f"?%74oken={TOKEN}&seconds=0"
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Content-Length": "0",
        "Connection": "close",
        "Referer": f"http://127.0.0.1:{target.port}/lab#token={TOKEN}{query}",
    }
    line = await dial(request(method, f"{path}{query}", headers))
    assert await line.ended()


async def test_referer_that_cannot_be_read_fails_nothing(dial: Open, target: Target) -> None:
    for path in ENDPOINTS:
        headers = {"Host": f"127.0.0.1:{target.port}", "Referer": f"http://[?token={TOKEN}"}
        line = await dial(request("PUT", path, {**headers, "Content-Length": "0"}))
        assert (await line.response()).status == 403
