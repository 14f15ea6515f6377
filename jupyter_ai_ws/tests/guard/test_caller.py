"""Exactly the headers a guarded endpoint needs, and none that anybody could forge."""

from __future__ import annotations

import tracemalloc

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from jupyter_ai_ws.guard.caller import Caller, peer_headers


def request(uri: str, headers: dict[str, str]) -> HTTPServerRequest:
    line = RequestStartLine("GET", uri, "HTTP/1.1")
    return HTTPServerRequest(headers=HTTPHeaders(headers), start_line=line)


BROWSER = {
    "Accept-Language": "de",
    "Cookie": "a=b",
    "Host": "example.test",
    "Origin": "https://example.test",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "websocket",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Browser/1.0",
}
UPGRADE = {"Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Upgrade"}


def test_what_the_browser_says_of_itself_is_passed_on() -> None:
    headers = peer_headers(Caller(request("/", BROWSER)), [])
    assert set(headers) == set(BROWSER) | UPGRADE
    assert {name: headers[name] for name in BROWSER} == BROWSER


def test_forged_addresses_and_foreign_offers_stay_behind() -> None:
    forged = {
        "Connection": "keep-alive, Upgrade",
        "Forwarded": "for=6.6.6.6",
        "Sec-WebSocket-Extensions": "permessage-deflate",
        "Sec-WebSocket-Protocol": "v1.jupyter-ai-ws",
        "Sec-WebSocket-Key": "of the session",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-User": "root",
        "X-Real-Ip": "6.6.6.6",
        "X-Scheme": "https",
        "X-XSRFToken": "x",
    }
    headers = peer_headers(Caller(request("/", {**BROWSER, **forged})), ["a", "b"])
    assert set(headers) == set(BROWSER) | UPGRADE | {"Sec-Websocket-Protocol"}
    assert headers["Sec-WebSocket-Protocol"] == "a, b"
    assert headers["Connection"] == "Upgrade"
    assert headers["Sec-WebSocket-Key"] != "of the session"


def test_header_that_came_in_parts_goes_as_one() -> None:
    twice = request("/", BROWSER)
    twice.headers.add("Cookie", "c=d")
    twice.headers.add("Accept-Language", "fr")
    headers = Caller(twice).headers
    assert headers.get_list("Cookie") == ["a=b; c=d"]
    assert headers.get_list("Accept-Language") == ["de, fr"]


def test_headers_are_counted_for_what_they_take() -> None:
    many = request("/", BROWSER)
    for _ in range(4_600):
        many.headers.add("Cookie", "ab=")
    for given in (request("/", {"Host": "x"}), request("/", BROWSER), many):
        Caller(given)  # what is made once and for all
        tracemalloc.start()
        caller = Caller(given)
        taken_bytes = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert taken_bytes - 512 < caller.size_bytes < 25_000


def test_token_of_the_own_address_becomes_a_header() -> None:
    caller = Caller(request("/ws?token=a%2Fb&x=1", BROWSER))
    assert caller.headers["Authorization"] == "token a/b"


@pytest.mark.parametrize("header", ["Basic cHJveHk6c2VjcmV0", "token other"])
def test_token_of_the_own_address_goes_before_a_header(header: str) -> None:
    caller = Caller(request("/ws?token=x&token=%20first", {**BROWSER, "Authorization": header}))
    assert caller.headers.get_list("Authorization") == ["token first"]


@pytest.mark.parametrize("query", ["", "?token="])
def test_header_stays_where_the_address_has_no_token(query: str) -> None:
    caller = Caller(request(f"/ws{query}", {**BROWSER, "Authorization": "token header"}))
    assert caller.headers.get_list("Authorization") == ["token header"]


def test_token_with_a_line_break_is_no_header() -> None:
    caller = Caller(request("/ws?token=a%0d%0aCookie:%20x", BROWSER))
    assert "Authorization" not in caller.headers


def test_secrets_do_not_show() -> None:
    caller = Caller(request("/ws?token=secret", {**BROWSER, "Cookie": "session=secret"}))
    assert "secret" not in f"{caller} {caller!r}"
