from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.silence import IdleProxyDetector

from .vectors import load


@pytest.mark.parametrize("case", load("silence", "cases"))
def test_an_idle_proxy_is_found(case: dict[str, Any]) -> None:
    detector = IdleProxyDetector(case["known_limit_ms"])
    for silence_ms in case["cuts_ms"]:
        detector.cut(silence_ms)
    assert detector.silence_limit_ms == case["limit_ms"]
    for wanted_ms, heartbeat_ms in case["heartbeats_ms"]:
        assert detector.heartbeat_ms(wanted_ms) == heartbeat_ms


@given(st.lists(st.floats(0, 1e6)), st.floats(1, 1e6))
def test_l7_the_heartbeat_is_never_slower_than_wanted_nor_the_limit_above_a_cut(
    cuts_ms: list[float], wanted_ms: float
) -> None:
    detector = IdleProxyDetector()
    limits = []
    for silence_ms in cuts_ms:
        detector.cut(silence_ms)
        limits.append(detector.silence_limit_ms or float("inf"))
    assert limits == sorted(limits, reverse=True)
    assert min(wanted_ms, 2000) <= detector.heartbeat_ms(wanted_ms) <= wanted_ms
    if detector.silence_limit_ms is not None:
        assert detector.silence_limit_ms in cuts_ms
