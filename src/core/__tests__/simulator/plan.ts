import { AcceptorOptions } from '../../acceptor';
import { QUEUE_LIMIT_BYTES } from '../../limits';
import { ConnectorOptions } from '../../status';
import type { Random } from './random';

/** What one schedule is made of: numbers that stay the same during it. */
export class Plan {
  latencyMs = 10;
  bytesPerMs = Infinity;
  lengthMs = 2_000;
  channels = 2;
  records = 12;
  faults = 3;
  sizes: readonly number[] = [0, 5, 40];
  /** How likely a handler makes trouble. */
  troubles = 0;
  lateTimers = 0;
  closeChance = 0.2;
  lateUpgrades = 0.2;
  restarts = false;
  sleeps = false;
  queueLimitBytes: number = QUEUE_LIMIT_BYTES;
  options = new ConnectorOptions();
  acceptorOptions = new AcceptorOptions();

  /** How late the next timer fires. */
  latenessMs(random: Random): number {
    return random.next() < this.lateTimers
      ? random.choice([50, 900, 1_500, 20_000])
      : random.next() * 4;
  }
}

/** Draw a schedule: mostly small ones, so that many fit into a minute. */
export function drawPlan(random: Random): Plan {
  const plan = Object.assign(new Plan(), {
    latencyMs: random.choice([0, 1, 10, 100, 300]),
    bytesPerMs: random.choice([Infinity, Infinity, Infinity, 1_250, 125, 8]),
    lengthMs: random.choice([300, 2_000, 20_000, 60_000]),
    channels: random.integer(1, 4),
    records: random.integer(1, 20),
    faults: random.integer(1, 5),
    troubles: random.choice([0, 0, 0.05, 0.3]),
    lateTimers: random.choice([0, 0, 0.1, 0.5]),
    restarts: random.next() < 0.15,
    sleeps: random.next() < 0.2
  });
  const kind = random.next();
  if (kind < 0.15) {
    plan.sizes = [0, 40, 5_000, 16_384, 16_385, 60_000];
  } else if (kind < 0.16) {
    plan.sizes = [0, 100_000, 400_000];
    plan.records = Math.min(plan.records, 8);
    plan.bytesPerMs = Math.max(plan.bytesPerMs, 125);
    plan.queueLimitBytes = random.choice([QUEUE_LIMIT_BYTES, 50_000, 300_000]);
  } else if (kind < 0.21) {
    plan.records = 150;
    plan.channels = 1;
  }
  if (random.next() < 0.2) {
    plan.queueLimitBytes = random.choice([1, 100, 1_000]);
  }
  if (random.next() < 0.3) {
    plan.options.baseDelayMs = 20;
    plan.options.delayCapMs = 200;
  }
  plan.options.local = random.next() < 0.5;
  if (plan.restarts && random.next() < 0.5) {
    plan.acceptorOptions.sessionTtlMs = random.choice([500, 6_000]);
  }
  return plan;
}
