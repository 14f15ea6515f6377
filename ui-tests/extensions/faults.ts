import type { ChildProcess } from 'child_process';

/** What breaks. */
export type Fault = keyof typeof FAULTS;

/** What breaks, for people. */
export const FAULTS = {
  none: 'nothing',
  resets: '3 resets during an answer',
  outage: '8 s outage during an answer',
  hole: '20 s black hole during an answer',
  prompt: 'prompt typed during an 8 s outage',
  idle: '65 s idle behind nginx, `proxy_read_timeout 20s`',
  parked: 'cut during an answer, back after 2 h',
  frozen: 'browser frozen for 15 min during an answer, behind that nginx',
  restart: 'server killed during an answer and started again',
  reload: 'page reloaded during an answer',
  tabs: '3 resets during answers in two tabs',
  login:
    'password, base URL `/user/me/`, behind that nginx, 3 resets during an answer'
};

/** How long the browser is really stopped. */
export const FREEZE_S = Number(process.env.FREEZE_S ?? 900);
/** What nginx takes for idle. */
export const IDLE_LIMIT_S = 20;
/** For how long the server is made to believe that the page was away. */
const PARKED_S = 2 * 3600;

/** What a fault can be made with. */
export interface IBreakable {
  /** Reset every connection. */
  reset(): void;
  /** Reset every connection and refuse new ones, until `restore`. */
  refuse(): Promise<void>;
  /** Swallow everything both ways, until `restore`. */
  swallow(): void;
  /** Let everything through again. */
  restore(): Promise<void>;
}

/** All that a fault during an answer may need. */
export interface IFaultSite {
  readonly wire: IBreakable;
  readonly server: {
    advance(seconds: number): Promise<void>;
    kill(): Promise<void>;
    run(): Promise<void>;
  };
  /** The browser's process, at the head of its group. */
  readonly browser: ChildProcess | null;
  /** Load the page again. */
  reload(): Promise<void>;
  /** How many tokens the answer has. */
  readonly count: number;
  /** Wait until so many tokens of the answer are shown; not for ever. */
  shown(count: number): Promise<void>;
  /** Wait until the model makes no more of the answer. */
  ended(): Promise<void>;
}

/** Break something in the middle of an answer, and mend it. */
export async function breakAnswer(
  fault: Fault,
  site: IFaultSite
): Promise<void> {
  const { wire, server, browser } = site;
  switch (fault) {
    case 'resets':
    case 'tabs':
    case 'login':
      for (const part of [0.2, 0.45, 0.7]) {
        await site.shown(part * site.count);
        wire.reset();
      }
      break;
    case 'outage':
      await wire.refuse();
      await pass(8);
      await wire.restore();
      break;
    case 'hole':
      wire.swallow();
      await pass(20);
      await wire.restore();
      break;
    case 'parked':
      await wire.refuse();
      await site.ended();
      await server.advance(PARKED_S);
      // For what falls due then.
      await pass(5);
      await wire.restore();
      break;
    case 'frozen':
      process.kill(-browser!.pid!, 'SIGSTOP');
      await pass(FREEZE_S);
      process.kill(-browser!.pid!, 'SIGCONT');
      break;
    case 'restart':
      await server.kill();
      await server.run();
      // Both come back by themselves, each in its own time.
      await pass(20);
      break;
    case 'reload':
      await site.reload();
      break;
  }
}

/** Let real time pass: that is what these faults are made of. */
export function pass(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}
