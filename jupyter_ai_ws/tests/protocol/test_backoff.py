from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.backoff import first_delay_ms, later_delay_ms

from .vectors import load


@pytest.mark.parametrize("case", load("backoff", "first"))
def test_the_first_retry(case: dict[str, Any]) -> None:
    delay = first_delay_ms(case["local"], case["spread"], lambda: float(case["random"]))
    assert delay == case["delay_ms"]


@pytest.mark.parametrize("case", load("backoff", "later"))
def test_later_retries(case: dict[str, Any]) -> None:
    options = {"base_delay_ms": 1_000, "delay_cap_ms": 8_000, **case["options"]}
    delay = later_delay_ms(
        case["retry"], case["since_cut_ms"], random=lambda: float(case["random"]), **options
    )
    assert delay == case["delay_ms"]


def test_r2_a_cap_below_the_base_counts_as_the_base() -> None:
    assert later_delay_ms(3, 0, 5_000, 1_000, lambda: 0.0) == 2_500


@given(st.integers(1, 10_000), st.floats(0, 1e9), st.floats(0, 1, exclude_max=True))
def test_r2_a_delay_is_between_half_its_bound_and_its_bound(
    retry: int, since_cut_ms: float, random: float
) -> None:
    bound = 30_000 if since_cut_ms >= 120_000 else min(1000 * 2 ** (retry - 1), 8000)
    delay = later_delay_ms(retry, since_cut_ms, 1_000, 8_000, lambda: random)
    assert bound / 2 <= delay <= bound
