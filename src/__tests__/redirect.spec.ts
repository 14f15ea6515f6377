import { lookBehind } from '../redirect';

describe('lookBehind()', () => {
  const redirect = { type: 'opaqueredirect', status: 0 };
  const answer = (status: number) => ({ type: 'basic', status });
  const failure = new TypeError('Failed to fetch');

  it.each([
    ['nothing', 'nothing answers', failure, failure],
    ['nothing', 'it answers again', answer(200), answer(405)],
    ['login', 'every method is redirected', redirect, redirect],
    ['login', 'the login answers itself', redirect, answer(401)],
    ['login', 'the line breaks meanwhile', redirect, failure],
    ['hub', 'only GET is redirected', redirect, answer(405)]
  ])('is %s where %s', async (behind, _, get, head) => {
    const ask = async ({ method, redirect: follow }: RequestInit) => {
      expect(follow).toBe('manual');
      const found = method === 'HEAD' ? head : get;
      if (found instanceof Error) {
        throw found;
      }
      return found as Response;
    };
    expect(await lookBehind(ask)).toBe(behind);
  });
});
