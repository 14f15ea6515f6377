import { pageToken } from '../page-token';

describe('pageToken', () => {
  it('makes one token of a name', () => {
    const token = pageToken<string>('test:one', 'What it is.');
    expect(token).toMatchObject({
      name: 'test:one',
      description: 'What it is.'
    });
    expect(pageToken('test:one', 'As another copy says it.')).toBe(token);
    expect(pageToken('test:another', 'What it is.')).not.toBe(token);
  });
});
