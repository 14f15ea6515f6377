import { GroupItem, TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import {
  checkIcon,
  circleEmptyIcon,
  ellipsesIcon,
  errorIcon,
  historyIcon,
  infoIcon,
  offlineBoltIcon,
  pauseIcon,
  refreshIcon,
  VDomRenderer
} from '@jupyterlab/ui-components';
import type { KeyboardEvent, MouseEvent, ReactElement } from 'react';
import React from 'react';

import type { StatusModel } from './model';
import type { IStatusWords, StatusKind } from './words';

/** Every kind has a shape of its own: colour alone tells nothing to many. */
const ICONS: Readonly<Record<StatusKind, LabIcon>> = {
  connected: checkIcon,
  connecting: ellipsesIcon,
  reconnecting: refreshIcon,
  busy: historyIcon,
  sleeping: pauseIcon,
  offline: offlineBoltIcon,
  asking: infoIcon,
  failed: errorIcon,
  absent: circleEmptyIcon
};

/**
 * The status bar item. A click, Enter or Space opens what there is to know.
 */
export class AiConnectionStatus extends VDomRenderer<StatusModel> {
  /**
   * @param options - What to show and what a click does.
   */
  constructor(options: AiConnectionStatus.IOptions) {
    super(options.model);
    this.trans = options.trans;
    this.#open = options.open;
    this.addClass('jp-AiConnectionStatus');
    this.addClass('jp-mod-highlighted');
  }

  /** Dispose of the item and its model. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const model = this.model;
    super.dispose();
    model.dispose();
  }

  protected render(): ReactElement {
    const { words, announcement } = this.model;
    const icon = ICONS[words.kind];
    return (
      <>
        <GroupItem
          className={`jp-AiConnectionStatus-item jp-mod-${words.kind}`}
          spacing={4}
          role="button"
          tabIndex={0}
          aria-haspopup="dialog"
          aria-label={this.#name(words)}
          title={words.sentence}
          onClick={this.#onClick}
          onKeyDown={this.#onKeyDown}
        >
          <icon.react stylesheet="statusBar" aria-hidden="true" />
          <TextItem
            className="jp-AiConnectionStatus-label"
            source={words.label}
          />
          {this.#numbers(words)}
        </GroupItem>
        <span className="jp-AiConnectionStatus-announcer" role="status">
          {announcement}
        </span>
      </>
    );
  }

  /** The name changes with the state, not with each second. */
  #name({ label, spokenAttempt }: IStatusWords): string {
    return spokenAttempt
      ? this.trans.__('%1, %2', label, spokenAttempt)
      : label;
  }

  /** The numbers keep their place while they come and go, so that the bar stands still. */
  #numbers(words: IStatusWords): ReactElement | null {
    const { attempt, countdownS, counts } = words;
    if (!counts) {
      return null;
    }
    const seconds =
      countdownS === null ? '' : this.trans.__('%1 s', countdownS);
    return (
      <span
        className="jp-StatusBar-TextItem jp-AiConnectionStatus-numbers"
        aria-hidden="true"
      >
        {attempt && (
          <span className="jp-AiConnectionStatus-attempt">{attempt}</span>
        )}
        <span className="jp-AiConnectionStatus-countdown">{seconds}</span>
      </span>
    );
  }

  readonly #onClick = ({ detail }: MouseEvent): void => {
    // The second click of a double click would undo what the first has done.
    if (detail < 2) {
      this.#open();
    }
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#open();
    }
  };

  protected readonly trans: TranslationBundle;
  readonly #open: () => void;
}

/** A namespace for `AiConnectionStatus` statics. */
export namespace AiConnectionStatus {
  /** What an item needs. */
  export interface IOptions {
    /** What to show; owned and disposed of by the item. */
    readonly model: StatusModel;
    /** The language. */
    readonly trans: TranslationBundle;
    /** Called on a click, Enter or Space. */
    readonly open: () => void;
  }
}
