import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { ChildProcess } from 'child_process';

import type { Model } from '../helpers/model';
import { Nginx } from '../helpers/nginx';
import type { PackageServer } from '../helpers/package-server';
import { Wire } from '../helpers/wire';
import { type Fault, IDLE_LIMIT_S, breakAnswer, pass } from './faults';
import type { IPackage } from './packages';

/** How long to wait for the rest, once the line is whole again. */
const PATIENCE_MS = 60_000;
/** An answer that has not moved for so long, and that nobody makes, is all there is. */
const STILL_MS = 15_000;
/** Sockets of the page that are no matter of the guard. */
const OTHERS =
  /\/(api\/(kernels|events|live-content|collaboration)|terminals|lsp)\//;
const OURS = '/jupyter-ai-ws/ws';

/** What was seen. */
export interface ISeen {
  /** Different tokens shown, of those that the answer has. */
  readonly shown: number;
  readonly of: number;
  /** Tokens shown twice. */
  readonly doubled: number;
  /** Tokens shown before an earlier one. */
  readonly disordered: number;
  /** How often the prompt reached the model. */
  readonly prompts: number;
  /** Whether the panel says at the end that an answer is being made. */
  readonly stuck: boolean;
  /** Whether the next prompt is answered. */
  readonly next: boolean;
  /** Whether the model is told the conversation so far with it. */
  readonly memory: boolean;
  /** Whether what was said before the fault is still shown. */
  readonly kept: boolean;
  /** Real sockets of AI that the page had before the fault. */
  readonly sockets: number;
}

/** A user at work with an AI extension. */
export class Session {
  /** Open a page in front of a server. */
  static async start(options: Session.IOptions): Promise<Session> {
    const { browser, context, fault, server } = options;
    const nginx = ['idle', 'frozen', 'login'].includes(fault)
      ? await Nginx.to(server.url, IDLE_LIMIT_S)
      : null;
    const wire = await Wire.to(nginx?.url ?? server.url);
    const page = await (context ?? (await browser.newContext())).newPage();
    const session = new Session(page, options, wire, nginx);
    await session._load();
    // What is gone from the page then is not waited for.
    page.setDefaultTimeout(10_000);
    return session;
  }

  private constructor(
    readonly page: Page,
    private readonly _options: Session.IOptions,
    private readonly _wire: Wire,
    private readonly _nginx: Nginx | null
  ) {
    this._tested = _options.tested;
    page.on('websocket', socket => {
      const path = new URL(socket.url()).pathname;
      const ours = path.endsWith(OURS);
      if (ours ? _options.guarded : !OTHERS.test(path)) {
        this.sockets.push(path);
        socket.on('close', () =>
          this.sockets.splice(this.sockets.indexOf(path), 1)
        );
      }
    });
  }

  /** Ask, break something, mend it, and see what has become of the answer. */
  async meet(): Promise<ISeen> {
    const { fault, model } = this._options;
    const first = await this.ask(5);
    // Some import half of PyPI for their first answer.
    await this.shown(first, 5, 5 * PATIENCE_MS);
    const sockets = this.sockets.length;
    const [name, count] = await this._meet(fault);
    await this.shown(name, count);
    const seen = await this.tokens(name);
    const stuck = await this.isStuck();
    const prompts = this.prompts(name);
    const next = await this.ask(5);
    await this.shown(next, 5);
    const answer = await this.tokens(next);
    const told = model.asked.find(({ conversation }) =>
      conversation.includes(`as ${next}`)
    );
    return {
      shown: new Set(seen).size,
      of: count,
      doubled: seen.length - new Set(seen).size,
      disordered: seen.filter((token, at) => token < (seen[at - 1] ?? 0))
        .length,
      prompts,
      stuck,
      next: new Set(answer).size === 5,
      memory:
        // Some extensions hand on the answers alone.
        [first, name].every(each => told?.conversation.includes(`${each}0 `)),
      kept: (await this.tokens(first)).length === 5,
      sockets
    };
  }

  /** Work with another extension from now on. */
  use(tested: IPackage): void {
    this._tested = tested;
  }

  /** Ask for so many tokens; their name. */
  async ask(count: number): Promise<string> {
    const name = newName();
    // Where the panel has gone there is nothing to write into.
    await this._tested
      .ask(this.page, `count ${count} as ${name}`)
      .catch(() => undefined);
    return name;
  }

