"""Addresses of strangers."""

from __future__ import annotations

import pytest
from tornado.escape import parse_qs_bytes

from jupyter_ai_ws.address import is_readable, with_plain_names


@pytest.mark.parametrize("address", ["", "null", "http://a:x", "//", "http://[::1]:88/?[", "\x00"])
def test_most_addresses_can_be_read(address: str) -> None:
    assert is_readable(address)


@pytest.mark.parametrize("address", ["http://[", "//]", "https://[::1?x#y"])
def test_some_cannot(address: str) -> None:
    assert not is_readable(address)


@pytest.mark.parametrize(
    ("target", "plain"),
    [
        ("/ws", "/ws"),
        ("/ws?", "/ws?"),
        ("/%77s?%74oken=%74&%54%6f%4B=&x", "/%77s?token=%74&ToK=&x"),
        ("/ws?%61%2B+%26%3D%25=%61&&=%61", "/ws?a%2B+%26%3D%25=%61&&=%61"),
        ("/ws?%C3%A9%7E%2d%00%40%60%7b%5b=1", "/ws?%C3%A9~-%00%40%60%7b%5b=1"),
    ],
)
def test_names_become_plain_and_mean_the_same(target: str, plain: str) -> None:
    assert with_plain_names(target) == plain
    before, after = (parse_qs_bytes(each.partition("?")[2], True) for each in (target, plain))
    assert after == before
