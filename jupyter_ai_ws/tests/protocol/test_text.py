from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_ai_ws.protocol.text import fit_text, utf8_length, well_formed

from .strategies import any_text
from .vectors import load


@pytest.mark.parametrize("case", load("units", "well_formed"))
def test_text_is_made_well_formed(case: dict[str, Any]) -> None:
    # Python keeps a pair of escaped surrogates apart only outside of JSON.
    halves = case["text"].encode("utf-16-le", "surrogatepass")
    text = "".join(
        chr(int.from_bytes(halves[i : i + 2], "little")) for i in range(0, len(halves), 2)
    )
    assert well_formed(text) == case["well_formed"]
    assert well_formed(case["text"]) == case["well_formed"]


def test_well_formed_text_is_not_copied() -> None:
    for text in ["abc", "aé€😀"]:
        assert well_formed(text) is text


@pytest.mark.parametrize("case", load("units", "utf8_length"))
def test_text_is_measured_in_utf8(case: dict[str, Any]) -> None:
    assert utf8_length(case["text"]) == case["bytes"]


@given(any_text)
def test_c3_making_well_formed_changes_no_length_and_needs_no_second_time(text: str) -> None:
    better = well_formed(text)
    assert better.encode().decode() == better
    assert well_formed(better) == better
    assert utf8_length(text) == utf8_length(better) == len(better.encode())


@pytest.mark.parametrize("case", load("units", "fit_text"))
def test_text_is_cut_at_a_code_point(case: dict[str, Any]) -> None:
    assert fit_text(case["text"], case["limit_bytes"]) == case["fit"]


@given(any_text, st.integers(0, 20))
def test_z4_the_cut_text_is_the_longest_that_fits(text: str, limit: int) -> None:
    fit = fit_text(text, limit)
    better = well_formed(text)
    assert better.startswith(fit)
    assert utf8_length(fit) <= limit
    assert fit == better or utf8_length(better[: len(fit) + 1]) > limit
