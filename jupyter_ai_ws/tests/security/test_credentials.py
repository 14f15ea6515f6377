"""No, wrong, partial and expired credentials; foreign origins; forged requests of other sites."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tornado.web import create_signed_value

from .line import (
    ENDPOINTS,
    FACTS_PATH,
    HEALTH_PATH,
    SILENCE_PATH,
    WS_PATH,
    new_query,
    request,
    upgrade,
    upgraded,
)
from .target import COOKIE_SECRET, TOKEN

if TYPE_CHECKING:
    from .conftest import Open
    from .target import Target

MONTH_S = 32 * 24 * 3600
"""Longer than a login cookie is valid."""
USER = {
    "username": "0123456789abcdef0123456789abcdef",
    "name": "Anonymous",
    "display_name": "Anonymous",
    "initials": "A",
    "color": None,
    "avatar_url": None,
}


def login_cookie(port: int, *, secret: str = COOKIE_SECRET, age_s: float = 0) -> str:
    """Return the cookie of a user who has logged in."""
    name = f"username-127-0-0-1-{port}"
    signed = create_signed_value(secret, name, json.dumps(USER), clock=lambda: time.time() - age_s)
    return f"{name}={signed.decode()}"


def addresses(port: int, headers: dict[str, str]) -> dict[str, bytes]:
    """Return a request to each address, with more headers."""
    given = {"Host": f"127.0.0.1:{port}", **headers}
    body = f"{new_query(epoch='0' * 16)}".encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return {
        "socket": upgrade(port, headers),
        "probe": request("GET", HEALTH_PATH, given),
        "bye": request("POST", HEALTH_PATH, {**given, **form}, body),
    }


ADDRESSES = ("socket", "probe", "bye")
WRONG_TOKENS = {
    "none": "",
    "empty": "token ",
    "wrong": "token " + "0" * 32,
    "partial": f"token {TOKEN[:-1]}",
    "one letter": f"token {TOKEN[:1]}",
    "longer": f"token {TOKEN}0",
    "upper case": f"token {TOKEN.upper()}",
    "doubled": f"token {TOKEN} {TOKEN}",
    "quoted": f'token "{TOKEN}"',
    "other scheme": f"Basic {TOKEN}",
    "no scheme": TOKEN,
    "not ASCII": "token \xff\xfe",
    "very long": "token " + "0" * 30_000,
}


@pytest.mark.parametrize("authorization", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_address_lets_in_without_the_token(
    dial: Open, target: Target, address: str, authorization: str
) -> None:
    headers = {"Authorization": authorization}
    line = await dial(addresses(target.port, headers)[address])
    assert (await line.response()).status == 403


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "0", "%00", "*"])
async def test_no_token_in_the_address_lets_in_but_the_right_one(
    dial: Open, target: Target, token: str
) -> None:
    line = await dial(upgrade(target.port, target=f"{WS_PATH}?{new_query()}&token={token}"))
    assert (await line.response()).status == 403


async def test_knowing_the_ids_of_a_session_lets_nobody_in(dial: Open, target: Target) -> None:
    (sid,) = target.bystander.sids
    for epoch in (None, "0" * 16):
        query = new_query(sid=sid, epoch=epoch, serial=9)
        line = await dial(upgrade(target.port, target=f"{WS_PATH}?{query}"))
        assert (await line.response()).status == 403


async def test_cookie_of_a_login_lets_in_from_the_same_origin(dial: Open, target: Target) -> None:
    headers = {
        "Cookie": login_cookie(target.port),
        "Origin": f"http://127.0.0.1:{target.port}",
    }
    assert (await upgraded(await dial(upgrade(target.port, headers)))).epoch


def bad_cookies(port: int) -> dict[str, str]:
    good = login_cookie(port)
    name, value = good.split("=", 1)
    return {
        "expired": login_cookie(port, age_s=MONTH_S),
        "signed by another server": login_cookie(port, secret="another"),  # noqa: S106
        "truncated": good[:-8],
        "other signature": good[:-64] + "0" * 64,
        "of another port": good.replace(str(port), str(port + 1), 1),
        "unsigned": f"{name}={quote(json.dumps(USER))}",
        "token as cookie": f"{name}={TOKEN}",
        "garbage": f"{name}=2|1:0|10:9999999999|0:|0:|",
        "empty": f"{name}=",
        "thousands": "; ".join(f"c{number}=x" for number in range(3_000)),
        "value only": value,
    }


@pytest.mark.parametrize("kind", bad_cookies(1))
@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_address_takes_a_cookie_that_is_not_of_a_login(
    dial: Open, target: Target, address: str, kind: str
) -> None:
    headers = {"Cookie": bad_cookies(target.port)[kind]}
    line = await dial(addresses(target.port, headers)[address])
    assert (await line.response()).status == 403


FOREIGN_ORIGINS = (
    "null",
    "",
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:1{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}@evil.example",
    "http://evil.example/127.0.0.1:{port}",
    "http://evil.example?127.0.0.1:{port}",
    "http://evil.example#127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://127.0.0.1.:{port}",
    "http://127.0.0.1:{port}, http://evil.example",
    "http://user@127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "file://",
    "data:text/html,x",
    "javascript://127.0.0.1%3A{port}",
)


@pytest.mark.parametrize("origin", [each for each in FOREIGN_ORIGINS if each])
async def test_cookie_lets_no_page_of_another_origin_in(
    dial: Open, target: Target, origin: str
) -> None:
    headers = {
        "Cookie": login_cookie(target.port),
        "Origin": origin.format(port=target.port),
    }
    line = await dial(upgrade(target.port, headers))
    assert (await line.response()).status == 403


@pytest.mark.parametrize("authorization", ["", f"token {TOKEN}"])
@pytest.mark.parametrize("header", ["Origin", "Sec-WebSocket-Origin"])
@pytest.mark.parametrize("origin", ["http://[", "https://[::1"])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_origin_that_is_none_is_refused_everywhere(
    dial: Open, target: Target, path: str, origin: str, header: str, authorization: str
) -> None:
    headers = {header: origin, "Authorization": authorization}
    if path in (WS_PATH, SILENCE_PATH):
        data = upgrade(target.port, headers, f"{path}?seconds=1&{new_query()}")
    else:
        data = request("GET", path, {"Host": f"127.0.0.1:{target.port}", **headers})
    assert (await (await dial(data)).response()).status == 403


async def test_doctor_is_told_that_an_origin_that_is_none_is_not_let_in(
    dial: Open, target: Target
) -> None:
    headers = {"Host": f"127.0.0.1:{target.port}", "Authorization": f"token {TOKEN}"}
    line = await dial(request("GET", f"{FACTS_PATH}?origin=http://[", headers))
    assert json.loads((await line.response()).body)["origin_allowed"] is False


async def test_foreign_origin_is_refused_whatever_other_headers_claim(
    dial: Open, target: Target
) -> None:
    headers = {
        "Cookie": login_cookie(target.port),
        "Origin": "http://evil.example",
        "X-Forwarded-Host": "evil.example",
        "Sec-WebSocket-Origin": f"http://127.0.0.1:{target.port}",
        "Referer": f"http://127.0.0.1:{target.port}/lab",
        "X-Forwarded-For": "127.0.0.1",
    }
    line = await dial(upgrade(target.port, headers))
    assert (await line.response()).status == 403


async def test_bye_of_another_site_in_the_name_of_a_logged_in_user_is_refused(
    dial: Open, target: Target
) -> None:
    body = new_query(epoch="0" * 16).encode()
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Cookie": login_cookie(target.port),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
    }
    for more in (
        {},
        {"Origin": "http://evil.example"},
        {"Referer": "http://evil.example/"},
        {"Cookie": headers["Cookie"] + "; _xsrf=x"},
        {"Cookie": headers["Cookie"] + "; _xsrf=x", "X-XSRFToken": "y"},
    ):
        line = await dial(request("POST", HEALTH_PATH, {**headers, **more}, body))
        assert (await line.response()).status in (403, 404)


async def test_probe_tells_another_site_nothing(dial: Open, target: Target) -> None:
    headers = {
        "Host": f"127.0.0.1:{target.port}",
        "Cookie": login_cookie(target.port),
        "Origin": "http://evil.example",
    }
    response = await (await dial(request("GET", HEALTH_PATH, headers))).response()
    assert "access-control-allow-origin" not in response.headers
    assert response.headers.get("cache-control") in ("no-store", None)
