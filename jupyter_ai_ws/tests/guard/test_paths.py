"""What is guarded: only paths of the list, as they are, below the base URL of this server."""

from __future__ import annotations

import time

import pytest

from jupyter_ai_ws.guard.paths import (
    DEFAULT_PATHS,
    NEVER_GUARDED,
    PathList,
    checked_subprotocols,
    why_not_guarded,
)

GUARDED = PathList(
    "/user/a%40b/",
    {"exact/ws": "Exact", "rooms/": "Rooms", "rooms/inner/": "Inner", "deep/er/": "Deeper"},
)


@pytest.mark.parametrize(
    ("below", "entry"),
    [
        ("exact/ws", "exact/ws"),
        ("exact/ws?", "exact/ws"),
        ("exact/ws?token=x&path=../..//http://evil", "exact/ws"),
        ("rooms/a", "rooms/"),
        ("rooms/a/b", "rooms/"),
        ("rooms/inner/a", "rooms/inner/"),
        ("rooms/inner", "rooms/"),
        ("rooms/My%20notes%252Fchat.chat", "rooms/"),
        ("rooms/a..b", "rooms/"),
        ("rooms/...", "rooms/"),
        ("rooms/%E4%BD%A0:(1),;'*!@$&+=~-_", "rooms/"),
        ("deep/er/a", "deep/er/"),
    ],
)
def test_path_of_the_list_is_guarded(below: str, entry: str) -> None:
    assert GUARDED.match(f"/user/a%40b/{below}") == entry


def test_deepest_path_that_a_page_can_ask_for_is_judged_in_no_time() -> None:
    deep = "a/" * 8_000
    began_s = time.process_time()
    assert GUARDED.match(f"/user/a%40b/{deep}a") is None
    assert GUARDED.match(f"/user/a%40b/rooms/{deep}a") == "rooms/"
    assert time.process_time() - began_s < 0.2


@pytest.mark.parametrize(
    "below",
    [
        "",
        "?x",
        "exact",
        "exact/ws/",
        "exact/ws/more",
        "exact/wsx",
        "Exact/ws",
        "exact%2Fws",
        "%65xact/ws",
        "exact/ws;x",
        "exact/ws#x",
        "exact/ws x",
        "exact/ws?a b",
        "exact/ws?a#b",
        "exact/ws\t",
        "exact/ws\r\nHost: evil",
        "exact/ws?\r\nCookie: a=b",
        "exact/ws\x00",
        "exact/ws\x7f",
        "exact/ws?\u00e4",
        "exact\\ws",
        "rooms",
        "rooms/",
        "rooms/?a",
        "rooms//a",
        "rooms/a//b",
        "rooms/a/",
        "rooms/./a",
        "rooms/../exact/ws",
        "rooms/a/..",
        "rooms/%2e%2e/exact/ws",
        "rooms/%2E./a",
        "rooms/%2e/a",
        "rooms/a%2f%2fb",
        "rooms/%2fa",
        "rooms/a%5cb",
        "rooms/a\\b",
        "rooms/\u00e4",
        "deep/",
        "deep/a",
        "jupyter-ai-ws/ws",
    ],
)
def test_other_path_is_not_guarded(below: str) -> None:
    assert GUARDED.match(f"/user/a%40b/{below}") is None


@pytest.mark.parametrize(
    "target",
    [
        "",
        "exact/ws",
        "/exact/ws",
        "//user/a%40b/exact/ws",
        "/user/a@b/exact/ws",
        "/user/a%2540b/exact/ws",
        "/user/other/exact/ws",
        "/user/a%40b/../a%40b/exact/ws",
        "/user/a%40b",
        "/USER/a%40b/exact/ws",
        "http://evil/user/a%40b/exact/ws",
        "//evil/user/a%40b/exact/ws",
        "ws://localhost/user/a%40b/exact/ws",
        "\\\\evil/user/a%40b/exact/ws",
        " /user/a%40b/exact/ws",
        "/user/a%40b/exact/ws\n",
        "?/user/a%40b/exact/ws",
    ],
)
def test_address_that_is_not_below_the_base_url_is_not_guarded(target: str) -> None:
    assert GUARDED.match(target) is None


@pytest.mark.parametrize("never", NEVER_GUARDED)
@pytest.mark.parametrize("base_url", ["/", "/base/"])
def test_kernels_terminals_rooms_and_the_session_are_never_guarded(
    never: str, base_url: str
) -> None:
    # As if such entries had passed the check of the configuration.
    everything = {never: "Exact", never + "/": "Below", "api/": "All", "a/": "Other"}
    guarded = PathList(base_url, everything)
    quoted = never.replace("k", "%6b").replace("e", "%65")
    for path in (never, never + "/x", never + "/x/channels", quoted, quoted + "/x"):
        assert guarded.match(base_url + path) is None


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/exact", "//a", "a//b", "a/../b", "a/./b", "a/%2e%2e/b", "a b", "a?b", "a#b"),
        *("http://evil/ws", "a\\b", "a\n", "\u00e4", "a//"),
        *("api/", "api/kernels", "api/kernels/", "api/kernels/x", "api/%6bernels/x", "terminals/"),
        *("api/events/subscribe", "api/collaboration/room/", "jupyter-ai-ws/", "jupyter-ai-ws/ws"),
    ],
)
def test_configuration_with_such_a_path_is_refused(path: str) -> None:
    assert why_not_guarded(path) is not None


@pytest.mark.parametrize("path", [*DEFAULT_PATHS, "a", "a/", "api/ai/", "jupyter-ai-ws-more/ws"])
def test_configuration_with_such_a_path_is_taken(path: str) -> None:
    assert why_not_guarded(path) is None


@pytest.mark.parametrize(
    "offered",
    [[], ["a"], ["v1.kernel.websocket.jupyter.org"], ["!#$%&'*+-.^_`|~"], list("abcdefgh")],
)
def test_subprotocols_that_a_browser_takes_are_passed_on(offered: list[str]) -> None:
    assert checked_subprotocols(offered) == offered


@pytest.mark.parametrize(
    "offered",
    [
        *(None, "a", {"a": 1}, [1], [None], [["a"]], [""], ["a b"], ["a,b"], ["a\r\nCookie: x"]),
        *(["a/b"], ["ä"], ["a", "a"], ["a\x00"], ["x" * 129], list("abcdefghi")),
    ],
)
def test_subprotocol_garbage_is_refused(offered: object) -> None:
    with pytest.raises(ValueError, match="protocol"):
        checked_subprotocols(offered)
