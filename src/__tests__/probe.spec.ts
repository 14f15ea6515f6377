import { ServerConnection } from '@jupyterlab/services';

import { probe } from '../probe';

/** Server settings whose every request gets this answer. */
function serverThatAnswers(
  answer: () => Response | Error
): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: 'http://127.0.0.1:1/lab-base/',
    fetch: async () => {
      const result = answer();
      if (result instanceof Error) {
        throw result;
      }
      return result;
    }
  });
}

const cases: [string, () => Response | Error, boolean][] = [
  ['an answer of the server half', () => Response.json({ status: 'ok' }), true],
  ['a login page', () => new Response('<html></html>'), false],
  ['a missing extension', () => Response.json({}, { status: 404 }), false],
  ['no connection', () => new TypeError('unreachable'), false]
];

describe('probe', () => {
  it.each(cases)('takes %s for what it is', async (_, answer, expected) => {
    expect(await probe(serverThatAnswers(answer))).toBe(expected);
  });

  it('asks below the base path', async () => {
    const urls: string[] = [];
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://127.0.0.1:1/lab-base/',
      fetch: async request => {
        urls.push((request as Request).url);
        return Response.json({ status: 'ok' });
      }
    });
    await probe(settings);
    expect(urls).toHaveLength(1);
    expect(new URL(urls[0]).pathname).toBe('/lab-base/jupyter-ai-ws/health');
  });
});
