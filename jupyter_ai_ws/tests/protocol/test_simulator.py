"""Seeded schedules of cuts, holes, stalls, sleeps and restarts."""

from __future__ import annotations

import pytest

from jupyter_ai_ws.tests.protocol.simulator.world import World

SCHEDULES = 10_000
CHUNK = 1_000


@pytest.mark.parametrize("first", range(0, SCHEDULES, CHUNK))
def test_nothing_is_lost_doubled_reordered_or_hanging(first: int) -> None:
    for seed in range(first, first + CHUNK):
        World(seed).run()  # what fails names its seed
