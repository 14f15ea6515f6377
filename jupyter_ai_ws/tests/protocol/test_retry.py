from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.limits import SUBPROTOCOL
from jupyter_ai_ws.protocol.retry import (
    ProbeAction,
    ProbeAnswer,
    classify_close,
    classify_probe,
    decide,
)

from .strategies import any_text, json_values
from .vectors import load


@pytest.mark.parametrize("case", load("retry", "closes"))
def test_the_end_of_a_socket_is_judged(case: dict[str, Any]) -> None:
    assert classify_close(case["code"])._asdict() == case["verdict"]


@pytest.mark.parametrize("case", load("retry", "probes"))
def test_the_answer_of_a_probe_is_named(case: dict[str, Any]) -> None:
    answer = classify_probe(case["status"], case["body"], case["redirected"], case["protocols"])
    assert answer == case["answer"]


@pytest.mark.parametrize("case", load("retry", "decisions"))
def test_the_answer_of_a_probe_decides(case: dict[str, Any]) -> None:
    assert decide(case["answer"], case["welcomed_before"]) == case["action"]


def test_r4_every_answer_is_decided() -> None:
    for answer in get_args(ProbeAnswer):
        for welcomed_before in (False, True):
            assert decide(answer, welcomed_before) in get_args(ProbeAction)


@given(st.integers(100, 599), any_text | json_values.map(str), st.booleans())
def test_r4_whatever_a_probe_brings_is_named(status: int, body: str, redirected: bool) -> None:
    assert classify_probe(status, body, redirected, [SUBPROTOCOL]) in get_args(ProbeAnswer)


def test_r4_json_nested_too_deeply_is_not_of_that_shape() -> None:
    assert classify_probe(200, "[" * 100_000, False, [SUBPROTOCOL]) == "login"
