import type { Browser, Page } from '@playwright/test';

import type { Model } from '../helpers/model';
import { Wire } from '../helpers/wire';
import type { IPackage } from './packages';

/** How many tokens an answer has that is broken in the middle. */
const TOKENS = 200;
/** After how many of them. */
const FAULT_AT = 40;
/** How long to wait for the rest, once the line is whole again. */
const PATIENCE_MS = 30_000;
/** What the server half keeps for each origin when the user has switched it off. */
const SWITCH = 'jupyter-ai-ws:guard-off:/';

/** What breaks. */
export type Fault = 'none' | 'reset' | 'outage' | 'hole' | 'prompt' | 'idle';

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
  /** Whether the model is told the conversation so far with the next prompt. */
  readonly memory: boolean;
}

/** A user at work with an AI extension. */
export class Session {
  /** Open a page in front of a server, with or without the guard. */
  static async start(
    browser: Browser,
    tested: IPackage,
    serverUrl: string,
    model: Model,
    guarded: boolean
  ): Promise<Session> {
    const wire = await Wire.to(serverUrl);
    const context = await browser.newContext();
    const page = await context.newPage();
    if (!guarded) {
      await page.addInitScript(
        key => window.localStorage.setItem(key, '["*"]'),
        SWITCH
      );
    }
    const session = new Session(page, tested, wire, model);
    await page.goto(`${wire.url}/lab`);
    await page.locator('.jp-Launcher').waitFor();
    await tested.open(page);
    return session;
  }

  private constructor(
    readonly page: Page,
    private readonly _tested: IPackage,
    private readonly _wire: Wire,
    private readonly _model: Model
  ) {
    page.on('websocket', socket => {
      this.sockets.push(new URL(socket.url()).pathname);
    });
  }

  /** The paths of all real sockets so far. */
  readonly sockets: string[] = [];

  /** Ask, break the line, mend it, and see what has become of the answer. */
  async meet(fault: Fault): Promise<ISeen> {
    const { _wire: wire } = this;
    const first = this._newName();
    await this._ask(5, first);
    await this._shown(first, 5, PATIENCE_MS);
    const name = this._newName();
    const count = fault === 'prompt' || fault === 'idle' ? 20 : TOKENS;
    if (fault === 'prompt') {
      await wire.refuse();
      await this.page.waitForTimeout(2_500);
      await this._ask(count, name);
      await this.page.waitForTimeout(5_500);
      await wire.restore();
    } else if (fault === 'idle') {
      wire.idleLimitMs = 20_000;
      await this.page.waitForTimeout(65_000);
      await this._ask(count, name);
    } else {
      await this._ask(count, name);
      await this._shown(name, FAULT_AT, PATIENCE_MS);
      await this._break(fault);
    }
    await this._shown(name, count, PATIENCE_MS);
    const seen = await this._tokens(name);
    const stuck = await this._settled();
    const prompts = this._asked(name);
    const next = this._newName();
    await this._ask(5, next);
    await this._shown(next, 5, 5_000);
    const told = this._model.asked.find(({ conversation }) =>
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
      memory:
        // Some extensions hand on the answers alone.
        [first, name].every(each => told?.conversation.includes(`${each}0 `))
    };
  }

  /** Close the page. */
  async stop(): Promise<void> {
    await this.page.context().close();
    this._wire.close();
  }

  private async _break(fault: Fault): Promise<void> {
    const { _wire: wire } = this;
    if (fault === 'reset') {
      wire.reset();
    } else if (fault === 'outage') {
      await wire.refuse();
      await this.page.waitForTimeout(8_000);
      await wire.restore();
    } else if (fault === 'hole') {
      wire.swallow();
      await this.page.waitForTimeout(20_000);
      await wire.restore();
    }
  }

  private async _ask(count: number, name: string): Promise<void> {
    await this._tested
      .ask(this.page, `count ${count} as ${name}`)
      .catch(() => undefined);
  }

  /** Wait until so many tokens are shown; not for ever. */
  private async _shown(
    name: string,
    count: number,
    limitMs: number
  ): Promise<void> {
    const endMs = Date.now() + limitMs;
    while (Date.now() < endMs) {
      if (new Set(await this._tokens(name)).size >= count) {
        return;
      }
      await this.page.waitForTimeout(100);
    }
  }

  private async _tokens(name: string): Promise<number[]> {
    const text = await this._tested.text(this.page).catch(() => '');
    return [...text.matchAll(new RegExp(`\\b${name}(\\d+)\\b`, 'g'))].map(
      ([, number]) => Number(number)
    );
  }

  /** Whether an answer is still being made, 5 s after its end. */
  private async _settled(): Promise<boolean> {
    for (let tries = 0; tries < 50; tries++) {
      if (!(await this._tested.busy(this.page).catch(() => true))) {
        return false;
      }
      await this.page.waitForTimeout(100);
    }
    return true;
  }

  private _asked(name: string): number {
    return this._model.asked.filter(({ prompt }) =>
      prompt.includes(`as ${name}`)
    ).length;
  }

  private _newName(): string {
    const letter = (n: number) => String.fromCharCode(97 + n);
    const number = names++;
    return `tok${letter(Math.floor(number / 26) % 26)}${letter(number % 26)}`;
  }
}

let names = 0;

/** Put what was seen into a row of a table. */
export function row(seen: ISeen): string {
  const { shown, of, doubled, disordered, prompts, stuck, memory } = seen;
  const wrong = [
    ...(doubled ? [`${doubled} doubled`] : []),
    ...(disordered ? [`${disordered} out of order`] : []),
    ...(prompts === 1 ? [] : [`prompt arrived ${prompts} times`]),
    ...(stuck ? ['stuck'] : []),
    ...(memory ? [] : ['memory lost'])
  ];
  return [`${shown}/${of}`, ...wrong].join(', ');
}
