import { GroupItem, TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  checkIcon,
  errorIcon,
  refreshIcon,
  VDomModel,
  VDomRenderer
} from '@jupyterlab/ui-components';
import type { KeyboardEvent, ReactElement } from 'react';
import React from 'react';

/**
 * What the status bar says about the AI connection.
 */
export type AiConnectionState = 'checking' | 'connected' | 'unavailable';

/**
 * The state of the AI connection, as the status bar shows it.
 */
export class AiConnectionModel extends VDomModel {
  /**
   * @param probe - Tells whether the server half answers; must not reject.
   */
  constructor(probe: () => Promise<boolean>) {
    super();
    this._probe = probe;
  }

  /**
   * The state found last.
   */
  get state(): AiConnectionState {
    return this._state;
  }

  /**
   * Ask the server again.
   */
  async check(): Promise<void> {
    this._setState('checking');
    this._setState((await this._probe()) ? 'connected' : 'unavailable');
  }

  private _setState(state: AiConnectionState): void {
    if (this.isDisposed || state === this._state) {
      return;
    }
    this._state = state;
    this.stateChanged.emit();
  }

  private readonly _probe: () => Promise<boolean>;
  private _state: AiConnectionState = 'checking';
}

/**
 * The status bar item; a click asks the server again.
 */
export class AiConnectionStatus extends VDomRenderer<AiConnectionModel> {
  /**
   * @param model - What to show; owned and disposed of by the item.
   * @param trans - The translation bundle.
   */
  constructor(
    model: AiConnectionModel,
    private readonly trans: TranslationBundle
  ) {
    super(model);
    this.addClass('jp-AiConnectionStatus');
    this.addClass('jp-mod-highlighted');
    this.node.title = trans.__('Check the AI connection');
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    const model = this.model;
    super.dispose();
    model.dispose();
  }

  protected render(): ReactElement {
    const { icon, text } = this._appearance();
    return (
      <GroupItem
        spacing={4}
        role="button"
        tabIndex={0}
        onClick={() => void this.model.check()}
        onKeyDown={this._onKeyDown}
      >
        <icon.react stylesheet="statusBar" aria-hidden="true" />
        <TextItem className="jp-AiConnectionStatus-label" source={text} />
      </GroupItem>
    );
  }

  private _appearance(): { icon: typeof checkIcon; text: string } {
    switch (this.model.state) {
      case 'checking':
        return {
          icon: refreshIcon,
          text: this.trans.__('AI connection: checking')
        };
      case 'connected':
        return {
          icon: checkIcon,
          text: this.trans.__('AI connection: connected')
        };
      case 'unavailable':
        return {
          icon: errorIcon,
          text: this.trans.__('AI connection: not available')
        };
    }
  }

  private readonly _onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      void this.model.check();
    }
  };
}
