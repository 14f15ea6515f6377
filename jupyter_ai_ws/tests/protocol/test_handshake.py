from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.handshake import ResumeRequest, format_request, parse_request
from jupyter_ai_ws.protocol.limits import MAX_INTEGER

from .strategies import counts
from .vectors import broken_rule, load


@pytest.mark.parametrize("case", load("handshake", "valid"))
def test_a_query_is_read_and_written(case: dict[str, Any]) -> None:
    request = ResumeRequest(**{"epoch": None, **case["request"]})
    assert parse_request(case["query"]) == request
    if case["text"] is not None:
        assert format_request(request) == case["text"]


@pytest.mark.parametrize("case", load("handshake", "invalid"))
def test_a_malformed_query_is_an_error(case: dict[str, Any]) -> None:
    assert broken_rule(parse_request, case["query"]) == "H1"


_sids = st.text("0123456789abcdef", min_size=32, max_size=32)
_epochs = st.text("0123456789abcdef", min_size=16, max_size=16)
_serials = st.integers(1, MAX_INTEGER)


@given(
    st.builds(ResumeRequest, _sids, st.none(), st.just(0), _serials)
    | st.builds(ResumeRequest, _sids, _epochs, counts, _serials)
)
def test_h1_a_query_is_read_as_it_was_written(request: ResumeRequest) -> None:
    assert parse_request(parse_qs(format_request(request))) == request


@given(
    st.dictionaries(
        st.sampled_from(["sid", "epoch", "received", "serial", "x"]),
        st.lists(st.text() | st.integers().map(str) | _sids | _epochs, max_size=2),
    )
)
def test_h1_any_query_is_a_request_or_an_error(query: dict[str, list[str]]) -> None:
    assert broken_rule(parse_request, query) in (None, "H1")
