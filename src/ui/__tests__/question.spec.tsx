import { Dialog } from '@jupyterlab/apputils';
import { waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import type { Answer } from '../question';
import { Question } from '../question';
import { stopClock } from './clock';
import { FakeConnection, status } from './fake-connection';
import { rendered } from './rendered';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('Question', () => {
  let connection: FakeConnection;
  let question: Question;
  let answer: Promise<Answer>;
  let unsaved: string[];

  const dialog = () => document.querySelector<HTMLElement>('.jp-Dialog')!;
  const buttons = () =>
    [...dialog().querySelectorAll('button')].map(each => each.textContent);
  const press = (name: string) =>
    [...dialog().querySelectorAll('button')]
      .find(each => each.textContent === name)!
      .click();

  const open = async (cause: 'network' | 'login' = 'network') => {
    connection.go({
      state: 'reconnecting',
      cause,
      question: cause === 'login' ? 'permanent' : 'attempts',
      nextTryMs: stopClock() + 8000
    });
    question = new Question({ connection, trans, unsaved: () => unsaved });
    answer = question.ask();
    await waitForDialog();
    await rendered();
  };

  beforeEach(() => {
    connection = new FakeConnection();
    connection.known = { instance: 'some' };
    unsaved = [];
  });

  afterEach(() => {
    question.close();
    Dialog.flush();
    jest.restoreAllMocks();
  });

  it('says what happened, what is safe, what to do and when it is tried again', async () => {
    await open();
    const text = dialog().textContent;
    expect(text).toContain('AI connection lost');
    expect(text).toContain('The AI connection was interrupted.');
    expect(text).toContain('What you typed is safe');
    expect(text).toContain('Check that the Jupyter server is running.');
    expect(text).toContain('Next attempt in 8 seconds.');
  });

  it('speaks of no loss where there never was a connection', async () => {
    connection.known = { instance: null };
    await open();
    expect(dialog().textContent).toContain('No AI connection');
  });

  it('follows what happens while it is open', async () => {
    await open();
    connection.go({
      state: 'reconnecting',
      cause: 'login',
      question: 'permanent',
      trying: true
    });
    await rendered();
    expect(dialog().textContent).toContain('Your login has expired.');
    expect(dialog().textContent).toContain('Trying to reconnect now…');
  });

  it('has a name and a description for the ear', async () => {
    await open();
    const text = (attribute: string) =>
      document.getElementById(dialog().getAttribute(attribute)!)!.textContent;
    expect(text('aria-labelledby')).toContain('AI connection lost');
    expect(text('aria-describedby')).toContain('What you typed is safe');
  });

  it('offers to wait, to refresh and, by default, to reconnect', async () => {
    await open();
    expect(buttons()).toEqual([
      'Keep waiting',
      'Refresh page',
      'Reconnect now'
    ]);
    expect(document.activeElement!.textContent).toBe('Reconnect now');
  });

  it.each([
    ['Keep waiting', 'wait'],
    ['Refresh page', 'refresh'],
    ['Reconnect now', 'reconnect']
  ])('takes "%s" for %s', async (name, meaning) => {
    await open();
    press(name);
    expect(await answer).toBe(meaning);
  });

  it('offers to log in where that is what helps, and fits no other cause', async () => {
    await open('login');
    expect(buttons()).toEqual([
      'Keep waiting',
      'Refresh page',
      'Log in',
      'Reconnect now'
    ]);
    expect(document.activeElement!.textContent).toBe('Reconnect now');
    expect(question.fits(connection.status)).toBe(true);
    press('Log in');
    expect(await answer).toBe('login');
    expect(question.fits(status({ cause: 'network' }))).toBe(false);
  });

  it('says what a refresh would cost', async () => {
    unsaved = ['a.ipynb'];
    connection.known = {
      channels: [{ name: 'Helper', state: 'open', idleMs: 5 }]
    };
    await open('login');
    expect(dialog().textContent).toContain('under way in: Helper.');
    expect(dialog().textContent).toContain('cannot be saved now: a.ipynb.');
  });

  it('takes Escape for waiting', async () => {
    await open();
    const escape = new KeyboardEvent('keydown', {
      key: 'Escape',
      bubbles: true
    });
    dialog().dispatchEvent(escape);
    expect(await answer).toBe('wait');
  });

  it('can be taken back', async () => {
    await open();
    question.close();
    expect(await answer).toBe('wait');
    expect(dialog()).toBeNull();
  });

  it('can be taken back while it waits behind another dialog', async () => {
    const other = new Dialog({ title: trans.__('Other') });
    const closed = other.launch();
    await waitForDialog();
    connection.go({ state: 'reconnecting', question: 'attempts' });
    question = new Question({ connection, trans, unsaved: () => unsaved });
    answer = question.ask();
    question.close();
    other.reject();
    await closed;
    expect(await answer).toBe('wait');
    await rendered();
    expect(dialog()).toBeNull();
  });

  it('takes it for waiting when somebody else removes it', async () => {
    await open();
    Dialog.flush();
    expect(await answer).toBe('wait');
  });

  it('leaves nothing behind when it is taken back before it was asked', async () => {
    const connect = jest.spyOn(connection.statusChanged, 'connect');
    const disconnect = jest.spyOn(connection.statusChanged, 'disconnect');
    question = new Question({ connection, trans, unsaved: () => unsaved });
    question.close();
    expect(disconnect.mock.calls).toEqual(connect.mock.calls);
    expect(connect).toHaveBeenCalled();
    expect(dialog()).toBeNull();
  });
});
