import type { IncomingMessage, Server, ServerResponse } from 'http';
import { createServer } from 'http';
import type { AddressInfo } from 'net';

/** A request that the model has got. */
export interface IAsked {
  /** All texts of the conversation, joined. */
  readonly conversation: string;
  /** The text of the last message of the user. */
  readonly prompt: string;
  /** Whether it was to be streamed, as answers are. */
  readonly streamed: boolean;
  /** Tokens made so far. */
  made: number;
  /** Whether it was made to the end. */
  complete: boolean;
  /** Whether nothing more is made: it is complete, or nobody wants the rest. */
  ended: boolean;
}

/**
 * A language model that speaks OpenAI's protocol and whose answers can be
 * checked: asked to `count 100 as k` it streams `k0 k1 … k99`.
 */
export class Model {
  /** Start one on a free port of this machine. */
  static async start(tokensPerSecond = 20): Promise<Model> {
    const model = new Model(1000 / tokensPerSecond);
    await new Promise<void>(resolve =>
      model._server.listen(0, '127.0.0.1', resolve)
    );
    return model;
  }

  /** What was asked so far. */
  readonly asked: IAsked[] = [];

  /** Where clients of OpenAI find it. */
  get url(): string {
    const { port } = this._server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1`;
  }

  /** Stop, whatever is under way. */
  stop(): void {
    this._server.close();
    this._server.closeAllConnections();
  }

  private constructor(private readonly _intervalMs: number) {
    this._server = createServer((request, response) => {
      void this._answer(request, response);
    });
  }

  private async _answer(
    request: IncomingMessage,
    response: ServerResponse
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    if (!request.url?.endsWith('/chat/completions')) {
      const data = [{ id: 'gpt-4o', object: 'model' }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data }));
      return;
    }
    const { messages, stream } = JSON.parse(body);
    const texts = (messages as { role: string; content: unknown }[]).map(
      ({ role, content }) => ({ role, text: textOf(content) })
    );
    const conversation = texts.map(({ text }) => text).join('\n');
    const prompts = texts.filter(({ role }) => role === 'user');
    const wanted = [...conversation.matchAll(/count (\d+) as ([a-z]+)/g)].pop();
    const prompt = prompts.pop()?.text ?? '';
    const asked: IAsked = {
      conversation,
      prompt,
      streamed: !!stream,
      made: 0,
      complete: false,
      ended: false
    };
    this.asked.push(asked);
    const tokens = wanted
      ? Array.from({ length: Number(wanted[1]) }, (_, n) => `${wanted[2]}${n} `)
      : ['nothing'];
    if (stream) {
      await this._stream(tokens, asked, response);
    } else {
      const message = { role: 'assistant', content: tokens.join('') };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...COMPLETION, choices }));
    }
    asked.complete = response.writableFinished || !stream;
    asked.ended = true;
  }

  private async _stream(
    tokens: string[],
    asked: IAsked,
    response: ServerResponse
  ): Promise<void> {
    response.setHeader('content-type', 'text/event-stream');
    const object = 'chat.completion.chunk';
    const say = (delta: unknown, finish_reason: string | null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const data = JSON.stringify({ ...COMPLETION, object, choices });
      response.write(`data: ${data}\n\n`);
    };
    say({ role: 'assistant', content: '' }, null);
    for (const content of tokens) {
      await new Promise(resolve => setTimeout(resolve, this._intervalMs));
      if (response.destroyed) {
        return;
      }
      say({ content }, null);
      asked.made++;
    }
    say({}, 'stop');
    response.write('data: [DONE]\n\n');
    await new Promise<void>(resolve => response.end(resolve));
  }

  private readonly _server: Server;
}

const COMPLETION = {
  id: 'completion',
  object: 'chat.completion',
  created: 0,
  model: 'gpt-4o',
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
};

/** The text of a message, which may be in parts. */
function textOf(content: unknown): string {
  if (Array.isArray(content)) {
    return content.map(part => part?.text ?? '').join('');
  }
  return typeof content === 'string' ? content : '';
}
