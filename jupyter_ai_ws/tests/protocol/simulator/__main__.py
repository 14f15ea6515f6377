"""Run schedules by hand: `python -m jupyter_ai_ws.tests.protocol.simulator FIRST COUNT`."""

from __future__ import annotations

import sys
import time

from .world import World


def main(first: int, count: int) -> None:
    """Run the seeds from `first`; the first that fails ends it with its seed."""
    started = time.perf_counter()
    records = events = lost = 0
    for seed in range(first, first + count):
        world = World(seed)
        try:
            world.run()
        except Exception:
            print(f"seed {seed} fails", file=sys.stderr)
            raise
        records += world.records
        events += world.clock.events
        lost += world.lost_sessions
    seconds = time.perf_counter() - started
    print(
        f"{count} schedules, {records} records, {events} events, {lost} sessions lost on purpose: "
        f"nothing lost, doubled, reordered or hanging; {seconds:.0f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
