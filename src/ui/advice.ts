import type { TranslationBundle } from '@jupyterlab/translation';

import { GONE } from '../guard/server-half';
import type {
  ConnectionCause,
  IConnectionDiagnostics,
  IConnectionStatus
} from '../tokens';

/** What a person is to be helped with. */
export interface IPredicament {
  /** Why the connection is not there. */
  readonly cause: ConnectionCause;
  /** Whether the server is on the computer of whoever looks at the page. */
  readonly isLocal: boolean;
  /** Whether this page was ever connected. */
  readonly welcomed: boolean;
}

/**
 * Whether a server is on this computer, as far as a page can tell.
 *
 * @param hostname - The name of the server's host.
 */
export function isLocalHost(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * Tell what who looks at this page is to be helped with.
 *
 * @param status - Where the connection stands, as people are told.
 * @param known - What is known of the connection.
 */
export function predicamentOf(
  { cause }: Pick<IConnectionStatus, 'cause'>,
  { instance }: Pick<IConnectionDiagnostics, 'instance'>
): IPredicament {
  return {
    cause,
    isLocal: isLocalHost(window.location.hostname),
    welcomed: instance !== null
  };
}

/**
 * Say what a person can do about it, in one instruction.
 *
 * @param predicament - What it depends on.
 * @param trans - The language.
 */
export function adviceFor(
  { cause, isLocal, welcomed }: IPredicament,
  trans: TranslationBundle
): string {
  switch (cause) {
    case 'login':
      return trans.__('Log in again; this page goes on by itself.');
    case 'incompatible':
    case 'version':
      // A page that was refreshed already, or came after the update.
      return welcomed
        ? trans.__('Refresh the page to finish the update.')
        : trans.__(
            'Ask whoever runs the server to update jupyter_ai_ws and restart it.'
          );
    case 'missing':
      return trans.__(
        'Ask whoever runs the server to enable the extension jupyter_ai_ws.'
      );
    case 'stopped':
      return trans.__('Start the server again where you started it before.');
    case 'blocked':
      return trans.__(
        'Ask whoever runs the proxy to pass on the header "Upgrade".'
      );
    case 'too-many':
      return trans.__('Close pages of this server that you no longer need.');
    case 'busy':
      // A network that swallows what is sent looks the same from a page.
      return isLocal
        ? trans.__('Wait until the server has finished what it is doing.')
        : trans.__(
            'Wait until the server has finished what it is doing, or check your network connection.'
          );
    case 'down':
      return trans.__('Wait until the server answers again.');
    case 'restarting':
      return trans.__('Wait until the server runs again.');
    case 'session-lost':
      return trans.__(
        'Ask again what was not answered when the connection is back.'
      );
    case 'protocol':
      return trans.__('Refresh the page if it does not start by itself.');
    case 'unreachable':
      return isLocal
        ? trans.__('Check that the Jupyter server is running.')
        : trans.__(
            'Check your network connection and that the Jupyter server is running.'
          );
    default:
      return isLocal
        ? trans.__('Check that the Jupyter server is running.')
        : trans.__('Check your network connection.');
  }
}

/**
 * Say what a person need not worry about.
 *
 * @param predicament - What it depends on.
 * @param trans - The language.
 */
export function safetyFor(
  { cause, welcomed }: Omit<IPredicament, 'isLocal'>,
  trans: TranslationBundle
): string {
  if (!welcomed && GONE.has(cause)) {
    return trans.__(
      'What you typed is safe on this page. AI extensions go on without this connection.'
    );
  }
  if (!welcomed || cause === 'session-lost' || cause === 'protocol') {
    return trans.__('What you typed is safe on this page.');
  }
  if (cause === 'stopped') {
    return trans.__(
      'What you typed is safe on this page. Answers under way have ended with the server.'
    );
  }
  if (GONE.has(cause)) {
    return trans.__(
      'What you typed is safe on this page. AI extensions go on without this connection, but answers under way may have ended.'
    );
  }
  return trans.__(
    'What you typed is safe on this page. Answers under way go on where they stopped, unless the server was restarted or you refresh the page.'
  );
}

/**
 * Say when it is tried again.
 *
 * @param status - Where the connection stands.
 * @param countdownS - Seconds until the next try; null: none waits.
 * @param trans - The language.
 */
export function outlookOf(
  status: IConnectionStatus,
  countdownS: number | null,
  trans: TranslationBundle
): string {
  if (status.trying || countdownS === 0) {
    return trans.__('Trying to reconnect now…');
  }
  if (countdownS === null) {
    return trans.__('It is not tried again by itself.');
  }
  return trans._n(
    'Next attempt in %1 second.',
    'Next attempt in %1 seconds.',
    countdownS
  );
}

/**
 * Whether documents can be saved in spite of what happened.
 *
 * @param cause - Why the connection is not there.
 */
export function canSave(cause: ConnectionCause): boolean {
  return !['unreachable', 'down', 'stopped', 'login'].includes(cause);
}
