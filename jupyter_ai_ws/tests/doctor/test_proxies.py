"""Whose defaults are known: the same as on the page."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_ai_ws.doctor.proxies import KNOWN_DEFAULTS, known_default

from ..protocol.vectors import load

CASES: list[Any] = [each.values[0] for each in load("proxies", "known")]
KNOWN = {case["seconds"]: case["owner"] for case in CASES}


def test_known_defaults_are_those_of_the_vectors() -> None:
    assert KNOWN_DEFAULTS == KNOWN


@pytest.mark.parametrize("case", load("proxies", "measured"))
def test_default_that_fits_best_is_named(case: dict[str, Any]) -> None:
    assert known_default(case["silence_ms"]) == KNOWN.get(case["seconds"], "")
