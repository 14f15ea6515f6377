import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import type { ISessionLoss } from '../../tokens';
import { LossNotice } from '../loss-notice';
import { FakeConnection } from './fake-connection';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('LossNotice', () => {
  let connection: FakeConnection;
  let notice: LossNotice;

  const loss = (changes: Partial<ISessionLoss> = {}): ISessionLoss => {
    return {
      time: 0,
      restarted: true,
      channels: ['Helper'],
      unacknowledged: [],
      ...changes
    };
  };
  const lose = (lastLoss: ISessionLoss) => {
    connection.known = { lastLoss };
    connection.go({ state: 'reconnecting', cause: 'session-lost' });
  };
  /** What shows it is looked for first. */
  const turn = () => new Promise(resolve => setTimeout(resolve));
  /** The newest last. */
  const messages = () =>
    Notification.manager.notifications.map(({ message }) => message).reverse();

  beforeEach(() => {
    shareToasts();
    connection = new FakeConnection();
    notice = new LossNotice(connection, trans);
  });

  afterEach(() => {
    notice.dispose();
    Notification.dismiss();
    shareNothing();
  });

  it('says once, when the connection is back, what has ended and what is kept', async () => {
    lose(loss());
    expect(messages()).toEqual([]);
    connection.go();
    connection.go({ attempt: 1 });
    await turn();
    expect(messages()).toEqual([
      'The Jupyter server was restarted. What was under way has ended: Helper. This page is kept.'
    ]);
  });

  it('does not blame a restart for what was none', async () => {
    lose(loss({ restarted: false }));
    connection.go();
    await turn();
    expect(messages()[0]).toMatch(/^The AI connection started afresh\./);
  });

  it('says which messages were never sent', async () => {
    const helper = { name: 'Helper', perhapsDelivered: 0, neverWritten: 1 };
    lose(loss({ unacknowledged: [helper] }));
    connection.go();
    await turn();
    expect(messages()).toEqual([
      'The Jupyter server was restarted. What was under way has ended: Helper. This page is kept.',
      'A message to Helper was not sent. If no answer comes, send it again.'
    ]);
  });

  it('says of which messages nobody knows whether they have arrived', async () => {
    const helper = { name: 'Helper', perhapsDelivered: 1, neverWritten: 0 };
    lose(loss({ unacknowledged: [helper] }));
    connection.go();
    await turn();
    expect(messages().slice(1)).toEqual([
      'Whether a message to Helper has arrived is not known. Look before you send it again.'
    ]);
  });

  it('names all whose messages did not certainly arrive', async () => {
    lose(
      loss({
        channels: ['Helper', 'Writer', 'Reader'],
        unacknowledged: [
          { name: 'Helper', perhapsDelivered: 2, neverWritten: 3 },
          { name: 'Writer', perhapsDelivered: 0, neverWritten: 1 }
        ]
      })
    );
    connection.go();
    await turn();
    expect(messages().slice(1)).toEqual([
      'Messages to Helper, Writer were not sent. If no answer comes, send them again.',
      'Whether messages to Helper have arrived is not known. Look before you send them again.'
    ]);
  });

  it('has room in a notice for what it says, however many names there are', async () => {
    const channels = [
      'Notebook Intelligence',
      'Mito AI',
      'Jupyter AI',
      'Jupyter Chat',
      'x'.repeat(128)
    ];
    for (const restarted of [true, false]) {
      lose(loss({ restarted, channels }));
      connection.go();
      lose(loss({ restarted, channels: channels.slice(4) }));
      connection.go();
    }
    await turn();
    expect(
      messages().map(message => message.match(/: (.*)\. This/)![1])
    ).toEqual(
      Array(2)
        .fill([
          'Notebook Intelligence, Mito AI and 3 more',
          `${'x'.repeat(31)}…`
        ])
        .flat()
    );
    expect(Math.max(...messages().map(({ length }) => length))).toBeLessThan(
      141
    );
  });

  it('cuts no character of a name in two', async () => {
    lose(loss({ channels: [`${'x'.repeat(30)}😀 and a tail`] }));
    connection.go();
    await turn();
    expect(messages()[0]).toContain(`: ${'x'.repeat(30)}…. This`);
  });

  it('says nothing where nothing was under way', async () => {
    lose(loss({ channels: [] }));
    connection.go();
    await turn();
    expect(messages()).toEqual([]);
  });

  it('says nothing when disposed of', async () => {
    notice.dispose();
    lose(loss());
    connection.go();
    await turn();
    expect(notice.isDisposed).toBe(true);
    expect(messages()).toEqual([]);
  });
});
