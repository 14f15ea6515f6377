"""Close frames as browsers make and read them."""

from __future__ import annotations

import pytest

from jupyter_ai_ws.guard.close_frame import format_close, parse_close


@pytest.mark.parametrize(
    ("code", "reason", "payload"),
    [
        (1005, "", b""),
        (1005, "dropped", b""),
        (1000, "", b"\x03\xe8"),
        (4321, "gr\u00fcn", b"\x10\xe1gr\xc3\xbcn"),
        (3000, "\ud800", b"\x0b\xb8\xef\xbf\xbd"),
    ],
)
def test_payload_has_the_code_and_the_reason(code: int, reason: str, payload: bytes) -> None:
    assert format_close(code, reason) == payload


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", (1005, "")),
        (b"\x03\xe8", (1000, "")),
        (b"\x13\x87gr\xc3\xbcn", (4999, "gr\u00fcn")),
        (b"\x00\x00", (0, "")),
        (b"\x01\x93no", (403, "no")),
        (b"\xff\xff", (65535, "")),
    ],
)
def test_what_a_browser_takes_is_read(payload: bytes, expected: tuple[int, str]) -> None:
    assert parse_close(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        *(b"\x03", b"\x03\xed", b"\x03\xee", b"\x03\xf7", b"\x03\xe8\xff"),
    ],
)
def test_what_a_browser_takes_for_nonsense_is_nonsense(payload: bytes) -> None:
    assert parse_close(payload) is None
