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
    this.#connection = options.connection;
    this.#trans = options.trans;
    this.#words = this.#describe();
    this.#connection.statusChanged.connect(this.#onStatusChanged, this);
    window.addEventListener('online', this.#refresh);
    window.addEventListener('offline', this.#refresh);
    document.addEventListener('visibilitychange', this.#refresh);
    this.#armCountdown();
    this.#armAnnouncement();
  }

  /** What to show. */
  get words(): IStatusWords {
    return this.#words;
  }

  /** What a screen reader says; changes only when a state has settled. */
  get announcement(): string {
    return this.#announcement;
  }

  /** Stop following the connection. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.#connection.statusChanged.disconnect(this.#onStatusChanged, this);
    window.removeEventListener('online', this.#refresh);
    window.removeEventListener('offline', this.#refresh);
    document.removeEventListener('visibilitychange', this.#refresh);
    clearTimeout(this.#countdownTimer);
    clearTimeout(this.#announcementTimer);
    super.dispose();
  }

  #describe(): IStatusWords {
    const around = { nowMs: performance.now(), onLine: navigator.onLine };
    return describe(toldStatus(this.#connection), around, this.#trans);
  }

  #onStatusChanged(): void {
    this.#refresh();
  }

  readonly #refresh = (): void => {
    const words = this.#describe();
    this.#armCountdown(words);
    if (sameWords(words, this.#words)) {
      return;
    }
    const settled = words.kind === this.#words.kind;
    this.#words = words;
    if (!settled) {
      this.#armAnnouncement();
    }
    this.stateChanged.emit();
  };

  /** Wake when the number of seconds changes; a hidden page need not count. */
  #armCountdown({ countdownS }: IStatusWords = this.#words): void {
    clearTimeout(this.#countdownTimer);
    const { nextTryMs } = this.#connection.status;
    if (!countdownS || nextTryMs === null || document.hidden) {
      return;
    }
    const leftMs = nextTryMs - performance.now() - (countdownS - 1) * 1000;
    // A little late rather than early, when the number would be the same still.
    this.#countdownTimer = setTimeout(this.#refresh, Math.max(leftMs, 0) + 5);
  }

  #armAnnouncement(): void {
    clearTimeout(this.#announcementTimer);
    const mood = moodOf(this.#words.kind);
    if (mood === this.#mood) {
      return;
    }
    const settleMs = mood === 'well' ? RECOVERY_MS : TROUBLE_MS;
    this.#announcementTimer = setTimeout(() => {
      this.#mood = mood;
      if (document.querySelector(QUESTION)) {
        return;
      }
      this.#announcement = this.#words.label;
      this.stateChanged.emit();
    }, settleMs);
  }

  readonly #connection: IAIConnection;
  readonly #trans: TranslationBundle;
  #words: IStatusWords;
  #announcement = '';
  #mood: string = 'well';
  #countdownTimer: ReturnType<typeof setTimeout> | undefined;
  #announcementTimer: ReturnType<typeof setTimeout> | undefined;
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
