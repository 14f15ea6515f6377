"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from jupyter_ai_ws.doctor.target import AddressError, parse_target


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:8888", "/"),
        ("http://localhost:8888/lab/tree/a.ipynb?reset#x", "/"),
        ("http://localhost:8888/tree", "/"),
        ("http://localhost:8888/base/lab", "/base/"),
        ("https://hub.example/user/me/lab/workspaces/auto-1", "/user/me/"),
        ("https://hub.example/user/me/gpu/lab", "/user/me/gpu/"),
        ("https://hub.example/hub/user/me/lab", "/user/me/"),
        ("https://hub.example/jupyter/hub/user/me/", "/jupyter/user/me/"),
        ("https://hub.example/user/lab/lab", "/user/lab/"),
        ("https://hub.example/user/me@site.example/", "/user/me@site.example/"),
        ("https://hub.example/user/m%C3%A9/", "/user/m%C3%A9/"),
        ("https://hub.example/user/mé/", "/user/m%C3%A9/"),
    ],
)
def test_page_is_cut_off_and_the_servers_base_stays(url: str, base: str) -> None:
    assert parse_target(url).base_path == base


def test_token_moves_from_the_address_into_a_header() -> None:
    target = parse_target("https://hub.example/user/me/lab?a=b&token=s%C3%A9cret")
    assert target.headers["Authorization"] == "token sécret"
    assert "cret" not in target.url("api") + target.socket_url("ws", "a=b") + target.shown
    assert "cret" not in repr(target)


def test_without_a_token_nothing_authenticates() -> None:
    target = parse_target("http://localhost:8888/?token=")
    assert target.token is None
    assert list(target.headers.get_all()) == []


def test_name_of_a_hubs_user_is_not_shown() -> None:
    assert parse_target("https://hub.example/user/me/gpu/lab").shown == (
        "https://hub.example/user/…/gpu/"
    )


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://h", "h"),
        ("https://h:443/", "h"),
        ("http://h:443/", "h:443"),
        ("https://h:80/", "h:80"),
        ("http://[::1]:8888/", "[::1]:8888"),
    ],
)
def test_port_is_told_unless_it_is_the_schemes_own(url: str, authority: str) -> None:
    target = parse_target(url)
    assert target.authority == authority
    assert target.origin == f"{target.scheme}://{authority}"


def test_addresses_below_the_base_are_quoted() -> None:
    target = parse_target("wss://hub.example:8443/user/me/")
    assert target.url("jupyter-ai-ws/doctor/facts", origin="https://a") == (
        "https://hub.example:8443/user/me/jupyter-ai-ws/doctor/facts?origin=https%3A%2F%2Fa"
    )
    assert target.socket_url("jupyter-ai-ws/ws", "sid=1") == (
        "wss://hub.example:8443/user/me/jupyter-ai-ws/ws?sid=1"
    )


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost", True),
        ("http://127.0.0.2", True),
        ("http://[::1]", True),
        ("http://hub.example", False),
        ("http://127.example", False),
    ],
)
def test_this_machine_is_known(url: str, local: bool) -> None:
    assert parse_target(url).local is local


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8888",
        "ftp://h/",
        "http://",
        "http://h:99999/",
        "http://h:0/",
        "http://h..h/?token=sesame",
        "http://\udcff/?token=sesame",
        "http://h/?token=sesame%0A",
        "http://h/?token=sesame%E2%82%AC",
        "http://h/?token=sesame%FF",
        "http://[::1/",
        "http://person:sesame@h/?token=sesame",
    ],
)
def test_unusable_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(AddressError) as raised:
        parse_target(url)
    assert "sesame" not in str(raised.value)
    assert raised.value.__cause__ is None
