from __future__ import annotations

import pytest
from hypothesis import given

from jupyter_ai_ws.protocol.errors import ProtocolError
from jupyter_ai_ws.protocol.members import Members, parse_json

from .strategies import any_text
from .vectors import broken_rule


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_f6_what_only_python_reads_as_json_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        parse_json(name)


@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_b_json_nested_too_deeply_is_an_error(brackets: str) -> None:
    text = '{"x":' + brackets[:-1] * 30_000 + "1" + brackets[-1] * 30_000 + "}"
    with pytest.raises(ProtocolError, match="malformed JSON"):
        Members(text)


@given(any_text)
def test_f6_any_text_is_an_object_or_an_error(text: str) -> None:
    for candidate in (text, "{" + text, '{"' + text + '":1}'):
        assert broken_rule(Members, candidate) in (None, "F6")
