import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection, ISessionLoss } from '../tokens';
import { notify } from './toasts';

/** How long the notice stays; it is kept in the notification center. */
const SHOWN_MS = 15_000;

/** JupyterLab cuts a notice at 140 characters; that is what the longest text leaves for names. */
const NAMES_LENGTH = 48;

/** One name, so that it can be said how many more there are. */
const NAME_LENGTH = 32;

/**
 * Says, when the connection is back, what ended with a session that was lost,
 * what was kept, and what may have to be sent again.
 *
 * #### Notes
 * Where nothing was under way nothing is said: the connection is back, that is all.
 */
export class LossNotice implements IDisposable {
  /**
   * @param connection - What to watch; not owned.
   * @param trans - The language.
   */
  constructor(connection: IAIConnection, trans: TranslationBundle) {
    this.#connection = connection;
    this.trans = trans;
    this.#told = connection.diagnostics().lastLoss;
    connection.statusChanged.connect(this.#onStatusChanged, this);
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Watch no more. */
  dispose(): void {
    this.#isDisposed = true;
    this.#connection.statusChanged.disconnect(this.#onStatusChanged, this);
  }

  #onStatusChanged(): void {
    if (this.#connection.status.state !== 'connected') {
      return;
    }
    const loss = this.#connection.diagnostics().lastLoss;
    if (loss === this.#told) {
      return;
    }
    this.#told = loss;
    for (const message of loss ? messagesOf(loss, this.trans) : []) {
      void notify('warning', message, { autoClose: SHOWN_MS });
    }
  }

  protected readonly trans: TranslationBundle;
  readonly #connection: IAIConnection;
  #told: unknown;
  #isDisposed = false;
}

/**
 * Say what was lost, in notices of their own: JupyterLab cuts each at 140 characters.
 *
 * #### Notes
 * Another extension may repeat by itself what it has sent, and the guard does not
 * see that: so nobody is told to send again what was answered. How many records
 * there were says nothing to people: one question of theirs may take several.
 */
function messagesOf(loss: ISessionLoss, trans: TranslationBundle): string[] {
  const messages: string[] = [];
  const names = listOf(loss.channels, trans);
  if (names) {
    messages.push(
      loss.restarted
        ? trans.__(
            'The Jupyter server was restarted. What was under way has ended: %1. This page is kept.',
            names
          )
        : trans.__(
            'The AI connection started afresh. What was under way has ended: %1. This page is kept.',
            names
          )
    );
  }
  const unsent = sumOf(loss, 'neverWritten', trans);
  if (unsent.records) {
    messages.push(
      trans._n(
        'A message to %2 was not sent. If no answer comes, send it again.',
        'Messages to %2 were not sent. If no answer comes, send them again.',
        unsent.records,
        unsent.names
      )
    );
  }
  const doubtful = sumOf(loss, 'perhapsDelivered', trans);
  if (doubtful.records) {
    messages.push(
      trans._n(
        'Whether a message to %2 has arrived is not known. Look before you send it again.',
        'Whether messages to %2 have arrived is not known. Look before you send them again.',
        doubtful.records,
        doubtful.names
      )
    );
  }
  return messages;
}

/** How many records became of that, and whose. */
function sumOf(
  { unacknowledged }: ISessionLoss,
  what: 'neverWritten' | 'perhapsDelivered',
  trans: TranslationBundle
): { readonly records: number; readonly names: string } {
  const those = unacknowledged.filter(one => one[what]);
  return {
    records: those.reduce((sum, one) => sum + one[what], 0),
    names: listOf(
      those.map(({ name }) => name),
      trans
    )
  };
}

/** Name as many as a notice has room for, and say how many there are besides. */
function listOf(
  names: ReadonlyArray<string>,
  trans: TranslationBundle
): string {
  const short = names.map(name =>
    name.length > NAME_LENGTH
      ? // A pair of surrogates is one character.
        `${name.slice(0, NAME_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`
      : name
  );
  for (let shown = short.length; ; shown--) {
    const some = short.slice(0, shown).join(', ');
    const left = short.length - shown;
    const list = left ? trans.__('%1 and %2 more', some, left) : some;
    if (shown <= 1 || list.length <= NAMES_LENGTH) {
      return list;
    }
  }
}
