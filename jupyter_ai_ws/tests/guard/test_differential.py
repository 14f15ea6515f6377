"""In memory a handler and a page see what they see through a real socket."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .differential import play
from .scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from pytest import Config  # noqa: PT013

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
# The native side does this: its writes after an abort are tasks that nobody awaits.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_memory_is_like_tcp(scenario: Scenario) -> None:
    native = play(scenario, "native")
    assert play(scenario, "memory") == native
    assert play(scenario, "frames") == native


def test_memory_is_like_tcp_with_the_lowest_tornado(pytestconfig: Config) -> None:
    promised = re.search(r'"tornado>=([0-9.]+)"', (ROOT / "pyproject.toml").read_text())
    assert promised is not None
    version = promised[1]
    result = subprocess.run(
        [sys.executable, "-m", "jupyter_ai_ws.tests.guard.differential"],
        env={**os.environ, "PYTHONPATH": _tornado(version, pytestconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = f"tornado {version}: {len(SCENARIOS)} scenarios, 0 differences\n"
    assert result.stdout == expected, result.stderr


def test_documentation_counts_the_scenarios() -> None:
    page = (ROOT / "docs" / "reference" / "guard.md").read_text()
    assert f"A test plays {len(SCENARIOS)}\nscenarios" in page


def _tornado(version: str, config: Config) -> str:
    """Return a directory with that version, which stays in pytest's cache."""
    site = config.cache.mkdir(f"tornado-{version}")
    if not (site / "tornado" / "websocket.py").exists():
        subprocess.run(  # noqa: S603
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
                *("--disable-pip-version-check", "--target", str(site)),
                f"tornado=={version}",
            ],
            check=True,
        )
    return str(site)