  /** Wait until so many tokens are shown, or no more can come. */
  async shown(
    name: string,
    count: number,
    limitMs = PATIENCE_MS
  ): Promise<void> {
    const endMs = Date.now() + limitMs;
    let known = 0;
    let sinceMs = Date.now();
    while (Date.now() < endMs) {
      const size = new Set(await this.tokens(name)).size;
      if (size > known) {
        known = size;
        sinceMs = Date.now();
      }
      const still =
        limitMs === PATIENCE_MS &&
        Date.now() - sinceMs > STILL_MS &&
        this._ended(name);
      if (size >= count || still) {
        return;
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** The numbers of the tokens of an answer as they are shown. */
  async tokens(name: string): Promise<number[]> {
    const text = await this._tested.text(this.page).catch(() => '');
    return [...text.matchAll(new RegExp(`\\b${name}(\\d+)\\b`, 'g'))].map(
      ([, number]) => Number(number)
    );
  }

  /** How often a prompt has reached the model. */
  prompts(name: string): number {
    return this._options.model.asked.filter(
      ({ prompt, streamed }) => streamed && prompt.includes(`as ${name}`)
    ).length;
  }

  /** Whether an answer is said to be made, 5 s after its end. */
  async isStuck(): Promise<boolean> {
    const tested = this._tested;
    for (let tries = 0; tries < 50; tries++) {
      if (!(await tested.busy(this.page).catch(() => true))) {
        return false;
      }
      await this.page.waitForTimeout(100);
    }
    return true;
  }

  /** The paths of the real sockets of AI that are open. */
  readonly sockets: string[] = [];

  private _tested: IPackage;

  /** Close the page. */
  async stop(): Promise<void> {
    await this.page.context().close();
    this._wire.close();
    await this._nginx?.stop();
  }

  /** The line between the browser and the server. */
  get wire(): Wire {
    return this._wire;
  }

  /** Load the page, with nothing of an earlier layout, and open the panel. */
  private async _load(): Promise<void> {
    const { page } = this;
    const { base, password } = this._options.server;
    await page.goto(`${this._wire.url}${base}lab?reset`);
    const field = page.locator('input[type="password"]');
    const launcher = page.locator('.jp-Launcher');
    await launcher.or(field).first().waitFor({ timeout: PATIENCE_MS });
    if (await field.isVisible()) {
      await field.fill(password);
      await field.press('Enter');
    }
    await launcher.waitFor({ timeout: PATIENCE_MS });
    await this._tested.open(page);
  }

  /** Ask and break; the name of the answer and its length. */
  private async _meet(fault: Fault): Promise<[string, number]> {
    if (fault === 'prompt') {
      await this._wire.refuse();
      await pass(2.5);
      const name = await this.ask(20);
      await pass(5.5);
      await this._wire.restore();
      return [name, 20];
    }
    if (fault === 'idle') {
      await pass(65);
      return [await this.ask(20), 20];
    }
    const { count } = this._options;
    const name = await this.ask(count);
    await this.shown(name, count / 5);
    await breakAnswer(fault, {
      wire: this._wire,
      server: this._options.server,
      browser: this._options.process,
      reload: () => this._load(),
      count,
      shown: wanted => this.shown(name, wanted),
      ended: async () => {
        while (!this._ended(name)) {
          await pass(0.1);
        }
      }
    });
    return [name, count];
  }

  /** Whether the model makes nothing of an answer now. */
  private _ended(name: string): boolean {
    return this._options.model.asked.every(
      ({ prompt, ended }) => ended || !prompt.includes(`as ${name}`)
    );
  }
}

/** A namespace for `Session` statics. */
export namespace Session {
  /** What a session needs. */
  export interface IOptions {
    readonly browser: Browser;
    /** That of another page of the same user; a new one unless given. */
    readonly context?: BrowserContext;
    /** The browser's process, where it is to be frozen. */
    readonly process: ChildProcess | null;
    readonly tested: IPackage;
    readonly server: PackageServer;
    readonly model: Model;
    readonly fault: Fault;
    readonly guarded: boolean;
    /** How many tokens an answer has that is broken. */
    readonly count: number;
  }
}

let names = 0;

function newName(): string {
  const letter = (n: number) => String.fromCharCode(97 + n);
  const number = names++;
  return `tok${letter(Math.floor(number / 26) % 26)}${letter(number % 26)}`;
}

/** What was seen in several tabs, as if in one. */
export function together(tabs: readonly ISeen[]): ISeen {
  const sum = (key: 'shown' | 'of' | 'doubled' | 'disordered') =>
    tabs.reduce((total, seen) => total + seen[key], 0);
  return {
    shown: sum('shown'),
    of: sum('of'),
    doubled: sum('doubled'),
    disordered: sum('disordered'),
    prompts: tabs.find(({ prompts }) => prompts !== 1)?.prompts ?? 1,
    stuck: tabs.some(({ stuck }) => stuck),
    next: tabs.every(({ next }) => next),
    memory: tabs.every(({ memory }) => memory),
    kept: tabs.every(({ kept }) => kept),
    sockets: Math.max(...tabs.map(({ sockets }) => sockets))
  };
}

/** Put what was seen into a cell of a table. */
export function cell(seen: ISeen): string {
  const { shown, of, doubled, disordered, prompts, stuck } = seen;
  const wrong = [
    ...(shown === of ? [] : [`${of - shown} of ${of} tokens lost`]),
    ...(doubled ? [`${doubled} doubled`] : []),
    ...(disordered ? [`${disordered} out of order`] : []),
    ...(prompts === 0 ? ['prompt lost'] : []),
    ...(prompts > 1 ? [`prompt sent ${prompts} times`] : []),
    ...(stuck ? ['stuck in progress'] : []),
    ...(seen.kept ? [] : ['all messages gone']),
    ...(seen.next ? [] : ['next prompt lost']),
    ...(seen.next && !seen.memory ? ['memory lost'] : [])
  ];
  return `${wrong.join(', ') || 'all well'} (${seen.sockets})`;
}
