"""What one schedule is made of, drawn from its seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from jupyter_ai_ws.protocol.acceptor import AcceptorOptions
from jupyter_ai_ws.protocol.limits import QUEUE_LIMIT_BYTES
from jupyter_ai_ws.protocol.status import ConnectorOptions

if TYPE_CHECKING:
    from random import Random


@dataclass
class Plan:
    """Numbers that stay the same during one schedule."""

    latency_ms: float = 10.0
    bytes_per_ms: float = inf
    length_ms: float = 2_000.0
    channels: int = 2
    records: int = 12
    faults: int = 3
    sizes: tuple[int, ...] = (0, 5, 40)
    troubles: float = 0.0
    late_timers: float = 0.0
    close_chance: float = 0.2
    late_upgrades: float = 0.2
    restarts: bool = False
    sleeps: bool = False
    queue_limit_bytes: int = QUEUE_LIMIT_BYTES
    options: ConnectorOptions = field(default_factory=ConnectorOptions)
    acceptor_options: AcceptorOptions = field(default_factory=AcceptorOptions)

    def lateness_ms(self, random: Random) -> float:
        """How late the next timer fires."""
        if random.random() < self.late_timers:
            return random.choice((50.0, 900.0, 1_500.0, 20_000.0))
        return random.random() * 4


def draw_plan(random: Random) -> Plan:
    """Draw a schedule: mostly small ones, so that many fit into a minute."""
    plan = Plan(
        latency_ms=random.choice((0.0, 1.0, 10.0, 100.0, 300.0)),
        bytes_per_ms=random.choice((inf, inf, inf, 1_250.0, 125.0, 8.0)),
        length_ms=random.choice((300.0, 2_000.0, 20_000.0, 60_000.0)),
        channels=random.randint(1, 4),
        records=random.randint(1, 20),
        faults=random.randint(1, 5),
        troubles=random.choice((0.0, 0.0, 0.05, 0.3)),
        late_timers=random.choice((0.0, 0.0, 0.1, 0.5)),
        restarts=random.random() < 0.15,
        sleeps=random.random() < 0.2,
    )
    kind = random.random()
    if kind < 0.15:
        plan.sizes = (0, 40, 5_000, 16_384, 16_385, 60_000)
    elif kind < 0.2:
        plan.sizes = (0, 100_000, 400_000)
        plan.records = min(plan.records, 8)
        plan.bytes_per_ms = max(plan.bytes_per_ms, 125.0)
        plan.queue_limit_bytes = random.choice((QUEUE_LIMIT_BYTES, 50_000, 300_000))
    elif kind < 0.25:
        plan.records = 150
        plan.channels = 1
    if random.random() < 0.2:
        plan.queue_limit_bytes = random.choice((1, 100, 1_000))
    if random.random() < 0.3:
        plan.options = ConnectorOptions(base_delay_ms=20.0, delay_cap_ms=200.0)
    plan.options.local = random.random() < 0.5
    if plan.restarts and random.random() < 0.5:
        plan.acceptor_options = AcceptorOptions(session_ttl_ms=random.choice((500.0, 6_000.0)))
    return plan
