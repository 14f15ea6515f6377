from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.backoff import BackOff, first_delay_ms

from .vectors import load


@pytest.mark.parametrize("case", load("backoff", "first"))
def test_the_first_retry(case: dict[str, Any]) -> None:
    delay = first_delay_ms(case["local"], case["spread"], lambda: float(case["random"]))
    assert delay == case["delay_ms"]


@pytest.mark.parametrize("case", load("backoff", "later"))
def test_later_retries(case: dict[str, Any]) -> None:
    back_off = BackOff(**case["options"])
    delay = back_off.delay_ms(case["retry"], case["since_cut_ms"], lambda: float(case["random"]))
    assert delay == case["delay_ms"]


def test_r2_the_settings_may_be_changed_while_waiting() -> None:
    back_off = BackOff()
    back_off.base_ms = 100
    back_off.cap_ms = 150
    assert [back_off.delay_ms(retry, 0, lambda: 0.0) for retry in (1, 2, 3)] == [50, 75, 75]


@given(st.integers(1, 10_000), st.floats(0, 1e9), st.floats(0, 1, exclude_max=True))
def test_r2_a_delay_is_between_half_its_bound_and_its_bound(
    retry: int, since_cut_ms: float, random: float
) -> None:
    bound = 30_000 if since_cut_ms >= 120_000 else min(1000 * 2 ** (retry - 1), 8000)
    delay = BackOff().delay_ms(retry, since_cut_ms, lambda: random)
    assert bound / 2 <= delay <= bound
