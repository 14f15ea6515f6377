import type { TranslationBundle } from '@jupyterlab/translation';
import { VDomModel } from '@jupyterlab/ui-components';

import type { IAIConnection } from '../tokens';
import { toldStatus } from './blocked';
import { GRACE_MS, PATIENCE_MS } from './ladder';
import type { IStatusWords, StatusKind } from './words';
import { describe, sameWords } from './words';

/** How long trouble lasts before it is worth interrupting a listener. */
const TROUBLE_MS = PATIENCE_MS + GRACE_MS;

/** The dialog, which has read out the same already. */
const QUESTION = '.jp-AiConnectionQuestion';

/** How long a recovery lasts before it is worth telling. */
const RECOVERY_MS = 1000;

/**
 * The connection in words, as the status item shows it.
 *
 * #### Notes
 * Emits `stateChanged` only when what is shown has changed. While the
 * connection is up and quiet there is no timer.
 */
export class StatusModel extends VDomModel {
  /**
   * @param options - What to show, and in which language.
   */
  constructor(options: StatusModel.IOptions) {
    super();
    this._connection = options.connection;
    this._trans = options.trans;
    this._words = this._describe();
    this._connection.statusChanged.connect(this._onStatusChanged, this);
    window.addEventListener('online', this._refresh);
    window.addEventListener('offline', this._refresh);
    document.addEventListener('visibilitychange', this._refresh);
    this._armCountdown();
    this._armAnnouncement();
  }

  /** What to show. */
  get words(): IStatusWords {
    return this._words;
  }

  /** What a screen reader says; changes only when a state has settled. */
  get announcement(): string {
    return this._announcement;
  }

  /** Stop following the connection. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._connection.statusChanged.disconnect(this._onStatusChanged, this);
    window.removeEventListener('online', this._refresh);
    window.removeEventListener('offline', this._refresh);
    document.removeEventListener('visibilitychange', this._refresh);
    clearTimeout(this._countdownTimer);
    clearTimeout(this._announcementTimer);
    super.dispose();
  }

  private _describe(): IStatusWords {
    const around = { nowMs: performance.now(), onLine: navigator.onLine };
    return describe(toldStatus(this._connection), around, this._trans);
  }

  private _onStatusChanged(): void {
    this._refresh();
  }

  private readonly _refresh = (): void => {
    const words = this._describe();
    this._armCountdown(words);
    if (sameWords(words, this._words)) {
      return;
    }
    const settled = words.kind === this._words.kind;
    this._words = words;
    if (!settled) {
      this._armAnnouncement();
    }
    this.stateChanged.emit();
  };

  /** Wake when the number of seconds changes; a hidden page need not count. */
  private _armCountdown({ countdownS }: IStatusWords = this._words): void {
    clearTimeout(this._countdownTimer);
    const { nextTryMs } = this._connection.status;
    if (!countdownS || nextTryMs === null || document.hidden) {
      return;
    }
    const leftMs = nextTryMs - performance.now() - (countdownS - 1) * 1000;
    // A little late rather than early, when the number would be the same still.
    this._countdownTimer = setTimeout(this._refresh, Math.max(leftMs, 0) + 5);
  }

  private _armAnnouncement(): void {
    clearTimeout(this._announcementTimer);
    const mood = moodOf(this._words.kind);
    if (mood === this._mood) {
      return;
    }
    const settleMs = mood === 'well' ? RECOVERY_MS : TROUBLE_MS;
    this._announcementTimer = setTimeout(() => {
      this._mood = mood;
      if (document.querySelector(QUESTION)) {
        return;
      }
      this._announcement = this._words.label;
      this.stateChanged.emit();
    }, settleMs);
  }

  private readonly _connection: IAIConnection;
  private readonly _trans: TranslationBundle;
  private _words: IStatusWords;
  private _announcement = '';
  private _mood: string = 'well';
  private _countdownTimer: ReturnType<typeof setTimeout> | undefined;
  private _announcementTimer: ReturnType<typeof setTimeout> | undefined;
}

/** A namespace for `StatusModel` statics. */
export namespace StatusModel {
  /** What a model needs. */
  export interface IOptions {
    /** The connection to show; not owned. */
    readonly connection: IAIConnection;
    /** The language. */
    readonly trans: TranslationBundle;
  }
}

/** Kinds between which a listener hears no difference. */
function moodOf(kind: StatusKind): string {
  switch (kind) {
    case 'connected':
    case 'sleeping':
    case 'absent':
      return 'well';
    case 'connecting':
    case 'reconnecting':
    case 'busy':
      return 'away';
    default:
      return kind;
  }
}
